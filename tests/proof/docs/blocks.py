"""Fenced blocks of the documents that are marked for execution."""

from __future__ import annotations

import re
from pathlib import Path

OPERATIONS = Path(__file__).resolve().parents[3] / "docs" / "operations"
BLOCK = re.compile(r"^```sh run\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks_of(document: str) -> list[str]:
    """The scripts of the ```` ```sh run ```` blocks of a document in docs/operations."""
    return BLOCK.findall((OPERATIONS / document).read_text())
