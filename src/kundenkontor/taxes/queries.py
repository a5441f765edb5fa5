"""Reading the rate table."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from kundenkontor.taxes.models import TaxRate
from kundenkontor.taxes.rates import RateTable


def rate_table() -> RateTable:
    """The rates as they are now, for one run or request."""
    rows: dict[str, list[tuple[date, Decimal]]] = {}
    for country, valid_from, rate in TaxRate.objects.order_by("country", "valid_from").values_list(
        "country", "valid_from", "rate"
    ):
        rows.setdefault(country, []).append((valid_from, rate))
    return RateTable(rows)
