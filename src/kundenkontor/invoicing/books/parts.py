"""What returns are made of: documents cut by the months in which they count, and the parts that go into returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from kundenkontor.invoicing.books.receipts import NOTHING, Amounts
from kundenkontor.kernel.clock import month_end
from kundenkontor.parties.facts import TaxFacts

# A row per document, VAT row and month: base and VAT, shared cumulatively where the lines of a row differ in months.
# ``month`` is that of the VAT return, ``performed`` that of ZM and OSS; corrections look at what they take back, and
# ``counts`` is the month of that.
CUTS = """
line AS (
    SELECT i.id, coalesce(k.original_id, i.id) AS family, i.sign, i.issue_date, i.issued_at, i.amount_due,
           coalesce(o.issue_date, i.issue_date) AS first_issued, coalesce(o.amount_due, i.amount_due) AS whole,
           date_trunc('month', i.issue_date)::date AS changed,
           date_trunc('month', coalesce(o.issue_date, i.issue_date))::date AS invoiced,
           date_trunc('month', coalesce(ol.period_end, l.period_end))::date AS ended,
           coalesce(ol.period_end, l.period_end) AS period_end,
           v.position, v.category, v.rate, v.country, v.taxable_amount, v.tax_amount,
           CASE WHEN v.category = 'AE' THEN s.content ->> 'vat_id' ELSE '' END AS vat_id, l.net_amount
    FROM document d
    JOIN invoicing_invoice i ON i.id = d.id
    LEFT JOIN invoicing_correction k ON k.invoice_id = i.id
    LEFT JOIN invoicing_invoice o ON o.id = k.original_id
    JOIN invoicing_vatbreakdown v ON v.invoice_id = i.id
    JOIN invoicing_invoiceline l ON (l.invoice_id, l.vat_category, l.vat_rate) = (i.id, v.category, v.rate)
    LEFT JOIN invoicing_invoiceline ol ON (ol.invoice_id, ol.position) = (k.original_id, l.corrected_position)
    JOIN parties_partysnapshot s ON s.id = i.customer_snapshot_id
),
dated AS (
    SELECT line.*, c.counts, v.month, p.performed, p.performed_on <@ ANY(%(oss)s::daterange[]) AS is_registered
    FROM line
    CROSS JOIN LATERAL (SELECT
        CASE WHEN ended > invoiced AND first_issued <@ ANY(%(eu_by_invoice)s::daterange[]) THEN invoiced ELSE ended
        END AS performed,
        CASE WHEN ended > invoiced AND first_issued <@ ANY(%(eu_by_invoice)s::daterange[]) THEN first_issued
             ELSE period_end END AS performed_on
    ) p
    CROSS JOIN LATERAL (SELECT
        CASE WHEN category = 'AE' THEN p.performed
             WHEN ended > invoiced AND NOT first_issued <@ ANY(%(advance_by_service)s::daterange[]) THEN invoiced
             WHEN ended < invoiced AND %(country)s = 'AT' THEN (ended + interval '1 month')::date
             ELSE ended END AS counts
    ) c
    CROSS JOIN LATERAL (SELECT greatest(counts, CASE WHEN sign < 0 THEN changed END)::date AS month) v
),
summed AS (
    SELECT id, family, sign, issue_date, issued_at, first_issued, whole, changed, position, category, rate, country,
           vat_id, taxable_amount, tax_amount, counts, month, performed, is_registered, sum(net_amount) AS base,
           sum(sum(net_amount)) OVER (
               PARTITION BY id, position ORDER BY counts, month, performed, is_registered
           ) AS so_far
    FROM dated
    GROUP BY id, family, sign, issue_date, issued_at, first_issued, whole, changed, position, category, rate, country,
             vat_id, taxable_amount, tax_amount, counts, month, performed, is_registered
),
cut AS (
    SELECT *, coalesce(round(tax_amount * so_far / nullif(taxable_amount, 0), 2)
                       - round(tax_amount * (so_far - base) / nullif(taxable_amount, 0), 2), 0) AS tax,
           category = 'S' AND country = %(country)s AND whole <> 0
               AND first_issued <@ ANY(%(cash_accounting)s::daterange[]) AS is_cash
    FROM summed
)
"""


class TaxPart(NamedTuple):
    """A taxable amount and its VAT in the VAT return of a month; ``is_late``: as a correction of that return.

    ``is_dated``: of a document dated in the period asked for; ``is_posted``: posted in its months; ``is_loss``: what
    was written off, negative, or is owed again of it.
    """

    category: str
    rate: Decimal
    country: str
    month: date
    is_late: bool
    is_dated: bool
    is_posted: bool
    base: Decimal
    tax: Decimal
    is_loss: bool = False


class UnionPart(NamedTuple):
    """What ZM or OSS is told: in the return of which month, and of which month's performance.

    ``vat_id`` is the customer's in the ZM; ``is_registered``: whether the OSS was used by then.
    """

    category: str
    rate: Decimal
    country: str
    vat_id: str
    is_registered: bool
    month: date
    performed: date
    base: Decimal
    tax: Decimal


@dataclass(slots=True)
class Parts:
    """All that may count in the returns asked for; ``dated``: what documents of the period are taxed with at home."""

    asked: Period
    vat: list[TaxPart] = field(default_factory=list)
    union: list[UnionPart] = field(default_factory=list)
    dated: Amounts = NOTHING


class Period(NamedTuple):
    """First and last day of what one return covers."""

    first: date
    last: date


def period_of(day: date, facts: TaxFacts) -> Period:
    """Of the VAT return in which a day stands: its month, or its quarter where that setting applied at its begin."""
    quarter = quarter_of(day)
    if facts.has("quarterly", quarter):
        return Period(quarter, month_end(quarter.replace(month=quarter.month + 2)))
    return Period(month_of(day), month_end(day))


def month_of(day: date) -> date:
    return day.replace(day=1)


def quarter_of(day: date) -> date:
    """The first day of its quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
