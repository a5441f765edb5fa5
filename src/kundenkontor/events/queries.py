"""Reading the business date."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings

from kundenkontor.events.models import BusinessClock
from kundenkontor.kernel.clock import local_date, utc_now


def clock_offset_days() -> int:
    """How far the business date is ahead; always 0 in production."""
    if settings.MODE == "production":
        return 0
    offset = BusinessClock.objects.values_list("offset_days", flat=True).first()
    return offset or 0


def business_date(zone: str = "") -> date:
    """Today's business date in a seller's zone. Faces and jobs ask once and hand the date down; commands never ask."""
    return local_date(utc_now(), zone or settings.TIME_ZONE) + timedelta(days=clock_offset_days())
