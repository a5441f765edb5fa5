"""How amounts, dates and sizes are written, on paper and on pages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kundenkontor.kernel.formats import format_bytes, format_date, format_money, plain_day, plain_number


@pytest.mark.parametrize(
    ("amount", "german", "english"),
    [
        ("1234.56", "1.234,56 EUR", "EUR 1,234.56"),
        ("0.00", "0,00 EUR", "EUR 0.00"),
        ("-11.90", "−11,90 EUR", "EUR −11.90"),
        ("1234567.8", "1.234.567,80 EUR", "EUR 1,234,567.80"),
    ],
)
def test_money_is_written_in_the_readers_language(amount: str, german: str, english: str) -> None:
    assert format_money(Decimal(amount), "EUR", "de").replace("\u00a0", " ") == german
    assert format_money(Decimal(amount), "EUR", "en-gb").replace("\u00a0", " ") == english


def test_a_price_is_written_with_all_its_places() -> None:
    assert format_money(Decimal("0.008300"), "EUR", "en") == "EUR\u00a00.0083"
    assert format_money(Decimal("29.000000"), "EUR", "de") == "29,00\u00a0EUR"


def test_dates_are_written_in_the_readers_language() -> None:
    assert format_date(date(2026, 11, 2), "de") == "02.11.2026"
    assert format_date(date(2026, 11, 2), "en") == "2 Nov 2026"


def test_sizes_have_decimal_units() -> None:
    assert format_bytes(4_200_000, "de").replace("\u00a0", " ") == "4,2 MB"
    assert format_bytes(999, "en").replace("\u00a0", " ") == "999 B"


def test_spreadsheets_get_numbers_without_groups_and_with_the_places_they_need() -> None:
    assert plain_number(Decimal("-1234.500000"), "de") == "-1234,50"
    assert plain_number(Decimal("0.008300"), "en") == "0.0083"
    assert plain_number(Decimal(5), "de") == "5"
    assert plain_day(date(2026, 11, 2), "de") == "02.11.2026"
    assert plain_day(date(2026, 11, 2), "en") == "2026-11-02"
