"""``make check``: no Python file is longer than 400 lines; migrations are generated and do not count."""

from __future__ import annotations

import sys
from pathlib import Path

LONGEST = 400


def too_long(folders: list[str]) -> list[str]:
    """The files above the limit, with their number of lines."""
    found = []
    for file in sorted(path for folder in folders for path in Path(folder).rglob("*.py")):
        lines = 0 if "migrations" in file.parts else len(file.read_text().splitlines())
        if lines > LONGEST:
            found.append(f"{file}: {lines} lines, at most {LONGEST}")
    return found


if __name__ == "__main__":
    sys.exit("\n".join(too_long(sys.argv[1:])) or 0)
