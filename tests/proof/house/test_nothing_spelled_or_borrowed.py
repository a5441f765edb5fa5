"""Insides of libraries are not ours to import, and events are named by their constants only."""

from __future__ import annotations

import ast
from pathlib import Path

from kundenkontor.events.names import EVENT_NAMES
from tests.proof.house.test_http_in_faces_only import SOURCE, imported_modules


def test_no_inside_of_allauth_is_imported() -> None:
    borrowed = [
        f"{path.relative_to(SOURCE)}: {name}"
        for path in SOURCE.rglob("*.py")
        for name in imported_modules(path)
        if name.startswith("allauth.") and "internal" in name.split(".")
    ]

    assert borrowed == []


def test_checks_name_events_by_their_constants() -> None:
    spelled = [
        f"{path.relative_to(SOURCE)}: {name}"
        for path in SOURCE.rglob("checks.py")
        for text in _texts(path)
        for name in EVENT_NAMES
        if f"'{name}'" in text
    ]

    assert spelled == []


def _texts(path: Path) -> list[str]:
    """Every piece of text in a file, also those of f-strings."""
    nodes = ast.walk(ast.parse(path.read_text()))
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
