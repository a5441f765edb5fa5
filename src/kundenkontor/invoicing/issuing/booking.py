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
    sale_accounts,
    write_entry_heads,
    write_postings,
)

if TYPE_CHECKING:
    from kundenkontor.invoicing.issuing.commands import IssuedInvoice

ZERO = Decimal("0.00")
OF_ITEM = {"receivable": RECEIVABLE, "balance": CUSTOMER_BALANCE}


def write_document_postings(invoices: Sequence[IssuedInvoice]) -> list[tuple[int, EntryDraft]]:
    """The postings of documents that have no number yet: what they move does not depend on it. Returns the entries
    with their ids, for ``name_entries``."""
    cases = {(line.vat_category, line.vat_rate, line.country) for invoice in invoices for line in invoice.draft.lines}
    accounts = Accounts(invoices[0].draft.seller.id, (key for case in cases for key in sale_accounts(*case)))
    entries = [EntryDraft("invoice", "", invoice.draft.buyer.id, _postings(invoice, accounts)) for invoice in invoices]
    return list(zip(write_postings(entries), entries, strict=True))


def name_entries(entries: list[tuple[int, EntryDraft]], invoices: Sequence[IssuedInvoice], *, on: date) -> None:
    """Write the heads of the documents' entries, now that the documents have numbers."""
    for (_, entry), invoice in zip(entries, invoices, strict=True):
        entry.reference = invoice.number
    write_entry_heads(invoices[0].draft.seller.id, entries, on=on)


def _postings(invoice: IssuedInvoice, accounts: Accounts) -> list[PostingRow]:
    """The open item's account against revenue, VAT and rounding."""
    kind = invoice.draft.kind
    own = accounts[OF_ITEM[kind.item]]
    countries = {(line.vat_category, line.vat_rate): line.country for line in invoice.draft.lines}
    moves: list[tuple[int, Decimal]] = []
    for category, rate, net, tax in invoice.totals.vat_breakdown:
        revenue, vat_payable = accounts.of_sale(category, rate, countries[category, rate])
        moves += (revenue, net), (vat_payable, tax)
    if invoice.rounding_amount:
        moves.append((accounts[ROUNDING], invoice.rounding_amount))
    return [
        _posting(own, other, amount if kind.sign > 0 else -amount, invoice.item_id) for other, amount in moves if amount
    ]


def _posting(own: int, other: int, amount: Decimal, item_id: int) -> PostingRow:
    """Positive: the customer's side is debited; negative: it is credited. Amounts stay positive."""
    if amount > ZERO:
        return (own, other, amount, item_id, None)
    return (other, own, -amount, None, item_id)


def raise_totals(invoices: Sequence[IssuedInvoice]) -> None:
    """Keep the sums per customer in the statement that issues (I-M3); in order, so that two runs never deadlock."""
    sums: dict[int, list[Decimal | int]] = {}
    for invoice in invoices:
        customer_id = invoice.draft.buyer.id
        row = sums.get(customer_id)
        if row is None:
            row = sums[customer_id] = [0, ZERO, ZERO, ZERO]
        row[0] += 1
        kind = invoice.draft.kind
        row[1] += invoice.amount_due if kind.sign > 0 else -invoice.amount_due
        row[2 if kind.item == "receivable" else 3] += invoice.amount_due
    change_totals({customer_id: tuple(row) for customer_id, row in sums.items()})  # type: ignore[misc]


def change_totals(changes: dict[int, tuple[int, Decimal, Decimal, Decimal]]) -> None:
    """Add (documents, invoiced, open, balance) to the kept sums of customers."""
    columns = zip(*[(customer_id, *row) for customer_id, row in sorted(changes.items())], strict=True)
    arrays = [f"{{{','.join(map(str, column))}}}" for column in columns]
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
            arrays,
        )
