"""Every refusal has its sentence marked, and its German."""

from __future__ import annotations

import ast
import gettext
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3] / "src" / "kundenkontor"
SENTENCES = {"template", "label", "warning"}
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
    assert not missing, "\n".join(["please run: make texts, and write the German where it stands empty", *missing])


def unmarked(tree: ast.AST) -> Iterator[str]:
    """Sentences of classes with a ``code`` that are no ``message("…")``, so that nobody would translate them."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        values = {
            target.id: one.value
            for one in node.body
            if isinstance(one, ast.Assign | ast.AnnAssign)
            for target in (one.targets if isinstance(one, ast.Assign) else [one.target])
            if isinstance(target, ast.Name)
        }
        for name in SENTENCES & values.keys() if "code" in values else ():
            if not ast.unparse(values[name] or node).startswith(("message(", "''")):
                yield f"{node.name}.{name}"


def test_every_sentence_of_a_refusal_is_marked() -> None:
    found = {
        str(path.relative_to(SOURCE)): names
        for path in SOURCE.rglob("*.py")
        if "migrations" not in path.parts and (names := list(unmarked(ast.parse(path.read_text("utf-8")))))
    }
    assert found == {}


def test_an_unmarked_sentence_is_seen() -> None:
    assert list(unmarked(ast.parse("class A(B):\n    code = 'a'\n    template = gettext_lazy('No.')\n"))) == [
        "A.template"
    ]
    assert list(unmarked(ast.parse("class A(B):\n    code = 'a'\n    template: str = 'No.'\n"))) == ["A.template"]
