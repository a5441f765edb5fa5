"""The books as bookkeepers read them: Rechnungsausgangsbuch for a period, Offene-Posten-Liste for any day.

Corrections count negative. Both are compared with the ledger, which is written by the same transactions but read here
on its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from kundenkontor.invoicing.models import VatBreakdown
from kundenkontor.kernel.money import ZERO
from kundenkontor.receivables.claims import claims_sql

PAGE = 1000
Params = dict[str, int | str | date]


def list_outgoing_book(seller_id: int, since: date, until: date) -> QuerySet[VatBreakdown]:
    """A row per document and VAT category and rate, in order of the documents."""
    rows = VatBreakdown.objects.filter(
        invoice__seller_id=seller_id, invoice__issue_date__gte=since, invoice__issue_date__lte=until
    )
    of_document = ("invoice__customer_snapshot", "invoice__customer", "invoice__correction__original")
    return rows.select_related(*of_document).order_by("invoice_id", "position")


class BookSums(NamedTuple):
    """What all documents dated in a period come to.

    ``agrees_with_ledger``: revenue and VAT of the ledger are the same sums, per case, rate and country.
    """

    documents: int
    taxable_amount: Decimal
    tax_amount: Decimal
    rounding_amount: Decimal
    amount_due: Decimal
    agrees_with_ledger: bool


_SUMS = """
SELECT v.category, v.rate, v.country, sum(i.sign * v.taxable_amount), sum(i.sign * v.tax_amount)
FROM invoicing_invoice i JOIN invoicing_vatbreakdown v ON v.invoice_id = i.id
WHERE i.seller_id = %(seller)s AND i.issue_date BETWEEN %(since)s AND %(until)s
GROUP BY 1, 2, 3
"""

_DOCUMENTS = """
SELECT count(*), coalesce(sum(sign * rounding_amount), 0), coalesce(sum(sign * amount_due), 0)
FROM invoicing_invoice WHERE seller_id = %(seller)s AND issue_date BETWEEN %(since)s AND %(until)s
"""

# The ledger's own view of the same period: what accounts of lines and VAT were credited, less debited, without losses.
_LEDGER = """
SELECT a.vat_category, a.vat_rate, a.country,
       coalesce(sum(m.amount) FILTER (WHERE a.role IN ('revenue', 'advance')), 0),
       coalesce(sum(m.amount) FILTER (WHERE a.role = 'vat_payable'), 0)
FROM (
    SELECT p.credit_account_id AS account_id, p.amount FROM ledger_posting p
    JOIN ledger_journalentry e ON e.id = p.entry_id
    WHERE e.seller_id = %(seller)s AND e.kind NOT LIKE 'write_off%%' AND e.tax_day BETWEEN %(since)s AND %(until)s
    UNION ALL
    SELECT p.debit_account_id, -p.amount FROM ledger_posting p
    JOIN ledger_journalentry e ON e.id = p.entry_id
    WHERE e.seller_id = %(seller)s AND e.kind NOT LIKE 'write_off%%' AND e.tax_day BETWEEN %(since)s AND %(until)s
) m JOIN ledger_account a ON a.id = m.account_id AND a.role IN ('revenue', 'advance', 'vat_payable')
GROUP BY 1, 2, 3
"""
Case = tuple[str, Decimal, str]


def outgoing_book_sums(seller_id: int, since: date, until: date) -> BookSums:
    """The sums of the outgoing book, by the dates of documents."""
    params: Params = {"seller": seller_id, "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, params)
        summed = {(row[0], row[1], row[2]): (row[3], row[4]) for row in cursor.fetchall()}
        cursor.execute(_DOCUMENTS, params)
        documents, rounding, due = cursor.fetchone()
        cursor.execute(_LEDGER, params)
        booked = {(row[0], row[1], row[2]): (row[3], row[4]) for row in cursor.fetchall()}
    net = sum((taxable for taxable, _ in summed.values()), ZERO)
    vat = sum((tax for _, tax in summed.values()), ZERO)
    return BookSums(documents, net, vat, rounding, due, _moved(booked) == _moved(summed))


def _moved(sums: dict[Case, tuple[Decimal, Decimal]]) -> dict[Case, tuple[Decimal, Decimal]]:
    """Without what adds up to nothing: an account where nothing was booked is no difference."""
    return {case: amounts for case, amounts in sums.items() if any(amounts)}


class OpenItemRow(NamedTuple):
    """An item that was open on a day. ``open_amount`` is negative where we owe the customer: a balance, or a document
    that was paid before its date."""

    due_date: date
    id: int
    kind: str
    number: str
    invoice_id: int | None
    issue_date: date | None
    customer_id: int
    customer_number: str
    customer_name: str
    original_amount: Decimal
    open_amount: Decimal


# What the postings up to a day say about each item, whatever its open amount is now.
_MOVED = """
SELECT item_id, sum(amount) AS open_amount FROM (
    SELECT p.debit_item_id AS item_id, p.amount FROM ledger_posting p
    JOIN ledger_journalentry e ON e.id = p.entry_id
    WHERE e.seller_id = %(seller)s AND e.entry_date <= %(day)s AND p.debit_item_id IS NOT NULL
    UNION ALL
    SELECT p.credit_item_id, -p.amount FROM ledger_posting p
    JOIN ledger_journalentry e ON e.id = p.entry_id
    WHERE e.seller_id = %(seller)s AND e.entry_date <= %(day)s AND p.credit_item_id IS NOT NULL
) moved GROUP BY item_id HAVING sum(amount) <> 0
"""

_ITEMS = f"""
SELECT o.due_date, o.id, o.kind, o.number, i.id, i.issue_date, o.customer_id, k.number,
       CASE WHEN k.company <> '' THEN k.company ELSE btrim(k.first_name || ' ' || k.last_name) END,
       c.sign * o.original_amount, m.open_amount
FROM ({_MOVED}) m
JOIN receivables_openitem o ON o.id = m.item_id
JOIN {claims_sql("c")} ON c.kind = o.kind
JOIN parties_customer k ON k.id = o.customer_id
LEFT JOIN invoicing_invoice i ON i.open_item_id = o.id
WHERE (o.due_date, o.id) > (%(after_day)s, %(after_id)s)
ORDER BY o.due_date, o.id LIMIT %(size)s
"""  # nosec B608  # constants


def open_items_on(
    seller_id: int, day: date, *, after: tuple[date, int] = (date.min, 0), size: int = PAGE
) -> list[OpenItemRow]:
    """Items open at the end of a day, by due date; the page after the item named."""
    params: Params = {"seller": seller_id, "day": day, "after_day": after[0], "after_id": after[1], "size": size}
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, params)
        return [OpenItemRow(*row) for row in cursor.fetchall()]


def iterate_open_items_on(seller_id: int, day: date) -> Iterator[OpenItemRow]:
    """All of them, for a file; one statement, because each page would sum the ledger again."""
    yield from open_items_on(seller_id, day, size=10_000_000)


class OpenItemSums(NamedTuple):
    """What was open on a day: by age of the receivables, what we owed, and what the ledger says."""

    items: int
    not_due: Decimal
    up_to_30: Decimal
    up_to_60: Decimal
    older: Decimal
    balances: Decimal
    ledger_amount: Decimal

    @property
    def receivables(self) -> Decimal:
        return self.not_due + self.up_to_30 + self.up_to_60 + self.older

    @property
    def agrees_with_ledger(self) -> bool:
        """Whether the accounts receivable and customer balance come to the same sum."""
        return self.ledger_amount == self.receivables + self.balances


_AGES = f"""
SELECT count(*),
       coalesce(sum(m.open_amount) FILTER (WHERE m.open_amount > 0 AND o.due_date >= %(day)s), 0),
       coalesce(sum(m.open_amount) FILTER (
           WHERE m.open_amount > 0 AND o.due_date BETWEEN %(day)s::date - 30 AND %(day)s::date - 1), 0),
       coalesce(sum(m.open_amount) FILTER (
           WHERE m.open_amount > 0 AND o.due_date BETWEEN %(day)s::date - 60 AND %(day)s::date - 31), 0),
       coalesce(sum(m.open_amount) FILTER (WHERE m.open_amount > 0 AND o.due_date < %(day)s::date - 60), 0),
       coalesce(sum(m.open_amount) FILTER (WHERE m.open_amount < 0), 0)
FROM ({_MOVED}) m JOIN receivables_openitem o ON o.id = m.item_id
"""  # nosec B608  # constants

_CLAIMS = f"""
SELECT coalesce(sum(m.amount), 0) FROM (
    SELECT p.debit_account_id AS account_id, p.amount FROM ledger_posting p
    JOIN ledger_journalentry e ON e.id = p.entry_id WHERE e.seller_id = %(seller)s AND e.entry_date <= %(day)s
    UNION ALL
    SELECT p.credit_account_id, -p.amount FROM ledger_posting p
    JOIN ledger_journalentry e ON e.id = p.entry_id WHERE e.seller_id = %(seller)s AND e.entry_date <= %(day)s
) m JOIN ledger_account a ON a.id = m.account_id AND a.role IN (SELECT role FROM {claims_sql("c")})
"""  # nosec B608  # constants


def open_item_sums(seller_id: int, day: date) -> OpenItemSums:
    """The sums of the list of open items at the end of a day, and the ledger's."""
    params: Params = {"seller": seller_id, "day": day}
    with connection.cursor() as cursor:
        cursor.execute(_AGES, params)
        sums = cursor.fetchone()
        cursor.execute(_CLAIMS, params)
        (booked,) = cursor.fetchone()
    return OpenItemSums._make((*sums, booked))
