"""Every text has its German, in the fragment of the place that uses it, and no fragment holds anything else."""

from __future__ import annotations

import ast
import re

from tests.support.texts import FRAGMENTS, KEYWORDS, SOURCE, arranged, translations, untranslated

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*(?::\w+)?\}")


def test_every_text_has_its_german() -> None:
    assert untranslated() == {}, "please run: make texts, and write the German where it stands empty"


def test_every_entry_stands_where_it_is_used() -> None:
    """Sorted by its English; what nothing uses is gone."""
    found = {path: path.read_text() for path in FRAGMENTS.rglob("*.po")}
    wanted = arranged()
    differing = [str(path) for path in {*found, *wanted} if found.get(path) != wanted.get(path)]
    assert not differing, f"please run: make texts ({', '.join(sorted(differing))})"


def test_translations_keep_the_placeholders() -> None:
    """A singular may say "the" instead of "1"."""
    for english, german in translations():
        assert _placeholders(german[-1]) == _placeholders(english[-1]), german
        assert _placeholders(german[0]) <= _placeholders(english[-1]), german


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def test_no_text_hides_in_an_f_string() -> None:
    """Babel looks into no f-string, so its German would be taken for unused."""
    hidden = [
        f"{path.relative_to(SOURCE)}:{call.lineno}"
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS
        if call.args and isinstance(call.args[0], ast.Constant)
    ]
    assert hidden == []
