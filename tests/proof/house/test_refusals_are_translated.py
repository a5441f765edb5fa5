"""Every refusal has its German sentence."""

from __future__ import annotations

import ast
import gettext
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3] / "src" / "kundenkontor"
CATALOGUE = SOURCE / "locale" / "de" / "LC_MESSAGES" / "django.mo"


def refusals() -> Iterator[tuple[str, str]]:
    """File and sentence of every ``message("…")``."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "message":
                text = ast.literal_eval(node.args[0])
                yield str(path.relative_to(SOURCE)), text


def test_every_refusal_speaks_german() -> None:
    with CATALOGUE.open("rb") as file:
        german = gettext.GNUTranslations(file)
    missing = sorted({sentence for _, sentence in refusals() if german.gettext(sentence) == sentence})
    assert not missing, "\n".join(missing)
