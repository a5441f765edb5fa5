"""Reading the rate table."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from kundenkontor.taxes.models import TaxRate
from kundenkontor.taxes.rates import RateTable


def rate_table() -> RateTable:
    """The rates as they are now, for one run or request. A day between two rows has no rate, never the earlier one."""
    rows: dict[str, list[tuple[date, Decimal | None]]] = {}
    columns = ("country", "valid_from", "valid_to", "rate")
    for country, valid_from, valid_to, rate in TaxRate.objects.order_by("country", "valid_from").values_list(*columns):
        own = rows.setdefault(country, [])
        if own and own[-1][0] == valid_from:
            own.pop()  # no gap: the end of the row before is the day before this one
        own.append((valid_from, rate))
        if valid_to is not None:
            own.append((valid_to + timedelta(days=1), None))
    return RateTable(rows)
