"""Limits of turnover that change which VAT is owed, as dated rows with their source. Pure.

``counts`` says what is compared: ``receipts`` net as money arrived, ``gross`` services with VAT by their end,
``abroad`` net services to consumers in other member states by their end.

The Union's 100,000 EUR (Art. 284 Abs. 2; § 19 Abs. 4, § 19a UStG DE, § 6a UStG AT) concern whoever is exempt in another
member state as well, which nobody here is: see ``rules.decide_vat``.
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
              "Art. 59c RL 2006/112/EG; § 3a Abs. 5 S. 3 UStG (DE), Art. 3a Abs. 5 UStG (AT)"),
    Threshold("small_business", "DE", Decimal(25_000), "receipts", True, date(2025, 1, 1),
              "§ 19 Abs. 1 UStG (JStG 2024)"),
    Threshold("small_business_at_once", "DE", Decimal(100_000), "receipts", False, date(2025, 1, 1),
              "§ 19 Abs. 1 UStG (JStG 2024)"),
    Threshold("small_business", "AT", Decimal(55_000), "gross", True, date(2025, 1, 1),
              "§ 6 Abs. 1 Z 27 UStG (AbgÄG 2024, PrAG 2025)"),
    Threshold("small_business_at_once", "AT", Decimal(60_500), "gross", False, date(2025, 1, 1),
              "§ 6 Abs. 1 Z 27 UStG: 10 % (AbgÄG 2024, PrAG 2025)"),
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
