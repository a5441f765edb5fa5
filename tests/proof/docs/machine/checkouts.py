"""Copies of this checkout, with the packages that are installed here: ``make install`` then needs no network."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[4]
AUTHOR = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
# made by make from the files of the checkout: each copy makes its own
OWN = ("bin/kundenkontor", "lib/*/site-packages/kundenkontor*", ".editable")
INSTALLED = (".venv/.python", ".venv/.runtime", "node_modules/.installed")


def make_repository(folder: Path) -> None:
    """A git repository whose one commit is the checkout as it stands, changes included."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=PROJECT, capture_output=True, check=True).stdout
    for name in filter(None, names.decode().split("\0")):
        if (PROJECT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
    for arguments in (["init", "--quiet"], ["add", "--all"], [*AUTHOR, "commit", "--quiet", "--message=As it stands"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)


def install_packages(checkout: Path) -> None:
    """What ``make install`` fetches from registries, as links to the files that were fetched here."""
    for name in (".venv", "node_modules"):
        shutil.copytree(PROJECT / name, checkout / name, symlinks=True, copy_function=_link, dirs_exist_ok=True)
    for pattern in OWN:
        for path in (checkout / ".venv").glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (checkout / "node_modules/.assets").unlink(missing_ok=True)
    for name in INSTALLED:
        (checkout / name).unlink()
        (checkout / name).touch()


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copy2(source, target)
