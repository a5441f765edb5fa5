"""PostgreSQL refuses to run as root: then it runs as ``nobody``, or in a user namespace if nobody cannot reach it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

NAMESPACE = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]


def server_user_prefix(program: Path, directory: Path) -> list[str]:
    """The command that goes before a server program; empty for an ordinary user."""
    if os.getuid() != 0:
        return []
    as_nobody = _as_nobody()
    reachable = [*as_nobody, "sh", "-c", '"$0" --version && test -x "$1"', str(program), str(directory)]
    return as_nobody if as_nobody and _works(reachable) else list(NAMESPACE)


def _as_nobody() -> list[str]:
    if not shutil.which("setpriv"):
        return []
    nobody = pwd.getpwnam("nobody")
    return ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]


def _works(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, cwd="/", check=False).returncode == 0


def give_to_server_user(prefix: list[str], *paths: Path) -> None:
    """Make the server's user the owner of these paths (not of what is below them)."""
    if prefix and prefix[0] == "setpriv":
        nobody = pwd.getpwnam("nobody")
        for path in paths:
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
