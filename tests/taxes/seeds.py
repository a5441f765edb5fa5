"""VAT rates without a database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from kundenkontor.taxes.rates import AREA_RATES, STANDARD_RATES, RateTable


def seed_rates() -> RateTable:
    """The built-in table."""
    return RateTable(
        {
            area: [(date.fromisoformat(start), Decimal(rate)) for start, rate in rows]
            for area, rows in (STANDARD_RATES | AREA_RATES).items()
        }
    )
