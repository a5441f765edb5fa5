"""Fenced blocks of the documents that are marked for execution."""

from __future__ import annotations

import re
from pathlib import Path

OPERATIONS = Path(__file__).resolve().parents[3] / "docs" / "operations"
FENCED = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks_of(document: str) -> list[str]:
    """The scripts of the ```` ```sh run ```` blocks of a document in docs/operations."""
    return [text for mark, text in fenced(document) if mark == "sh run"]


def fenced(document: str) -> list[tuple[str, str]]:
    """Every fenced block of a document in docs/operations: how it is marked, and its text."""
    return FENCED.findall((OPERATIONS / document).read_text(encoding="utf-8"))
