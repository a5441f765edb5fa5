"""One table of events: nothing else is recorded, every name in it is, and each is told in the reader's language."""

from __future__ import annotations

import ast
import gettext
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

import kundenkontor
from kundenkontor.events import names
from kundenkontor.events.names import EVENT_NAMES, INVOICE_ISSUED, EventName, event_words, names_about

SOURCE = Path(kundenkontor.__file__).parent
TABLE = SOURCE / "events" / "names.py"
CATALOGUE = SOURCE / "locale" / "de" / "LC_MESSAGES" / "django.mo"
CONSTANTS = {constant: value for constant, value in vars(names).items() if isinstance(value, EventName)}


def nodes() -> Iterator[tuple[str, ast.AST]]:
    """Every node of every file but the table."""
    for file in SOURCE.rglob("*.py"):
        if file != TABLE and "migrations" not in file.parts:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                yield str(file.relative_to(SOURCE)), node


def called(node: ast.AST) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def test_every_event_has_german_words() -> None:
    with CATALOGUE.open("rb") as file:
        german = gettext.GNUTranslations(file)
    with translation.override("en"):
        english = {name: event_words(name) for name in EVENT_NAMES}
    assert len(english) > 60
    assert [name for name, words in english.items() if german.gettext(words) == words] == []


def test_every_constant_is_called_like_its_event_and_no_name_stands_twice() -> None:
    assert len(EVENT_NAMES) == len(CONSTANTS)
    assert {constant: value.name.upper().replace(".", "_") for constant, value in CONSTANTS.items()} == {
        constant: constant for constant in CONSTANTS
    }


def test_no_event_is_named_outside_the_table() -> None:
    made = [place for place, node in nodes() if called(node) == "EventName"]
    spelled = [
        place
        for place, node in nodes()
        if called(node) == "record_events" and isinstance(node, ast.Call) and isinstance(node.args[0], ast.Constant)
    ]
    assert (made, spelled) == ([], [])


def test_every_event_of_the_table_is_used() -> None:
    used = {node.id for _place, node in nodes() if isinstance(node, ast.Name)}
    assert sorted(set(CONSTANTS) - used) == []


@pytest.mark.parametrize(("language", "words"), [("de", "Beleg ausgestellt"), ("en", "Document issued")])
def test_an_event_is_told_in_the_readers_language_and_an_unknown_one_by_its_name(language: str, words: str) -> None:
    with translation.override(language):
        assert event_words("invoice.issued") == words
        assert event_words("plugin.loaded") == "plugin.loaded"


def test_the_history_of_a_row_asks_for_the_events_about_its_kind() -> None:
    assert INVOICE_ISSUED.name in names_about("invoice")
    assert "payment.received" not in names_about("invoice")
