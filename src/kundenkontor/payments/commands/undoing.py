"""Undoing an allocation: what it settled is open again, and the money stays with us as the customer's balance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db import transaction

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject
from kundenkontor.invoicing.models import Correction
from kundenkontor.kernel.money import ZERO
from kundenkontor.ledger.commands import Accounts, EntryDraft, write_entries
from kundenkontor.payments.commands.receiving import item_of, lock_payments, record_row, subject_of
from kundenkontor.payments.errors import AllocationUndone, BalanceMoved
from kundenkontor.payments.models import ALLOCATION_UNDONE, OFFSET_UNDONE, Allocation, Payment
from kundenkontor.receivables.claims import CLAIM_ACCOUNTS, account_of
from kundenkontor.receivables.commands import change_totals, clear_items, lock_items, move_items
from kundenkontor.receivables.models import OpenItem


@transaction.atomic
def undo_allocation(allocation: Allocation, *, reason: str, on: date, actor: Actor) -> Allocation:
    """Undo what a payment or a balance settled; the payment stays. Returns the row against the allocation.

    It was a mistake, so it counts on the day on which the allocation counted.
    The money of a payment becomes the customer's balance, to offset or to refund; a balance is as large as before. An
    item whose document was corrected meanwhile is cleared against what the correction left over.
    Raises AllocationUndone, BalanceMoved.
    """
    if allocation.payment is not None:
        lock_payments([allocation.payment])
    owed_id = allocation.open_item_id
    corrections = corrections_of([owed_id])
    sources = [allocation.balance_item_id] if allocation.balance_item_id is not None else []
    items = lock_items([owed_id, *sources, *corrections])
    if allocation.reverses_id is not None or Allocation.objects.filter(reverses=allocation).exists():
        raise AllocationUndone()
    if corrections_of([owed_id]) != corrections:
        raise BalanceMoved()
    if allocation.payment is None:
        undone = undo_offset(allocation, items, None, reason=reason, on=on, actor=actor)
    else:
        undone = _give_back(allocation, allocation.payment, items[owed_id], on=on)
        payload: dict[str, object] = {"amount": str(allocation.amount), "settled": items[owed_id].number}
        subject = subject_of(allocation.payment, payload | {"reason": reason[:300]})
        record_row(ALLOCATION_UNDONE, undone.pk, subject, on=on, actor=actor)
    clear_corrected(corrections, reference=f"a{undone.pk}", on=on)
    return undone


def _give_back(allocation: Allocation, payment: Payment, owed: OpenItem, *, on: date) -> Allocation:
    """What a payment settled is open again; the money is owed back."""
    number = f"ZE{payment.pk:06}/{allocation.pk}"
    balance = item_of(payment, "balance", number, allocation.amount, on=payment.received_on)
    balance.save()
    accounts = Accounts(payment.seller_id, CLAIM_ACCOUNTS)
    posting = (accounts[account_of(owed)], accounts[account_of(balance)], allocation.amount, owed.pk, balance.pk)
    tax_day = allocation.entry.tax_day
    entry = EntryDraft("allocation_reversal", str(allocation.pk), payment.customer_id, [posting], tax_day)
    (entry_id,) = write_entries(payment.seller_id, [entry], currency=payment.currency)
    (undone,) = allocate_back([allocation], entry_id, on=on)
    move_items({owed.pk: allocation.amount})
    change_totals({payment.customer_id: (0, ZERO, allocation.amount, allocation.amount)})
    return undone


def undo_offset(
    offset: Allocation, items: Mapping[int, OpenItem], tax_day: date | None, *, reason: str, on: date, actor: Actor
) -> Allocation:
    """What a balance settled is open again, and the balance as large as before. The items are locked. ``tax_day``:
    when it really changed; None: the offset was a mistake."""
    assert offset.balance_item_id is not None
    balance, owed = items[offset.balance_item_id], items[offset.open_item_id]
    accounts = Accounts(balance.seller_id, CLAIM_ACCOUNTS)
    posting = (accounts[account_of(owed)], accounts[account_of(balance)], offset.amount, owed.pk, balance.pk)
    day = tax_day or offset.entry.tax_day
    entry = EntryDraft("offset_reversal", str(offset.pk), balance.customer_id, [posting], day)
    (entry_id,) = write_entries(balance.seller_id, [entry], currency=balance.currency)
    (undone,) = allocate_back([offset], entry_id, on=on)
    move_items({balance.pk: offset.amount, owed.pk: offset.amount})
    change_totals({balance.customer_id: (0, ZERO, offset.amount, offset.amount)})
    balance.open_amount += offset.amount
    payload = {"amount": str(offset.amount), "settled": owed.number, "reason": reason[:300]}
    subject = Subject(balance.pk, balance.number, balance.customer_id, balance.seller_id, payload)
    record_row(OFFSET_UNDONE, undone.pk, subject, on=on, actor=actor)
    return undone


def allocate_back(allocations: Iterable[Allocation], entry_id: int, *, on: date) -> list[Allocation]:
    """A row against each allocation."""
    return Allocation.objects.bulk_create(
        Allocation(
            customer_id=row.customer_id,
            payment_id=row.payment_id,
            balance_item_id=row.balance_item_id,
            open_item_id=row.open_item_id,
            amount=row.amount,
            reverses=row,
            entry_id=entry_id,
            allocated_on=on,
        )
        for row in allocations
    )


def corrections_of(item_ids: Sequence[int]) -> dict[int, int]:
    """The items of documents that took back what these items stand for, in order, each with the item it takes back."""
    found = Correction.objects.filter(original__open_item__in=item_ids).order_by("invoice__open_item_id")
    return dict(found.values_list("invoice__open_item_id", "original__open_item_id"))


def clear_corrected(corrections: Mapping[int, int], *, reference: str, on: date) -> None:
    """A document that was taken back is not owed again: what its corrections left over clears it."""
    items = lock_items([*corrections, *corrections.values()])
    for balance_id, receivable_id in corrections.items():
        balance, accounts = items[balance_id], Accounts(items[balance_id].seller_id)
        clear_items(balance, items[receivable_id], reference=f"{balance.number}/{reference}", on=on, accounts=accounts)
