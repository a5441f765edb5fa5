"""Makes this folder's source the installed ``kundenkontor`` of the running environment; ``make`` runs it.

What ``pip install --no-deps -e .`` does, without a build backend and so without the network.
"""

from __future__ import annotations

import shlex
import stat
import sys
import sysconfig
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[4]
# "#!" takes neither blanks nor long paths: sh starts the file, and Python reads the same two lines as a string
SCRIPT = """#!/bin/sh
'''exec' {python} "$0" "$@"
' '''
import sys

from {module} import {function}

sys.exit({function}())
"""


def install_editable(project: Path, packages: Path, scripts: Path) -> None:
    """Write the path file, the package's metadata and its console scripts."""
    about = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for stale in packages.glob("*editable_impl_kundenkontor.pth"):
        stale.unlink()
    # a statement in ASCII: a bare path would be read in the encoding of whatever locale Python starts in
    (packages / "kundenkontor.pth").write_text(f"import sys; sys.path.append({str(project / 'src')!a})\n")
    metadata = packages / f"{about['name']}-{about['version']}.dist-info"
    metadata.mkdir(exist_ok=True)
    text = (
        f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\nSummary: {about['description']}\n"
    )
    (metadata / "METADATA").write_text(text, encoding="utf-8")
    for name, target in about["scripts"].items():
        module, _, function = target.partition(":")
        path = scripts / name
        text = SCRIPT.format(python=shlex.quote(sys.executable), module=module, function=function)
        path.write_text(text, encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


if __name__ == "__main__":
    paths = sysconfig.get_paths()
    install_editable(PROJECT, Path(paths["purelib"]), Path(paths["scripts"]))
