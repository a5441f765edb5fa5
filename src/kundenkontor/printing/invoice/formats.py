"""Dates, amounts and quantities as the reader's language writes them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from kundenkontor.printing.invoice.frozen import Language

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MINUS = "\u2212"
_GERMAN = str.maketrans(",.", ".,")
EN_DASH = "\u2013"


def format_date(day: date, language: Language) -> str:
    """22.11.2026, 22 Nov 2026."""
    if language == "en":
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{day.day:02}.{day.month:02}.{day.year}"


def format_period(start: date | None, end: date | None, language: Language) -> str:
    """A period of one day is that day; without dates it is empty."""
    days = [format_date(day, language) for day in (start, end) if day is not None]
    return f" {EN_DASH} ".join(dict.fromkeys(days))


def format_number(value: Decimal, language: Language, *, places: int = 2) -> str:
    """At least ``places`` decimals, more where the value has them: a price must not be rounded on paper."""
    exponent = value.normalize().as_tuple().exponent
    decimals = max(places, -exponent if isinstance(exponent, int) else 0)
    text = f"{abs(value):,.{decimals}f}"
    sign = _MINUS if value < 0 else ""
    return sign + (text.translate(_GERMAN) if language == "de" else text)


def format_amount(value: Decimal, currency: str, language: Language) -> str:
    """1.234,56 EUR with a no-break space."""
    return f"{format_number(value, language)}\u00a0{currency}"


def format_rate(rate: Decimal, language: Language) -> str:
    return f"{format_number(rate, language, places=0)}\u00a0%"


def format_iban(iban: str) -> str:
    """In groups of four (ISO 13616 print form)."""
    return "\u00a0".join(iban[start : start + 4] for start in range(0, len(iban), 4))
