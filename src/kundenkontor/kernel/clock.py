"""Instants are UTC; business dates are local dates of the seller's zone."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    """The real instant, aware, in UTC. Sessions, tokens and events use it; business dates never do."""
    return datetime.now(UTC)


def local_date(instant: datetime, zone: str) -> date:
    """The calendar day of an instant in the seller's zone: 2028-02-29T23:30Z is 1 March in Vienna."""
    return instant.astimezone(ZoneInfo(zone)).date()


def month_end(day: date) -> date:
    """The last day of its month."""
    return day.replace(day=monthrange(day.year, day.month)[1])
