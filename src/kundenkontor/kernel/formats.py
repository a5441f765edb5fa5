"""How numbers, money, dates and sizes are written: on pages and documents, in mails and files. Pure.

Signs and names are those of the Unicode CLDR. Babel's own functions interpret a pattern for every number; a list page
writes hundreds, a document thousands.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from babel import Locale
from babel.dates import get_month_names
from babel.numbers import get_decimal_symbol, get_group_symbol

NBSP = "\u00a0"
MINUS = "\u2212"
EN_DASH = "\u2013"
UNITS = ("B", "kB", "MB", "GB", "TB")


class Way(NamedTuple):
    """What a language writes with: ``signs`` turns Python's separators into its own, empty where they are the same."""

    is_german: bool
    signs: dict[int, int]
    decimal_sign: str
    months: tuple[str, ...]


@cache
def way_of(language: str) -> Way:
    """German for ``de`` and its regions, else English."""
    is_german = language.startswith("de")
    locale = Locale("de" if is_german else "en")
    group_sign, decimal_sign = get_group_symbol(locale), get_decimal_symbol(locale)
    signs = {} if group_sign + decimal_sign == ",." else str.maketrans(",.", group_sign + decimal_sign)
    return Way(is_german, signs, decimal_sign, tuple(get_month_names("abbreviated", locale=locale).values()))


def is_german(language: str) -> bool:
    return way_of(language).is_german


def format_decimal(value: Decimal | int, language: str, *, places: int = 2) -> str:
    """``-1234.5`` -> ``−1.234,50`` (de), ``−1,234.50`` (en), rounded to the places, with a true minus sign."""
    text = f"{abs(value):,.{places}f}"
    if signs := way_of(language).signs:
        text = text.translate(signs)
    return f"{MINUS}{text}" if value < 0 else text


def format_number(value: Decimal | int, language: str, *, places: int = 2) -> str:
    """At least ``places`` decimals, more where the value has them: a price or a quantity must not be rounded."""
    if isinstance(value, Decimal):
        places = max(places, places_of(value.normalize()))
    return format_decimal(value, language, places=places)


def places_of(value: Decimal) -> int:
    """How many decimal places a number is written with: ``1.50`` has two."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def format_rate(rate: Decimal, language: str) -> str:
    """``20 %``, ``5,5 %``."""
    return f"{format_number(rate, language, places=0)}{NBSP}%"


def format_money(amount: Decimal, currency: str, language: str) -> str:
    """``1.234,56 EUR`` (de), ``EUR 1,234.56`` (en), never rounded and never broken over two lines.

    The currency stands where the CLDR has it, and the European Union's style guide in English.
    """
    number = format_number(amount, language)
    return f"{number}{NBSP}{currency}" if way_of(language).is_german else f"{currency}{NBSP}{number}"


def format_date(day: date, language: str) -> str:
    """``22.11.2026`` (de), ``22 Nov 2026`` (en). On pages the style sheet keeps it on one line."""
    way = way_of(language)
    if way.is_german:
        return f"{day.day:02}.{day.month:02}.{day.year:04}"
    return f"{day.day} {way.months[day.month - 1]} {day.year:04}"


def format_period(start: date | None, end: date | None, language: str) -> str:
    """A period of one day is that day; without dates it is empty."""
    days = [format_date(day, language) for day in (start, end) if day is not None]
    return f" {EN_DASH} ".join(dict.fromkeys(days))


def format_instant(instant: datetime, language: str) -> str:
    """Local date and time to the minute; the caller has converted the instant to the reader's zone."""
    return f"{format_date(instant.date(), language)}, {instant:%H:%M}"


def format_bytes(size: int, language: str) -> str:
    """Decimal units with one place from kB on: ``4,2 MB``."""
    value, unit = Decimal(size), 0
    while value >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{format_decimal(value, language, places=1 if unit else 0)}{NBSP}{UNITS[unit]}"


def format_iban(iban: str) -> str:
    """In groups of four (ISO 13616 print form)."""
    return NBSP.join(iban[start : start + 4] for start in range(0, len(iban), 4))


def format_value(value: object, language: str, currency: str = "") -> object:
    """A date, an amount of money, or a number with its own decimal places; anything else as it is."""
    if isinstance(value, Decimal):
        if currency:
            return format_money(value, currency, language)
        return format_decimal(value, language, places=places_of(value))
    return format_date(value, language) if isinstance(value, date) else value


def plain_number(value: Decimal, language: str) -> str:
    """For spreadsheets, no groups and a hyphen: ``-1234,50``. Prices, stored with six places: ``30,00``, ``0,0083``."""
    places = max(min(2, places_of(value)), places_of(value.normalize()))
    return f"{value:.{places}f}".replace(".", way_of(language).decimal_sign)


def plain_day(day: date, language: str) -> str:
    """For spreadsheets and fields to fill in: ``22.11.2026`` (de), ``2026-11-22`` (en)."""
    return format_date(day, language) if way_of(language).is_german else day.isoformat()
