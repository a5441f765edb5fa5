"""``make check``: no Python file is longer than 400 lines, and 19 of 20 functions of the product have at most 23.

Migrations are generated and do not count; neither do the functions of tests, which tell stories.
"""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST_FILE = 400
LONGEST_OF_MOST = 23
MOST = 0.95


def files_of(folder: str) -> list[Path]:
    return sorted(path for path in Path(folder).rglob("*.py") if "migrations" not in path.parts)


def too_long(folders: list[str]) -> Iterator[str]:
    """The files above the limit, with their number of lines."""
    for path in (path for folder in folders for path in files_of(folder)):
        lines = len(path.read_text().splitlines())
        if lines > LONGEST_FILE:
            yield f"{path}: {lines} lines, at most {LONGEST_FILE}"


def too_long_functions(folder: str) -> Iterator[str]:
    """A sentence if the 95th percentile is above the limit, and the functions that put it there."""
    lengths = sorted(
        (node.end_lineno - node.lineno + 1, f"{path}: {node.name}")
        for path in files_of(folder)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    )
    percentile = lengths[math.ceil(MOST * len(lengths)) - 1][0]
    if percentile > LONGEST_OF_MOST:
        yield f"{folder}: 5 % of the functions have {percentile} lines or more, at most {LONGEST_OF_MOST}; the longest:"
        yield from (f"  {name}, {length} lines" for length, name in lengths[-10:])


if __name__ == "__main__":
    sys.exit("\n".join([*too_long(sys.argv[1:]), *too_long_functions("src")]) or 0)
