"""Limits of turnover that change which VAT is owed, as dated rows with their source. Pure.

``counts`` says what is compared: ``receipts`` net as money arrived, ``gross`` services with VAT by their end,
``abroad`` net services to consumers in other member states by their end.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

Counts = Literal["receipts", "gross", "abroad"]
WARN_FROM = Decimal("0.8")  # of a limit


class Threshold(NamedTuple):
    """``country``: of sellers there, "" in the whole Union. ``looks_back``: the year before counts as well."""

    code: str
    country: str
    amount: Decimal
    counts: Counts
    looks_back: bool
    valid_from: date
    source: str


THRESHOLDS = (
    Threshold("oss", "", Decimal(10_000), "abroad", True, date(2021, 7, 1),
              "Art. 59c RL 2006/112/EG; § 3a Abs. 5 S. 3 UStG (DE), § 3a Abs. 13 UStG (AT)"),
    Threshold("small_business", "DE", Decimal(25_000), "receipts", True, date(2025, 1, 1),
              "§ 19 Abs. 1 und 2 UStG (JStG 2024)"),
    Threshold("small_business_at_once", "DE", Decimal(100_000), "receipts", False, date(2025, 1, 1),
              "§ 19 Abs. 1 und 2 UStG (JStG 2024)"),
    Threshold("small_business", "AT", Decimal(55_000), "gross", True, date(2025, 1, 1),
              "§ 6 Abs. 1 Z 27 UStG (AbgÄG 2024)"),
)  # fmt: skip


def thresholds_of(country: str, on: date, *, is_small_business: bool, has_destination_rate: bool) -> list[Threshold]:
    """What a seller has to watch on a day: the limit of the Union until the rates of other countries hold anyhow, those
    of its country as long as it is a small business."""
    return [
        row
        for row in THRESHOLDS
        if row.valid_from <= on and (not has_destination_rate if not row.country else is_small_business)
        and row.country in ("", country)
    ]  # fmt: skip
