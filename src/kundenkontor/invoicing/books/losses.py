"""What was written off, in the returns: a real change of the base on its own day (§ 17 Abs. 2 Nr. 1 UStG DE, § 16
Abs. 3 Z 1 UStG AT), as booked, never before what is lost counts itself.

VAT that is due on receipt was never due for it. ZM and OSS follow the performance: the loss stands in the return of the
change, by the quarters of what is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from kundenkontor.invoicing.books.parts import CUTS, Parts, TaxPart, UnionPart, month_of
from kundenkontor.invoicing.books.receipts import Amounts
from kundenkontor.kernel.clock import month_end
from kundenkontor.kernel.money import ZERO, round_cents

# What each loss booked per VAT case, and until when ZM and OSS were declared by then.
_LOSSES = """
SELECT i.id, i.issue_date, a.vat_category, a.vat_rate, a.country, e.tax_day, e.entry_date, w.recorded_at,
       coalesce((SELECT d.until FROM parties_declaration d
                 WHERE d.seller_id = i.seller_id AND d.declared_at <= w.recorded_at
                   AND d.kind = CASE WHEN a.vat_category = 'AE' THEN 'zm' ELSE 'oss' END
                 ORDER BY d.id DESC LIMIT 1), '0001-01-01'::date) AS declared,
       sum(m.amount) FILTER (WHERE a.role = 'bad_debt'), sum(m.amount) FILTER (WHERE a.role = 'vat_payable')
FROM receivables_writeoff w
JOIN ledger_journalentry e ON e.id = w.entry_id
JOIN invoicing_invoice i ON i.open_item_id = w.open_item_id
JOIN LATERAL (
    SELECT CASE WHEN credit_item_id IS NULL THEN credit_account_id ELSE debit_account_id END AS account_id,
           CASE WHEN credit_item_id IS NULL THEN -amount ELSE amount END AS amount
    FROM ledger_posting WHERE entry_id = w.entry_id
) m ON true
JOIN ledger_account a ON a.id = m.account_id AND a.vat_category <> ''
WHERE i.seller_id = %(seller)s AND e.tax_day <= %(last)s
  AND (e.entry_date >= %(first)s::date - interval '1 year' OR i.issue_date >= %(first)s
       OR i.period_end >= %(first)s::date - interval '1 month')
GROUP BY w.id, i.id, i.issue_date, i.seller_id, a.vat_category, a.vat_rate, a.country, e.tax_day, e.entry_date,
         w.recorded_at
ORDER BY w.id, a.vat_category, a.vat_rate, a.country
"""

_CUT = f"""
WITH document AS (
    SELECT unnest(%(documents)s::bigint[]) AS id
    UNION SELECT invoice_id FROM invoicing_correction WHERE original_id = ANY(%(documents)s)
),
{CUTS}
SELECT family, category, rate, country, issued_at, sign * base, vat_id, is_cash, is_registered, counts, performed
FROM cut ORDER BY counts, performed, is_registered, id
"""  # nosec B608  # constants


class _Loss(NamedTuple):
    """Of one VAT case; negative amounts are owed again."""

    document_id: int
    issue_date: date
    category: str
    rate: Decimal
    country: str
    tax_day: date
    entry_date: date
    recorded_at: datetime
    declared: date
    base: Decimal | None
    tax: Decimal | None


class _Place(NamedTuple):
    """Where a part of a document counts by itself."""

    vat_id: str
    is_cash: bool
    is_registered: bool
    counts: date
    performed: date


Cut = tuple[datetime, Decimal, _Place]
Case = tuple[int, str, Decimal, str]


def lost_parts(cursor: Any, params: dict[str, Any], found: Parts) -> None:
    """Add what was written off, and what is owed again of it, to the parts of the months asked for."""
    cursor.execute(_LOSSES, params)
    losses = [_Loss._make(row) for row in cursor.fetchall()]
    if not losses:
        return
    cursor.execute(_CUT, params | {"documents": sorted({loss.document_id for loss in losses})})
    cuts: dict[Case, list[Cut]] = defaultdict(list)
    for family, category, rate, country, issued_at, base, *place in cursor.fetchall():
        cuts[family, category, rate, country].append((issued_at, base, _Place._make(place)))
    for loss in losses:
        pieces = cuts[loss.document_id, loss.category, loss.rate, loss.country]
        for place, amounts in _shared(loss, pieces):
            _sort_in(found, loss, place, amounts, params)


def _shared(loss: _Loss, pieces: Sequence[Cut]) -> Iterator[tuple[_Place, Amounts]]:
    """A loss over the parts that were left of its case by then, cumulatively."""
    bases: dict[_Place, Decimal] = defaultdict(lambda: ZERO)
    for issued_at, base, place in pieces:
        if issued_at <= loss.recorded_at:
            bases[place] += base
    whole, so_far, before = sum(bases.values(), ZERO), ZERO, Amounts(ZERO, ZERO)
    for place, base in bases.items() if whole else ():
        so_far += base
        upto = Amounts(*(round_cents((amount or ZERO) * so_far / whole) for amount in (loss.base, loss.tax)))
        yield place, upto.minus(before)
        before = upto


def _sort_in(found: Parts, loss: _Loss, place: _Place, amounts: Amounts, params: dict[str, Any]) -> None:
    """Into the returns in which documents of its case stand."""
    base, tax = -amounts.base, -amounts.tax
    is_abroad = loss.category == "S" and loss.country != params["country"]
    changed = month_of(loss.tax_day)
    if loss.category == "AE" or is_abroad:
        opened = loss.declared + timedelta(days=1) if changed <= loss.declared else changed
        returned = max(place.performed, changed, opened)
        found.union.append(
            UnionPart(loss.category, loss.rate, loss.country, place.vat_id, place.is_registered, returned,
                      place.performed, base, tax)
        )  # fmt: skip
    if not is_abroad and not place.is_cash:
        month = max(place.counts, changed)
        is_late = loss.entry_date > max(loss.tax_day, month_end(month))
        is_dated = params["since"] <= loss.issue_date <= params["until"]
        is_posted = params["first"] <= loss.entry_date <= params["last"]
        country = "" if loss.category == "AE" else loss.country
        found.vat.append(
            TaxPart(loss.category, loss.rate, country, month, is_late, is_dated, is_posted, base, tax, is_loss=True)
        )
