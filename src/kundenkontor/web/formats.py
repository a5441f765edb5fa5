"""How money, dates and sizes are written in German and English. Pure; the language is a parameter."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

NBSP = "\u00a0"
MINUS = "\u2212"
MONTHS_EN = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
UNITS = ("B", "kB", "MB", "GB", "TB")


def is_german(language: str) -> bool:
    return language.startswith("de")


def format_decimal(value: Decimal | int, language: str, *, places: int = 2) -> str:
    """``-1234.5`` -> ``−1.234,50`` (de), ``−1,234.50`` (en), with a true minus sign."""
    text = f"{abs(value):,.{places}f}"
    if is_german(language):
        text = text.translate(str.maketrans(",.", ".,"))
    return f"{MINUS}{text}" if value < 0 else text


def format_value(value: object, language: str) -> object:
    """A date or an amount as the language writes it, with its own decimal places; anything else as it is."""
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        return format_decimal(value, language, places=max(0, -exponent) if isinstance(exponent, int) else 0)
    return format_date(value, language) if isinstance(value, date) else value


def format_money(amount: Decimal, currency: str, language: str) -> str:
    """``1.234,56 EUR`` (de), ``EUR 1,234.56`` (en); never broken over two lines."""
    number = format_decimal(amount, language)
    return f"{number}{NBSP}{currency}" if is_german(language) else f"{currency}{NBSP}{number}"


def format_date(day: date, language: str) -> str:
    """``22.11.2026`` (de), ``22 Nov 2026`` (en)."""
    if is_german(language):
        return f"{day.day:02}.{day.month:02}.{day.year:04}"
    return f"{day.day}{NBSP}{MONTHS_EN[day.month - 1]}{NBSP}{day.year:04}"


def format_instant(instant: datetime, language: str) -> str:
    """Local date and time to the minute; the caller has converted the instant to the reader's zone."""
    return f"{format_date(instant.date(), language)}, {instant:%H:%M}"


def format_bytes(size: int, language: str) -> str:
    """Decimal units with one place from kB on: ``4,2 MB``."""
    value, unit = Decimal(size), 0
    while value >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{format_decimal(value, language, places=1 if unit else 0)}{NBSP}{UNITS[unit]}"
