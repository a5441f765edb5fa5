"""How near a seller is to the limits of turnover that change which VAT is owed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from kundenkontor.kernel.money import ZERO, round_cents
from kundenkontor.parties.facts import tax_facts
from kundenkontor.parties.models import Seller
from kundenkontor.taxes.territories import EU_COUNTRIES, vat_country
from kundenkontor.taxes.thresholds import WARN_FROM, Counts, Threshold, thresholds_of


class Watched(NamedTuple):
    """What a year came to of a limit. ``is_past``: of the year before."""

    seller: Seller
    threshold: Threshold
    year: int
    is_past: bool
    amount: Decimal

    @property
    def share(self) -> Decimal:
        return self.amount / self.threshold.amount

    @property
    def state(self) -> str:
        """far, near (from 80 %) or exceeded."""
        if self.amount > self.threshold.amount:
            return "exceeded"
        return "near" if self.share >= WARN_FROM and not self.is_past else "far"


def watched(seller: Seller, on: date) -> list[Watched]:
    """The limits that concern a seller on a day, with this year's sums, and last year's where it counts."""
    facts = tax_facts(seller.pk)
    has_destination_rate = facts.has("destination_rate", on) or facts.has("oss", on)
    concern = thresholds_of(
        seller.country,
        on,
        is_small_business=facts.has("small_business", on),
        has_destination_rate=has_destination_rate or seller.country not in EU_COUNTRIES,
    )
    sums = {counts: _SUMS[counts](seller, on.year) for counts in {row.counts for row in concern}}
    return [
        Watched(seller, row, year, year < on.year, sums[row.counts].get(year, ZERO))
        for row in concern
        for year in ((on.year, on.year - 1) if row.looks_back else (on.year,))
    ]


Sums = Mapping[int, Decimal]
# What is taxable at home: with VAT of the own country, or without as a small business.
_AT_HOME = "(category = 'E' OR category = 'S' AND country = %(country)s)"

# Money that settled documents, less what was paid back of what corrections left over, in the share taxable at home.
_RECEIPTS = f"""
SELECT extract(year FROM e.tax_day)::int, sum(m.amount * t.taxable / i.amount_due)
FROM ledger_journalentry e
JOIN LATERAL (
    SELECT credit_item_id AS item_id, amount FROM ledger_posting WHERE entry_id = e.id AND credit_item_id IS NOT NULL
    UNION ALL
    SELECT debit_item_id, -amount FROM ledger_posting WHERE entry_id = e.id AND debit_item_id IS NOT NULL
) m ON true
JOIN invoicing_invoice i ON i.open_item_id = m.item_id AND i.amount_due > 0
JOIN LATERAL (
    SELECT sum(taxable_amount) AS taxable FROM invoicing_vatbreakdown WHERE invoice_id = i.id AND {_AT_HOME}
) t ON true
WHERE e.seller_id = %(seller)s AND e.tax_day BETWEEN %(since)s AND %(until)s
  AND e.kind NOT IN ('invoice', 'clearing', 'write_off', 'write_off_reversal')
GROUP BY 1
"""  # nosec B608  # constants

# Services with VAT by their end; corrections by that of their own days.
_SERVICES = f"""
SELECT extract(year FROM l.period_end)::int,
       sum(i.sign * l.net_amount * (1 + l.vat_rate / 100))
FROM invoicing_invoice i
JOIN invoicing_invoiceline l ON l.invoice_id = i.id
JOIN invoicing_vatbreakdown v ON (v.invoice_id, v.category, v.rate) = (i.id, l.vat_category, l.vat_rate)
WHERE i.seller_id = %(seller)s AND i.period_end >= %(since)s AND l.period_end BETWEEN %(since)s AND %(until)s
  AND {_AT_HOME}
GROUP BY 1
"""  # nosec B608  # constants

# By where customers abroad lived when they were billed; those with a VAT id of theirs are taxed there anyhow.
_ABROAD = """
SELECT extract(year FROM l.period_end)::int, s.country, s.postal_code, s.city, sum(i.sign * l.net_amount)
FROM (
    SELECT s.id, s.customer_id, content ->> 'country' AS country, content ->> 'postal_code' AS postal_code,
           content ->> 'city' AS city
    FROM parties_partysnapshot s JOIN parties_customer c ON c.id = s.customer_id
    WHERE c.seller_id = %(seller)s AND content ->> 'country' <> %(country)s
) s
JOIN invoicing_invoice i ON i.customer_id = s.customer_id AND i.customer_snapshot_id = s.id
    AND i.period_end >= %(since)s
JOIN invoicing_invoiceline l ON l.invoice_id = i.id
WHERE l.period_end BETWEEN %(since)s AND %(until)s AND l.vat_category IN ('S', 'E')
GROUP BY 1, 2, 3, 4
"""


def _rows(query: str, seller: Seller, year: int) -> list[tuple[Any, ...]]:
    """Of a year and the one before."""
    days = {"since": date(year - 1, 1, 1), "until": date(year, 12, 31)}
    with connection.cursor() as cursor:
        cursor.execute(query, {"seller": seller.pk, "country": seller.country, **days})
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _receipts(seller: Seller, year: int) -> Sums:
    return {of: round_cents(amount or ZERO) for of, amount in _rows(_RECEIPTS, seller, year)}


def _gross(seller: Seller, year: int) -> Sums:
    return {of: round_cents(amount) for of, amount in _rows(_SERVICES, seller, year)}


def _abroad(seller: Seller, year: int) -> Sums:
    found: dict[int, Decimal] = {}
    for of, country, postal_code, city, amount in _rows(_ABROAD, seller, year):
        if vat_country(country, postal_code, city) not in (None, seller.country):
            found[of] = found.get(of, ZERO) + amount
    return found


_SUMS: Mapping[Counts, Callable[[Seller, int], Sums]] = {
    "receipts": _receipts,
    "gross": _gross,
    "abroad": _abroad,
}
