"""What writing off looks at: what corrections left of a document, and what was written off of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from kundenkontor.invoicing.books.receipts import NOTHING, Amounts
from kundenkontor.invoicing.models import Correction, Invoice, VatBreakdown
from kundenkontor.invoicing.writing_off.losses import Case, Losses, losses_of
from kundenkontor.kernel.money import ZERO
from kundenkontor.ledger.commands import AccountKey
from kundenkontor.ledger.models import Account, Posting
from kundenkontor.receivables.models import OpenItem, WriteOff


def expected_losses(invoice: Invoice, item: OpenItem) -> Losses:
    """By account what would be lost if all that is open were written off now."""
    ids = [invoice.pk, *Correction.objects.filter(original=invoice).values_list("invoice_id", flat=True)]
    rest: dict[Case, Amounts] = defaultdict(lambda: NOTHING)
    for row in (
        VatBreakdown.objects.filter(invoice_id__in=ids).select_related("invoice").order_by("invoice", "position")
    ):
        case = (row.category, row.rate, row.country)
        rest[case] = rest[case].plus(
            Amounts(row.invoice.signed(row.taxable_amount), row.invoice.signed(row.tax_amount))
        )
    owed = sum((one.signed(one.amount_due) for one in Invoice.objects.filter(pk__in=ids)), ZERO)
    return losses_of(rest, owed, item.open_amount, booked_losses(WriteOff.objects.filter(open_item=item)))


def booked_losses(rows: Iterable[WriteOff]) -> Losses:
    """By account what these rows booked, taken together."""
    found: dict[AccountKey, Decimal] = defaultdict(lambda: ZERO)
    postings = Posting.objects.filter(entry_id__in=[row.entry_id for row in rows])
    for posting in postings.select_related("debit_account", "credit_account"):
        if posting.credit_item_id is not None:
            found[_key(posting.debit_account)] += posting.amount
        else:
            found[_key(posting.credit_account)] -= posting.amount
    return {key: amount for key, amount in found.items() if amount}


def list_losses(invoice: Invoice) -> list[WriteOff]:
    """All losses of a document and what came back of them, in order; ``left``: what of a loss still stands."""
    rows = list(WriteOff.objects.filter(open_item_id=invoice.open_item_id).order_by("pk"))
    for row in rows:
        back = [one.amount for one in rows if one.reverses_id == row.pk]
        row.left = ZERO if row.reverses_id else row.amount - sum(back, ZERO)
    return rows


def left_of(loss: WriteOff) -> Decimal:
    """What of a loss was not taken back."""
    return loss.amount - sum((one.amount for one in WriteOff.objects.filter(reverses=loss)), ZERO)


def _key(account: Account) -> AccountKey:
    return AccountKey(*(getattr(account, name) for name in AccountKey._fields))
