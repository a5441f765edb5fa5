"""The dates an import asks for."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def one_period_later(start: date, months: int) -> date:
    """The first day of the second period; a 31st falls on the last day of a shorter month."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def suggested_cut_over_date(on: date) -> date:
    """The first of next month: whatever begins until then was still billed by the old system."""
    return one_period_later(on.replace(day=1), 1)
