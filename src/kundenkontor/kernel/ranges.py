"""Ranges of days in constraints."""

from __future__ import annotations

from django.contrib.postgres.fields import DateRangeField
from django.db.models import Func


class DateRange(Func):
    """daterange(from, to, bounds)."""

    function = "daterange"
    output_field = DateRangeField()
