"""Billing periods of a contract, counted from its start date. Pure; in the hot path of a billing run."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

DAY = timedelta(days=1)


class Period(NamedTuple):
    """From first to last day, inclusive. ``days`` are used, of the ``whole_days`` an uncut period has.

    ``whole_start`` is the anniversary that the whole period begins on: price and discount are those of that day. It
    lies before ``start`` where an end date was taken back and only the rest of the period is left.
    """

    start: date
    end: date
    days: int
    whole_days: int
    whole_start: date

    @property
    def days_before(self) -> int:
        """Days of the whole period that were billed before this rest of it."""
        return (self.start - self.whole_start).days

    @property
    def is_cut(self) -> bool:
        return self.days != self.whole_days


@lru_cache(maxsize=65536)
def add_months(start: date, months: int) -> date:
    """The anniversary: a 31st falls on the last day of a shorter month and returns to the 31st (counted from start)."""
    total = start.year * 12 + start.month - 1 + months
    year, month = total // 12, total % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def periods_due(
    start_date: date,
    months: int,
    *,
    billed_until: date,
    end_date: date | None = None,
    first_start: date | None = None,
    billed_to: date | None = None,
    is_divisible: bool = True,
) -> Iterator[Period]:
    """The periods that begin on or before ``billed_until``, in order, in advance.

    Periods begin on the anniversaries of the start date; those that begin before ``first_start`` (the cut-over
    date) are billed elsewhere. ``billed_to`` is the last day billed so far and goes before it: the next period begins
    on the day after, and where that is no anniversary (an end date was taken back) it is the rest of the cut period,
    so that no day is lost or billed twice (I-B1). ``end_date`` is the last day of service: the period that contains
    it is cut there, unless the product is indivisible.
    """
    last = billed_until if end_date is None or end_date > billed_until else end_date
    begin = billed_to + DAY if billed_to is not None else None
    count = _first_index(start_date, months, begin or first_start)
    whole_start = add_months(start_date, count * months)
    if begin is None or begin < start_date:
        begin = whole_start
    elif begin < whole_start:
        count -= 1
        whole_start = add_months(start_date, count * months)
    while begin <= last:
        count += 1
        following = add_months(start_date, count * months)
        end = following - DAY
        if end_date is not None and end_date < end and is_divisible:
            end = end_date
        yield Period(begin, end, (end - begin).days + 1, (following - whole_start).days, whole_start)
        begin = whole_start = following


def anniversary_on(start_date: date, months: int, day: date) -> date:
    """The anniversary that a day's period begins on. ``day`` is not before the start date."""
    return add_months(start_date, (_first_index(start_date, months, day + DAY) - 1) * months)


def _first_index(start_date: date, months: int, first_start: date | None) -> int:
    """How many whole periods lie before the first anniversary that is not before ``first_start``."""
    if first_start is None or first_start <= start_date:
        return 0
    between = (first_start.year - start_date.year) * 12 + first_start.month - start_date.month
    count = max(between // months - 1, 0)
    while add_months(start_date, count * months) < first_start:
        count += 1
    return count
