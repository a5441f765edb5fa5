"""To which return each tax amount belongs: once, by its kind of return, the seller's dated settings and its day.

VAT return of the seller's own country. Documents (Soll): the month in which the (part) service ends; in Austria a month
later where it is invoiced only after that month (§ 19 Abs. 2 Z 1 lit. a UStG; Germany: § 13 Abs. 1 Nr. 1 a UStG). A
period billed in advance counts when it is invoiced, or as the seller has settled it when it ends; in any case earlier
as far as it is paid earlier. Receipts (Ist): the month of the money's tax day. Corrections: the month of the change,
never before what they take back (§ 16 UStG AT, § 17 UStG DE); but what was paid in advance for a service that was
cancelled before it ended stays taxed until it is paid back. What belongs to a month that was declared by then
corrects that month's return and counts in no other.

ZM and OSS follow the performance, whoever is paid when: what is taken back of an earlier quarter, or comes too late for
it, stands apart in the return of the change (Art. 369g Abs. 4, Art. 264 Directive 2006/112/EC).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from kundenkontor.invoicing.books.losses import lost_parts
from kundenkontor.invoicing.books.parts import CUTS, Parts, Period, TaxPart, UnionPart, month_of, period_of
from kundenkontor.invoicing.books.receipts import NOTHING, Amounts, Family, Move, kept_by_moves, taxed_by_moves
from kundenkontor.kernel.clock import month_end
from kundenkontor.parties.facts import TaxFacts

# Documents that may count in the months asked for: dated in them, or with a period that ends around them.
_DOCUMENTS = """
WITH document AS (
    SELECT id FROM invoicing_invoice
    WHERE seller_id = %(seller)s AND issue_date BETWEEN %(first)s AND %(last)s
    UNION
    SELECT id FROM invoicing_invoice
    WHERE seller_id = %(seller)s AND period_end >= %(first)s::date - interval '1 month' AND period_start <= %(last)s
    UNION
    SELECT k.invoice_id FROM invoicing_correction k JOIN invoicing_invoice o ON o.id = k.original_id
    WHERE o.seller_id = %(seller)s AND o.period_end >= %(first)s::date - interval '1 month'
      AND o.period_start <= %(last)s
),
"""

_OF_DOCUMENTS = f"""
{_DOCUMENTS}{CUTS}
SELECT category, rate, country, vat_id, is_cash, is_registered, month, coalesce(month <= declared.vat, false),
       returned, performed, issue_date BETWEEN %(since)s AND %(until)s, issue_date BETWEEN %(first)s AND %(last)s,
       sum(sign * base), sum(sign * tax)
FROM cut
LEFT JOIN LATERAL (
    SELECT max(until) FILTER (WHERE kind = 'vat') AS vat,
           max(until) FILTER (WHERE kind = CASE WHEN cut.category = 'AE' THEN 'zm' ELSE 'oss' END) AS eu
    FROM (
        SELECT DISTINCT ON (kind) kind, until FROM parties_declaration
        WHERE seller_id = %(seller)s AND declared_at <= cut.issued_at ORDER BY kind, id DESC
    ) newest
) declared ON true
CROSS JOIN LATERAL (SELECT greatest(
    performed, CASE WHEN sign < 0 OR performed <= declared.eu THEN changed END,
    CASE WHEN performed <= declared.eu THEN declared.eu + 1 END)::date AS returned
) r
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 ORDER BY 1, 3, 2, 4, 7, 10
"""  # nosec B608  # constants

# Documents taxed on receipt whose money moved in the months asked for, or that of their corrections.
_RECEIVED = """
SELECT DISTINCT o.id FROM ledger_journalentry e
JOIN ledger_posting p ON p.entry_id = e.id
JOIN invoicing_invoice i ON i.open_item_id IN (p.credit_item_id, p.debit_item_id)
LEFT JOIN invoicing_correction k ON k.invoice_id = i.id
JOIN invoicing_invoice o ON o.id = coalesce(k.original_id, i.id)
WHERE e.seller_id = %(seller)s AND o.amount_due > 0 AND o.issue_date <@ ANY(%(cash_accounting)s::daterange[])
  AND (e.tax_day BETWEEN %(first)s AND %(last)s OR e.entry_date BETWEEN %(first)s AND %(last)s)
"""

# Others that were paid before the month in which they count. What settles a document was booked after it.
_PAID_BEFORE = """
SELECT DISTINCT i.id FROM ledger_journalentry e
JOIN ledger_posting p ON p.entry_id = e.id
JOIN invoicing_invoice i ON i.open_item_id = p.credit_item_id
WHERE e.seller_id = %(seller)s AND e.kind IN ('payment', 'offset') AND i.sign > 0
  AND NOT i.issue_date <@ ANY(%(cash_accounting)s::daterange[])
  AND CASE WHEN i.issue_date <@ ANY(%(advance_by_service)s::daterange[])
           THEN i.period_end >= %(first)s AND e.tax_day < date_trunc('month', greatest(i.issue_date, i.period_end))
           ELSE i.issue_date >= %(first)s AND e.tax_day < date_trunc('month', i.issue_date) END
"""

# Corrections of what was billed in advance and counts by its service: what they left over, paid back or offset.
_PAID_BACK = """
SELECT DISTINCT o.id FROM ledger_journalentry e
JOIN ledger_posting p ON p.entry_id = e.id
JOIN invoicing_invoice i ON i.open_item_id IN (p.debit_item_id, p.credit_item_id)
JOIN invoicing_correction k ON k.invoice_id = i.id
JOIN invoicing_invoice o ON o.id = k.original_id
WHERE e.seller_id = %(seller)s AND o.issue_date <@ ANY(%(advance_by_service)s::daterange[])
  AND NOT o.issue_date <@ ANY(%(cash_accounting)s::daterange[])
  AND (e.tax_day BETWEEN %(first)s AND %(last)s OR e.entry_date BETWEEN %(first)s AND %(last)s)
"""

_MEMBERS = """
SELECT id, id, open_item_id, 1 FROM invoicing_invoice WHERE id = ANY(%(families)s)
UNION ALL
SELECT k.original_id, i.id, i.open_item_id, -1
FROM invoicing_correction k JOIN invoicing_invoice i ON i.id = k.invoice_id WHERE k.original_id = ANY(%(families)s)
"""

# By item, in the order in which it was booked: credited less debited. What is written off is no money.
_MOVES = """
SELECT p.item, sum(p.amount), e.kind = 'invoice', e.tax_day, e.entry_date FROM (
    SELECT credit_item_id AS item, entry_id, amount FROM ledger_posting WHERE credit_item_id = ANY(%(items)s)
    UNION ALL
    SELECT debit_item_id, entry_id, -amount FROM ledger_posting WHERE debit_item_id = ANY(%(items)s)
) p JOIN ledger_journalentry e ON e.id = p.entry_id AND e.kind NOT IN ('write_off', 'write_off_reversal')
GROUP BY p.item, e.id, e.kind, e.tax_day, e.entry_date ORDER BY e.id
"""

_OF_FAMILIES = f"""
WITH document AS (SELECT unnest(%(documents)s::bigint[]) AS id),
{CUTS}
SELECT cut.family, cut.id, i.amount_due, cut.first_issued, cut.is_cash, cut.rate, cut.country, cut.month, cut.base,
       cut.tax
FROM cut JOIN invoicing_invoice i ON i.id = cut.id
WHERE cut.category = 'S' AND cut.country = %(country)s
"""  # nosec B608  # constants


def parts_of(seller_id: int, country: str, facts: TaxFacts, since: date, until: date) -> Parts:
    """All parts of the VAT returns from that of ``since`` to that of ``until``. ``country`` is the seller's."""
    asked = Period(period_of(since, facts).first, period_of(until, facts).last)
    params = _params(seller_id, country, facts, since, until) | {"first": asked.first, "last": asked.last}
    found = Parts(asked)
    with connection.cursor() as cursor:
        cursor.execute(_OF_DOCUMENTS, params)
        for row in cursor.fetchall():
            _sort_in(found, row, country)
        families = _paid(cursor, params)
        lost_parts(cursor, params, found)
    for one in families:
        found.vat += one.parts(since, until, asked)
    return found


def _paid(cursor: Any, params: dict[str, Any]) -> list[_Paid]:
    """Documents with corrections that money was received for, or that were paid before they count."""
    ids: set[int] = set()
    queries = [_PAID_BEFORE]
    queries += [_RECEIVED] if params["cash_accounting"] else []
    queries += [_PAID_BACK] if params["advance_by_service"] else []
    for query in queries:
        cursor.execute(query, params)
        ids.update(row[0] for row in cursor.fetchall())
    cursor.execute(_MEMBERS, {"families": list(ids)})
    members = {item: (family, document, sign) for family, document, item, sign in cursor.fetchall()}
    cursor.execute(_MOVES, {"items": list(members)})
    moves: dict[int, list[Move]] = defaultdict(list)
    for item, amount, is_issue, *days in cursor.fetchall():
        family, document, sign = members[item]
        if sign < 0 or not is_issue:
            moves[family].append(Move(document, sign * amount, is_issue, *days))
    cursor.execute(_OF_FAMILIES, params | {"documents": [document for _, document, _ in members.values()]})
    return _families(cursor.fetchall(), moves)


def _params(seller_id: int, country: str, facts: TaxFacts, since: date, until: date) -> dict[str, Any]:
    kinds = ("cash_accounting", "advance_by_service", "eu_by_invoice", "oss")
    asked = {"seller": seller_id, "country": country, "since": since, "until": until}
    return asked | {kind: facts.spans(kind) for kind in kinds}


def _sort_in(found: Parts, row: tuple[Any, ...], country: str) -> None:
    """A group of documents into the returns that it counts in."""
    category, rate, of, vat_id, is_cash, is_registered, month, is_late, returned, performed, *rest = row
    is_dated, is_posted, base, tax = rest
    is_abroad = category == "S" and of != country
    if category == "AE" or is_abroad:
        found.union.append(UnionPart(category, rate, of, vat_id, is_registered, returned, performed, base, tax))
    if is_dated and category == "S" and not is_abroad:
        found.dated = found.dated.plus(Amounts(base, tax))
    if not is_abroad and not is_cash:
        # reverse charge is one sum in the VAT return, whatever the customer's country
        of = "" if category == "AE" else of
        found.vat.append(TaxPart(category, rate, of, month, is_late, is_dated, is_posted, base, tax))


class _Key(NamedTuple):
    rate: Decimal
    country: str
    month: date  # in which it counts where it is not taxed on receipt


@dataclass(slots=True)
class _Paid:
    """A document with its corrections that money was received for, or before it counts."""

    family: Family[_Key]
    issue_date: date
    is_cash: bool

    def parts(self, since: date, until: date, asked: Period) -> Iterator[TaxPart]:
        """What is paid before it counts moves to the month of the money."""
        is_dated = since <= self.issue_date <= until
        for move, changes in taxed_by_moves(self.family):
            month, posted = month_of(move.tax_day), asked.first <= move.entry_date <= asked.last
            for (rate, of, counts), (base, tax) in changes.items():
                if self.is_cash or month < counts:
                    yield TaxPart("S", rate, of, month, move.is_late, is_dated, posted, base, tax)
                if not self.is_cash and month < counts:
                    is_late = move.is_late and move.entry_date > month_end(counts)
                    yield TaxPart("S", rate, of, counts, is_late, is_dated, posted, -base, -tax)
        for counts in () if self.is_cash else sorted({key.month for key in self.family.rows}):
            yield from self._kept(counts, is_dated, asked)

    def _kept(self, counts: date, is_dated: bool, asked: Period) -> Iterator[TaxPart]:
        """What was paid in advance for a service that was cancelled before it counts stays taxed until it is paid
        back, whatever is not supplied then."""
        for move, changes in kept_by_moves(self.family, lambda move: month_of(move.tax_day) < counts):
            month, is_late, posted = counts, False, True
            if move is not None:
                month, is_late = month_of(move.tax_day), move.is_late
                posted = asked.first <= move.entry_date <= asked.last
            for (rate, of, own), (base, tax) in changes.items():
                if own == counts:
                    yield TaxPart("S", rate, of, month, is_late, is_dated, posted, base, tax)


def _families(rows: Iterable[tuple[Any, ...]], moves: dict[int, list[Move]]) -> list[_Paid]:
    wholes: dict[int, Decimal] = {}
    amounts: dict[int, dict[_Key, Amounts]] = defaultdict(dict)
    members: dict[int, set[int]] = defaultdict(set)
    about: dict[int, tuple[date, bool]] = {}
    for family_id, id_, whole, issued, is_cash, rate, of, month, base, tax in rows:
        key = _Key(rate, of, month if not is_cash else issued)
        amounts[id_][key] = amounts[id_].get(key, NOTHING).plus(Amounts(base, tax))
        wholes[id_] = whole
        members[family_id].add(id_)
        about[family_id] = issued, is_cash
    found = []
    for family_id, of_one in members.items():
        corrections = {id_: (wholes[id_], amounts[id_]) for id_ in sorted(of_one - {family_id})}
        family = Family(family_id, wholes[family_id], amounts[family_id], corrections, moves[family_id])
        found.append(_Paid(family, *about[family_id]))
    return found
