"""HTTP exists only in the faces, in ``web`` and in ``config``."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3] / "src" / "kundenkontor"
WITH_HTTP = {"config", "portal", "office", "web", "reactions.py"}  # reactions link to a page in a mail
HTTP = ("django.http", "django.shortcuts", "django.views", "django.urls")


def imported_modules(path: Path) -> set[str]:
    """Every absolute module name a file imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_packages_below_the_faces_know_no_http() -> None:
    offenders = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).parts[0] not in WITH_HTTP
        and any(name.startswith(HTTP) for name in imported_modules(path))
    ]

    assert offenders == []
