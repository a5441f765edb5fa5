"""Removes the links to sponsors from package-lock.json: the lock names no host."""

from __future__ import annotations

import json
from pathlib import Path

path = Path("package-lock.json")
lock = json.loads(path.read_text())
for package in lock["packages"].values():
    package.pop("funding", None)
path.write_text(json.dumps(lock, indent=2) + "\n")
