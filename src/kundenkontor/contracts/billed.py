"""What was billed of a contract. The charges belong to billing, a package above this one, hence plain SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection


@dataclass(frozen=True, slots=True)
class Billed:
    """Last day billed, first day of the last billed period, and whether the set-up fee was billed."""

    until: date | None
    last_start: date | None
    is_set_up: bool

    @property
    def is_billed(self) -> bool:
        return self.until is not None


def billed_of(contract_id: int) -> Billed:
    """The billed state, derived from the charges."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(period_end) FILTER (WHERE kind = 'recurring'),"
            " max(period_start) FILTER (WHERE kind = 'recurring'), count(*) FILTER (WHERE kind = 'set_up') > 0"
            " FROM billing_charge WHERE contract_id = %s",
            [contract_id],
        )
        return Billed(*cursor.fetchone())
