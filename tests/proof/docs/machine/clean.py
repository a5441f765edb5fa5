"""A machine as an operator finds it: a root folder of its own with a PostgreSQL and nginx, and nothing of ours."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import psycopg

from kundenkontor.config.database.postgres import Cluster
from tests.proof.docs.machine.checkouts import install_packages, make_repository

HERE = Path(__file__).parent
NEEDED = ("unshare", "nsenter", "setpriv", "ip", "git", "make", "curl", "openssl", "nginx", "systemd-analyze")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PASSWORDS = {"OWNER_PASSWORD": "owner/pass:1", "APP_PASSWORD": "app'pass@2"}
NAMESPACES = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child")
SECONDS = 600  # for one block; nothing here depends on how fast the machine is


def what_is_missing() -> str:
    """The programs that have to be installed before such a machine can be made; nothing if all are there."""
    missing = [program for program in NEEDED if shutil.which(program) is None]
    return f"missing: {', '.join(missing)} (.ci/server-tools)" if missing else ""


def what_is_refused() -> str:
    """Why this kernel, or this user, may not make one; nothing if it may."""
    if os.getuid() != 0:
        return "needs root"
    tried = subprocess.run([*NAMESPACES, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True)
    return f"no namespaces here: {tried.stderr.strip()}" if tried.returncode else ""


class Machine:
    """Where an operator types; ``url`` leads to the same database from outside."""

    def __init__(self, root: Path, cluster: Cluster, process: subprocess.Popen[str]) -> None:
        self.root, self.cluster = root, cluster
        self.process_id = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0]
        self.environment = PASSWORDS | {
            "PATH": PATH, "HOME": "/root", "EDITOR": "/root/fill-in",
            "PGHOST": "/run/postgresql", "PGPORT": str(cluster.port), "PGUSER": "postgres",
            "PGPASSWORD": cluster.password("postgres"),
        }  # fmt: skip

    def call(self, script: str, user: str = "root", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run what somebody types into bash, with a careful person's umask and no locale."""
        enter = ["nsenter", f"--target={self.process_id}", "--mount", "--net", "--pid", "--root", "--wdns=/root"]
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user != "root" else []
        variables = [f"{name}={value}" for name, value in (environment or self.environment).items()]
        shell = ["bash", "-euo", "pipefail", "-c", f"umask 077\n{script}"]
        return subprocess.run(
            [*enter, *become, "env", "-i", *variables, *shell], capture_output=True, text=True, timeout=SECONDS,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def run(self, script: str, user: str = "root", **environment: str) -> str:
        """What it says on both channels. Raises AssertionError if it fails."""
        done = self.call(script, user, **environment)
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def fill_in(self, **settings: str) -> None:
        """What the operator writes into whatever file the editor opens: values of settings, commented out or not."""
        lines = [f"s#^\\#*{name}=.*#{name}={value.replace('&', chr(92) + '&')}#" for name, value in settings.items()]
        (self.root / "root/filled").write_text("\n".join(lines))
        editor = self.root / "root/fill-in"
        editor.write_text('#!/bin/sh\nexec sed --in-place --file=/root/filled "$1"\n')
        editor.chmod(0o755)

    def database_settings(self) -> dict[str, str]:
        where = f"@/kundenkontor?host=%2Frun%2Fpostgresql&port={self.cluster.port}"
        return {
            name: f"postgresql://{role}:{quote(PASSWORDS[password], safe='')}{where}"
            for name, role, password in (
                ("DATABASE_URL", "kundenkontor_app", "APP_PASSWORD"),
                ("DATABASE_OWNER_URL", "kundenkontor_owner", "OWNER_PASSWORD"),
            )
        }

    def install_packages(self) -> None:
        install_packages(self.root / "opt/kundenkontor")

    def connect(self, role: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.cluster.socket_dir), port=self.cluster.port, dbname="kundenkontor",
            user=f"kundenkontor_{role}", password=PASSWORDS[f"{role.upper()}_PASSWORD"],
        )  # fmt: skip

    def python(self, script: str) -> str:
        """Run Python as the service does, with its settings and the builders of the tests."""
        text = (self.root / "etc/kundenkontor.env").read_text()
        settings = dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.M)) | {
            "PATH": PATH, "KUNDENKONTOR_MODE": "production", "KUNDENKONTOR_VAR": "/var/lib/kundenkontor",
            "PYTHONPATH": "/opt/kundenkontor", "DJANGO_SETTINGS_MODULE": "kundenkontor.config.settings",
        }  # fmt: skip
        return self.run(f"/opt/kundenkontor/.venv/bin/python - <<'EOF'\n{script}\nEOF", "kundenkontor", **settings)


@contextmanager
def clean_machine() -> Iterator[Machine]:
    """Not below pytest's own folder: another pytest that starts meanwhile closes that one to the server's user."""
    with TemporaryDirectory(prefix="kk-operations-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        cluster = Cluster(folder / "pg", folder / "secrets", {"shared_buffers": "64MB", "fsync": "off"})
        cluster.start()
        cluster.socket_dir.chmod(0o755)
        next(cluster.socket_dir.glob(".s.PGSQL.*[0-9]")).chmod(0o777)
        try:
            with _running_root(folder, cluster) as process:
                machine = Machine(folder / "root", cluster, process)
                _put_tools(machine)
                yield machine
        finally:
            cluster.stop()


@contextmanager
def _running_root(folder: Path, cluster: Cluster) -> Iterator[subprocess.Popen[str]]:
    (folder / "root").mkdir()
    (folder / "source").mkdir()
    make_repository(folder / "source")
    more = [] if sys.base_prefix.startswith("/usr") else [sys.base_prefix]
    arguments = [HERE / "root.sh", folder / "root", cluster.socket_dir, folder / "source", *more]
    command = [*NAMESPACES, "sh", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _put_tools(machine: Machine) -> None:
    """What the machine has besides Debian's: sudo, systemctl, PostgreSQL's clients, a certificate for nginx."""
    for name in ("sudo", "systemctl"):
        (machine.root / "local-bin" / name).unlink(missing_ok=True)
        shutil.copy(HERE / name, machine.root / "local-bin" / name)
    programs = machine.cluster.bin_dir
    for name in ("psql", "createdb", "dropdb"):
        (machine.root / "local-bin" / name).unlink(missing_ok=True)
        (machine.root / "local-bin" / name).symlink_to(f"/srv/postgresql/bin/{name}")
    shutil.copytree(programs.parent, machine.root / "srv/postgresql", symlinks=True)
    machine.run(
        "id postgres || useradd --system postgres\n"
        'git config --system url./srv/source.insteadOf "https://example.org/kundenkontor.git"\n'
        "git config --system --add safe.directory '*'\n"
        "install -d /etc/ssl/kundenkontor && cd /etc/ssl/kundenkontor\n"
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout privkey.pem"
        " -out fullchain.pem -days 2 -subj /CN=kunden.example.com -addext subjectAltName=DNS:kunden.example.com\n"
    )
