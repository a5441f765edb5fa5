"""What documents mean in the books: receivable against what its lines name and VAT, by category, rate and country."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from kundenkontor.invoicing.issuing.values import IssuedInvoice, PreparedInvoice
from kundenkontor.kernel.money import ZERO
from kundenkontor.ledger.commands import (
    ROUNDING,
    AccountKey,
    Accounts,
    EntryDraft,
    PostingRow,
    write_entry_heads,
    write_postings,
)
from kundenkontor.receivables.claims import CLAIMS
from kundenkontor.receivables.commands import change_totals


def write_document_postings(invoices: Sequence[PreparedInvoice], *, on: date) -> list[tuple[int, EntryDraft]]:
    """The postings of documents that have no number yet: what they move does not depend on it. Returns the entries
    with their ids, for ``name_entries``."""
    moves = [_moves(invoice) for invoice in invoices]
    accounts = Accounts(invoices[0].draft.seller.id, {key for of_one in moves for key, _ in of_one})
    entries = [
        EntryDraft("invoice", "", invoice.draft.buyer.id, _postings(invoice, of_one, accounts), on)
        for invoice, of_one in zip(invoices, moves, strict=True)
    ]
    return list(zip(write_postings(entries), entries, strict=True))


def name_entries(entries: list[tuple[int, EntryDraft]], invoices: Sequence[IssuedInvoice]) -> None:
    """Write the heads of the documents' entries, now that the documents have numbers."""
    for (_, entry), invoice in zip(entries, invoices, strict=True):
        entry.reference = invoice.number
    write_entry_heads(invoices[0].draft.seller.id, entries)


def _moves(invoice: PreparedInvoice) -> list[tuple[AccountKey, Decimal]]:
    """What a document moves: per VAT case the net amounts by the roles of its lines, then its VAT; and the rounding.

    The breakdown alone would not say: where an advance is settled, its groups come to nothing.
    """
    nets: dict[tuple[str, str, Decimal, str], Decimal] = {}
    for line in invoice.draft.lines:
        key = (line.source.account_role, line.tax.category, line.tax.rate, line.tax.country)
        nets[key] = nets.get(key, ZERO) + line.measure.net_amount
    moves: list[tuple[AccountKey, Decimal]] = []
    for category, rate, _, tax in invoice.totals.vat_breakdown:
        of_case = [(AccountKey(*key), net) for key, net in nets.items() if key[1] == category and key[2] == rate]
        moves += of_case
        moves.append((AccountKey("vat_payable", category, rate, of_case[0][0].country), tax))
    if invoice.rounding_amount:
        moves.append((ROUNDING, invoice.rounding_amount))
    return moves


def _postings(
    invoice: PreparedInvoice, moves: Sequence[tuple[AccountKey, Decimal]], accounts: Accounts
) -> list[PostingRow]:
    """The open item's account against what the document moves."""
    kind = invoice.draft.kind
    own = accounts[CLAIMS[kind.item].account]
    return [
        _posting(own, accounts[key], amount if kind.sign > 0 else -amount, invoice.item_id)
        for key, amount in moves
        if amount
    ]


def _posting(own: int, other: int, amount: Decimal, item_id: int) -> PostingRow:
    """Positive: the customer's side is debited; negative: it is credited. Amounts stay positive."""
    if amount > ZERO:
        return (own, other, amount, item_id, None)
    return (other, own, -amount, None, item_id)


def raise_totals(invoices: Sequence[PreparedInvoice]) -> None:
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
        row[2 if CLAIMS[kind.item].sign > 0 else 3] += invoice.amount_due
    change_totals({customer_id: tuple(row) for customer_id, row in sums.items()})  # type: ignore[misc]
