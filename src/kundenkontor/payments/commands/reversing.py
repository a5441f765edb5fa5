"""Undoing a payment: by a reversing entry, never by deleting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import transaction

from kundenkontor.events.actor import Actor
from kundenkontor.kernel.money import ZERO
from kundenkontor.ledger.commands import (
    Accounts,
    EntryDraft,
    PostingRow,
    bank,
    write_entries,
)
from kundenkontor.payments.commands.receiving import item_of, lock_payments, record_row, subject_of
from kundenkontor.payments.commands.undoing import allocate_back, clear_corrected, corrections_of, undo_offset
from kundenkontor.payments.errors import AlreadyReversed, BalanceMoved, MovedTooEarly
from kundenkontor.payments.models import REVERSAL, Allocation, Payment, PaymentBooking, PaymentReversal
from kundenkontor.payments.queries import balance_item_ids, list_allocations, list_offsets
from kundenkontor.receivables.claims import CLAIM_ACCOUNTS, account_of
from kundenkontor.receivables.commands import change_totals, lock_items, move_items
from kundenkontor.receivables.models import OpenItem


@transaction.atomic
def reverse_payment(
    payment: Payment,
    *,
    reason: str,
    returned_on: date | None = None,
    is_mistake: bool = False,
    on: date,
    actor: Actor,
) -> PaymentReversal:
    """Undo a payment that was returned or mistyped: what it settled is open again, its rest is taken back.

    A return counts on the day on which the money left us (default: today). A mistake never happened: it counts on the
    day of the payment itself. What the rest was offset against is open again, too; what was refunded of it becomes a
    receivable without a document. An item whose document was corrected meanwhile is cleared against what the correction
    left over.
    Raises AlreadyReversed, MovedTooEarly, BalanceMoved.
    """
    lock_payments([payment])
    if PaymentReversal.objects.filter(payment=payment).exists():
        raise AlreadyReversed()
    left_on = None if is_mistake else returned_on or on
    if left_on is not None and not payment.received_on <= left_on <= on:
        raise MovedTooEarly(since=payment.received_on, until=on)
    entry_id = _reverse_booking(payment, left_on, reason=reason, on=on, actor=actor)
    reversal = PaymentReversal.objects.create(
        payment=payment,
        customer_id=payment.customer_id,
        reversed_on=on,
        returned_on=left_on,
        reason=reason[:300],
        entry_id=entry_id,
        reversed_by=actor.label[:150],
    )
    payload: dict[str, object] = {"reason": reason[:300], "returned_on": left_on and left_on.isoformat()}
    record_row(REVERSAL, payment.pk, subject_of(payment, payload), on=on, actor=actor)
    return reversal


def _reverse_booking(payment: Payment, left_on: date | None, *, reason: str, on: date, actor: Actor) -> int | None:
    """The reversing entry, where the payment was booked."""
    booking = PaymentBooking.objects.filter(payment=payment).select_related("entry").first()
    if booking is None:
        return None
    allocations = list(list_allocations(payment))
    balance_ids = balance_item_ids(payment)
    offsets = list_offsets(balance_ids)
    reopened = list(dict.fromkeys(row.open_item_id for row in (*allocations, *offsets)))
    corrections = corrections_of(reopened)
    items = lock_items([*reopened, *balance_ids, *corrections])
    if list_offsets(balance_ids) != offsets or corrections_of(reopened) != corrections:
        raise BalanceMoved()
    balances = [items[item_id] for item_id in balance_ids]
    for offset in offsets:
        undo_offset(offset, items, left_on, reason=reason, on=on, actor=actor)
    entry_id = _write_reversal(payment, allocations, items, balances, left_on or booking.entry.tax_day, on=on)
    clear_corrected(corrections, reference=str(payment.pk), on=on)
    return entry_id


def _write_reversal(
    payment: Payment,
    allocations: Sequence[Allocation],
    items: Mapping[int, OpenItem],
    balances: Sequence[OpenItem],
    tax_day: date,
    *,
    on: date,
) -> int:
    """One entry over the whole payment. What was refunded of its rest cannot be taken from the balance: it is owed."""
    accounts = Accounts(payment.seller_id, {*CLAIM_ACCOUNTS, bank(payment.place)})
    money = accounts[bank(payment.place)]
    refunded = sum((item.original_amount - item.open_amount for item in balances), ZERO)
    left = {item.pk: item.open_amount for item in balances if item.open_amount}
    postings: list[PostingRow] = [
        (accounts[account_of(items[row.open_item_id])], money, row.amount, row.open_item_id, None)
        for row in allocations
    ]
    postings += [(accounts[account_of(items[id_])], money, amount, id_, None) for id_, amount in left.items()]
    if refunded:
        # money that came and was returned to the customer, and then was taken back by the bank
        owed = item_of(payment, "receivable", f"RL{payment.pk:06}", refunded, on=on)
        owed.save()
        postings.append((accounts[account_of(owed)], money, refunded, owed.pk, None))
    entry = EntryDraft("payment_reversal", str(payment.pk), payment.customer_id, postings, tax_day)
    (entry_id,) = write_entries(payment.seller_id, [entry], currency=payment.currency)
    allocate_back(allocations, entry_id, on=on)
    allocated = sum((row.amount for row in allocations), ZERO)
    move_items({row.open_item_id: row.amount for row in allocations} | {id_: -amount for id_, amount in left.items()})
    change_totals({payment.customer_id: (0, ZERO, allocated + refunded, -sum(left.values(), ZERO))})
    return entry_id
