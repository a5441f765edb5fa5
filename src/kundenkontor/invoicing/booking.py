"""What documents mean in the books: receivable against revenue and VAT, by category, rate and country."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection

from kundenkontor.ledger.commands import (
    CUSTOMER_BALANCE,
    RECEIVABLE,
    ROUNDING,
    Accounts,
    EntryDraft,
    PostingRow,
    write_entries,
)

if TYPE_CHECKING:
    from kundenkontor.invoicing.commands.issuing import IssuedInvoice


def book_documents(invoices: Sequence[IssuedInvoice], accounts: Accounts, *, on: date) -> None:
    """One entry per document: its open item's account against revenue, VAT and rounding."""
    entries = [
        EntryDraft("invoice", invoice.number, invoice.draft.buyer.id, list(_postings(invoice, accounts)))
        for invoice in invoices
    ]
    write_entries(invoices[0].draft.seller.id, entries, on=on)


def _postings(invoice: IssuedInvoice, accounts: Accounts) -> list[PostingRow]:
    is_correction = invoice.draft.type_code == "381"
    own = accounts[CUSTOMER_BALANCE if is_correction else RECEIVABLE]
    countries = {(line.vat_category, line.vat_rate): line.country for line in invoice.draft.lines}
    postings: list[PostingRow] = []
    for category, rate, net, tax in invoice.totals.vat_breakdown:
        revenue, vat_payable = accounts.of_sale(category, rate, countries[category, rate])
        if net:
            postings.append(_posting(own, revenue, -net if is_correction else net, invoice.item_id))
        if tax:
            postings.append(_posting(own, vat_payable, -tax if is_correction else tax, invoice.item_id))
    if invoice.rounding_amount:
        amount = -invoice.rounding_amount if is_correction else invoice.rounding_amount
        postings.append(_posting(own, accounts[ROUNDING], amount, invoice.item_id))
    return postings


def _posting(own: int, other: int, amount: Decimal, item_id: int) -> PostingRow:
    """Positive: the customer's side is debited; negative: it is credited. Amounts stay positive."""
    if amount > 0:
        return (own, other, amount, item_id, None)
    return (other, own, -amount, None, item_id)


def raise_totals(invoices: Sequence[IssuedInvoice]) -> None:
    """Keep the sums per customer in the statement that issues (I-M3); in order, so that two runs never deadlock."""
    sums: dict[int, list[Decimal | int]] = {}
    for invoice in invoices:
        row = sums.setdefault(invoice.draft.buyer.id, [0, Decimal(0), Decimal(0), Decimal(0)])
        row[0] += 1
        if invoice.draft.type_code == "381":
            row[1] -= invoice.amount_due
            row[3] += invoice.amount_due
        else:
            row[1] += invoice.amount_due
            row[2] += invoice.amount_due
    change_totals({customer_id: tuple(row) for customer_id, row in sums.items()})  # type: ignore[misc]


def change_totals(changes: dict[int, tuple[int, Decimal, Decimal, Decimal]]) -> None:
    """Add (documents, invoiced, open, balance) to the kept sums of customers."""
    ordered = sorted(changes.items())
    columns = list(zip(*((customer_id, *row) for customer_id, row in ordered), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO invoicing_customertotals AS kept
                (customer_id, documents, invoiced_amount, open_amount, balance_amount)
            SELECT * FROM unnest(%s::bigint[], %s::int[], %s::numeric[], %s::numeric[], %s::numeric[])
            ON CONFLICT (customer_id) DO UPDATE SET
                documents = kept.documents + excluded.documents,
                invoiced_amount = kept.invoiced_amount + excluded.invoiced_amount,
                open_amount = kept.open_amount + excluded.open_amount,
                balance_amount = kept.balance_amount + excluded.balance_amount
            """,
            [list(column) for column in columns],
        )
