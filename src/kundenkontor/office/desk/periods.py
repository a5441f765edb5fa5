"""How periods of returns are named on several desks."""

from __future__ import annotations

from datetime import date


def month_name(day: date) -> str:
    return f"{day:%m/%Y}"


def quarter_name(day: date) -> str:
    return f"Q{(day.month + 2) // 3}/{day.year}"


def period_name(first: date, last: date) -> str:
    """A month, a quarter, or the months from one to another."""
    if first.month == last.month and first.year == last.year:
        return month_name(first)
    is_quarter = first.month % 3 == 1 and (last.year, last.month) == (first.year, first.month + 2)
    return quarter_name(first) if is_quarter else f"{month_name(first)} \u2013 {month_name(last)}"
