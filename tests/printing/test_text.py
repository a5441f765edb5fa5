"""Numbers, dates and characters as they stand on paper."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kundenkontor.kernel.formats import format_date, format_money, format_number, format_period
from kundenkontor.printing.fonts import MISSING, printable
from kundenkontor.printing.invoice.lines import format_quantity
from kundenkontor.printing.invoice.wording import _UNITS, _WORDS
from kundenkontor.printing.letters import characters_in, drawable, font_files, undrawable


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        ("1234.56", "1.234,56\u00a0EUR", "EUR\u00a01,234.56"),
        ("0", "0,00\u00a0EUR", "EUR\u00a00.00"),
        ("-1234567.8", "\u22121.234.567,80\u00a0EUR", "EUR\u00a0\u22121,234,567.80"),
    ],
)
def test_amounts_follow_the_language(value: str, german: str, english: str) -> None:
    assert format_money(Decimal(value), "EUR", "de") == german
    assert format_money(Decimal(value), "EUR", "en") == english


def test_dates_follow_the_language() -> None:
    assert format_date(date(2026, 11, 22), "de") == "22.11.2026"
    assert format_date(date(2026, 11, 2), "en") == "2 Nov 2026"
    assert format_period(date(2026, 11, 1), date(2026, 11, 1), "de") == "01.11.2026"
    assert format_period(None, None, "de") == ""


def test_a_unit_price_is_never_rounded_on_paper() -> None:
    assert format_number(Decimal("0.000417"), "de") == "0,000417"
    assert format_number(Decimal("29.000000"), "de") == "29,00"
    assert format_number(Decimal("1E+3"), "de") == "1.000,00"


def test_units_are_words_and_pieces_are_bare() -> None:
    assert format_quantity(Decimal(1), "MON", "de") == "1\u00a0Monat"
    assert format_quantity(Decimal("2.5"), "HUR", "en") == "2.5\u00a0h"
    assert format_quantity(Decimal(3), "C62", "de") == "3"


def test_both_languages_have_the_same_words() -> None:
    assert _WORDS["de"].keys() == _WORDS["en"].keys()
    assert _UNITS["de"].keys() == _UNITS["en"].keys()


def test_european_letters_stay_and_others_become_a_visible_box() -> None:
    assert printable("Łódź Čeština Ελληνικά Größe €") == "Łódź Čeština Ελληνικά Größe €"
    assert printable("a🚀b東") == f"a{MISSING}b{MISSING}"
    assert printable("u\u0308") == "ü"


def test_of_a_text_all_letters_are_found_that_a_face_lacks() -> None:
    every = "".join(map(chr, range(0x30000)))
    lacking = "".join(char for char in every if char not in drawable() and not char.isspace())
    assert undrawable(every + every) == lacking
    assert undrawable("Jožko Müller-Weiß, 漢字 und 漢") == "漢字"


def test_the_box_itself_is_in_both_fonts() -> None:
    for path in font_files():
        assert ord(MISSING) in characters_in(path.read_bytes())


def test_invisible_characters_cannot_turn_a_name_around() -> None:
    assert printable("Ada\u202egnp.exe\x00\u200d\ufe0f") == "Ada gnp.exe "


def test_a_long_word_gets_places_to_break() -> None:
    broken = printable("x" * 60 + ".example")

    assert max(map(len, broken.split("\u200b"))) <= 23
    assert broken.replace("\u200b", "") == "x" * 60 + ".example"
