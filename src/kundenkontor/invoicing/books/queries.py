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
from kundenkontor.receivables.claims import claims_sql

ZERO = Decimal("0.00")
PAGE = 1000
Params = dict[str, int | str | date]


def list_outgoing_book(seller_id: int, since: date, until: date) -> QuerySet[VatBreakdown]:
    """A row per document and VAT category and rate, in order of the documents."""
    rows = VatBreakdown.objects.filter(
        invoice__seller_id=seller_id, invoice__issue_date__gte=since, invoice__issue_date__lte=until
    )
    return rows.select_related("invoice__customer_snapshot", "invoice__customer").order_by("invoice_id", "position")


class BookSum(NamedTuple):
    """Taxable amount and VAT of one case. ``key`` is the customer's VAT id in the ZM, else empty."""

    category: str
    rate: Decimal
    country: str
    key: str
    taxable_amount: Decimal
    tax_amount: Decimal


class BookSums(NamedTuple):
    """The sums of a period: for the VAT return (UVA), the recapitulative statement (ZM) and OSS; and all documents.

    ``agrees_with_ledger``: revenue and VAT of the ledger are the same sums, per case, rate and country.
    """

    vat_return: list[BookSum]
    recapitulative: list[BookSum]
    one_stop_shop: list[BookSum]
    documents: int
    taxable_amount: Decimal
    tax_amount: Decimal
    rounding_amount: Decimal
    amount_due: Decimal
    agrees_with_ledger: bool


_SUMS = """
SELECT v.category, v.rate, v.country,
       CASE WHEN v.category = 'AE' THEN s.content ->> 'vat_id' ELSE '' END,
       v.category = 'S' AND v.country <> %(country)s AS is_oss,
       sum(i.sign * v.taxable_amount),
       sum(i.sign * v.tax_amount)
FROM invoicing_invoice i
JOIN invoicing_vatbreakdown v ON v.invoice_id = i.id
JOIN parties_partysnapshot s ON s.id = i.customer_snapshot_id
WHERE i.seller_id = %(seller)s AND i.issue_date BETWEEN %(since)s AND %(until)s
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 3, 2, 4
"""

_DOCUMENTS = """
SELECT count(*), coalesce(sum(sign * rounding_amount), 0), coalesce(sum(sign * amount_due), 0)
FROM invoicing_invoice WHERE seller_id = %(seller)s AND issue_date BETWEEN %(since)s AND %(until)s
"""

# The ledger's own view of the same period: what accounts of lines and VAT were credited, less debited.
_LEDGER = """
SELECT a.vat_category, a.vat_rate, a.country,
       coalesce(sum(m.amount) FILTER (WHERE a.role IN ('revenue', 'advance')), 0),
       coalesce(sum(m.amount) FILTER (WHERE a.role = 'vat_payable'), 0)
FROM (
    SELECT p.credit_account_id AS account_id, p.amount FROM ledger_posting p
    JOIN ledger_journalentry e ON e.id = p.entry_id
    WHERE e.seller_id = %(seller)s AND e.entry_date BETWEEN %(since)s AND %(until)s
    UNION ALL
    SELECT p.debit_account_id, -p.amount FROM ledger_posting p
    JOIN ledger_journalentry e ON e.id = p.entry_id
    WHERE e.seller_id = %(seller)s AND e.entry_date BETWEEN %(since)s AND %(until)s
) m JOIN ledger_account a ON a.id = m.account_id AND a.role IN ('revenue', 'advance', 'vat_payable')
GROUP BY 1, 2, 3
"""
Case = tuple[str, Decimal, str]


def outgoing_book_sums(seller_id: int, country: str, since: date, until: date) -> BookSums:
    """The sums of the outgoing book. ``country`` is the seller's: VAT of another country belongs to OSS."""
    params: Params = {"seller": seller_id, "country": country, "since": since, "until": until}
    vat_return: dict[Case, BookSum] = {}
    of_documents: dict[Case, BookSum] = {}
    recapitulative: list[BookSum] = []
    one_stop_shop: list[BookSum] = []
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, params)
        for category, rate, of, key, is_oss, taxable, tax in cursor.fetchall():
            row = BookSum(category, rate, of, key or "", taxable, tax)
            _add(of_documents, row, (category, rate, of))
            if is_oss:
                one_stop_shop.append(row)
                continue
            if category == "AE":
                recapitulative.append(row)
            # reverse charge is one sum in the VAT return, whatever the customer's country
            _add(vat_return, row, (category, rate, "" if category == "AE" else of))
        cursor.execute(_DOCUMENTS, params)
        documents, rounding, due = cursor.fetchone()
        cursor.execute(_LEDGER, params)
        booked = {(row[0], row[1], row[2]): (row[3], row[4]) for row in cursor.fetchall()}
    return BookSums(
        list(vat_return.values()),
        recapitulative,
        one_stop_shop,
        documents,
        sum((row.taxable_amount for row in of_documents.values()), ZERO),
        sum((row.tax_amount for row in of_documents.values()), ZERO),
        rounding,
        due,
        _moved(booked) == _moved({case: (row.taxable_amount, row.tax_amount) for case, row in of_documents.items()}),
    )


def _add(sums: dict[Case, BookSum], row: BookSum, case: Case) -> None:
    before = sums.get(case)
    taxable = row.taxable_amount + (before.taxable_amount if before else ZERO)
    tax = row.tax_amount + (before.tax_amount if before else ZERO)
    sums[case] = BookSum(*case, "", taxable, tax)


def _moved(sums: dict[Case, tuple[Decimal, Decimal]]) -> dict[Case, tuple[Decimal, Decimal]]:
    """Without what adds up to nothing: an account where nothing was booked is no difference."""
    return {case: amounts for case, amounts in sums.items() if any(amounts)}


class OpenItemRow(NamedTuple):
    """An item that was open on a day. ``open_amount`` is negative where we owe the customer (kind balance)."""

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
       coalesce(sum(m.open_amount) FILTER (WHERE c.sign > 0 AND o.due_date >= %(day)s), 0),
       coalesce(sum(m.open_amount) FILTER (
           WHERE c.sign > 0 AND o.due_date BETWEEN %(day)s::date - 30 AND %(day)s::date - 1), 0),
       coalesce(sum(m.open_amount) FILTER (
           WHERE c.sign > 0 AND o.due_date BETWEEN %(day)s::date - 60 AND %(day)s::date - 31), 0),
       coalesce(sum(m.open_amount) FILTER (WHERE c.sign > 0 AND o.due_date < %(day)s::date - 60), 0),
       coalesce(sum(m.open_amount) FILTER (WHERE c.sign < 0), 0)
FROM ({_MOVED}) m JOIN receivables_openitem o ON o.id = m.item_id JOIN {claims_sql("c")} ON c.kind = o.kind
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
