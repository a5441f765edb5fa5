"""What people write, in characters that paper, XML and database hold alike."""

from __future__ import annotations

from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from kundenkontor.kernel.texts import holds_controls, many_lines, one_line
from kundenkontor.printing.fonts import printable
from kundenkontor.printing.letters import undrawable


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("Ada\nLovelace\r\nKG", "Ada Lovelace KG"),
        ("Ada\u2028Lovelace\x85KG", "Ada Lovelace KG"),
        ("Ada\x00Love\x07lace", "Ada Love lace"),
        ("Ada\u202egnp.exe", "Ada gnp.exe"),
        ("Donau\u00addampf\u200bschiff\ufeff", "Donaudampfschiff"),
        ("Mu\u0308ller\u00a0KG", "Müller KG"),
        ("\u2764\ufe0f", "\u2764"),
        ("a\ufffeb\uffffc\ufdd0d", "a b c d"),
    ],
)
def test_a_line_holds_no_breaks_controls_or_turns(typed: str, stored: str) -> None:
    assert one_line(typed) == stored


def test_several_lines_keep_their_breaks_and_nothing_else() -> None:
    assert (
        many_lines(" Sehr geehrte\u202e Frau \r\nHuber,\x0b\n\x00danke\t!\n")
        == "Sehr geehrte  Frau\nHuber,\n\n danke !"
    )


def test_blanks_of_any_width_are_those_that_paper_has() -> None:
    """Also in several lines, which one_line does not split at."""
    blanks = [chr(code) for code in range(0x3001) if chr(code).isspace()]
    for clean in (one_line, many_lines):
        stored = clean("a" + "a".join(blanks) + "a")
        assert printable(stored).replace("\u200b", "") == stored and not undrawable(stored)
    assert many_lines("1.234,50\u00a0EUR\u3000x") == "1.234,50\u00a0EUR x"


def test_controls_are_told_from_space() -> None:
    assert holds_controls("A\x07da") and holds_controls("A\x9fda")
    assert not holds_controls("A\tda\r\nB\u200bob\u202e")


@given(st.text())
def test_xml_gives_back_what_is_stored_and_cleaning_again_changes_nothing(typed: str) -> None:
    for clean in (one_line, many_lines):
        stored = clean(typed)
        assert clean(stored) == stored
        assert (etree.fromstring(f"<a>{escape(stored)}</a>".encode()).text or "") == stored


@given(st.text(st.characters(max_codepoint=0x17F)))
def test_paper_shows_what_is_stored(typed: str) -> None:
    stored = one_line(typed)
    if not undrawable(stored):
        assert printable(stored).replace("\u200b", "") == stored
