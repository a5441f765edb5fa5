"""Undoing a payment: by a reversing entry, never by deleting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import BALANCE_OFFSET_REVERSED, PAYMENT_REVERSED
from kundenkontor.invoicing.clearing import clear_items, lock_items, move_items
from kundenkontor.invoicing.issuing.booking import change_totals
from kundenkontor.invoicing.models import OpenItem
from kundenkontor.kernel.money import ZERO
from kundenkontor.ledger.commands import (
    BANK,
    CUSTOMER_BALANCE,
    RECEIVABLE,
    Accounts,
    EntryDraft,
    PostingRow,
    write_entries,
)
from kundenkontor.payments.commands.booking import lock_payment, open_item_of, subject_of
from kundenkontor.payments.errors import AlreadyReversed, BalanceMoved
from kundenkontor.payments.models import Allocation, Payment, PaymentBooking, PaymentReversal
from kundenkontor.payments.queries import balance_item_ids, list_offsets


@transaction.atomic
def reverse_payment(payment: Payment, *, reason: str, on: date, actor: Actor) -> PaymentReversal:
    """Undo a payment, for example a returned or mistyped one: what it settled is open again, its rest is taken back.

    What the rest was offset against is open again, too; what was refunded of it becomes a receivable without a
    document. An item whose document was corrected meanwhile is cleared against what the correction left over.
    Raises AlreadyReversed, BalanceMoved.
    """
    lock_payment(payment)
    if PaymentReversal.objects.filter(payment=payment).exists():
        raise AlreadyReversed()
    booking = PaymentBooking.objects.filter(payment=payment).first()
    entry_id = _reverse_booking(payment, booking, on=on, actor=actor) if booking else None
    reversal = PaymentReversal.objects.create(
        payment=payment,
        customer_id=payment.customer_id,
        reversed_on=on,
        reason=reason[:300],
        entry_id=entry_id,
        reversed_by=actor.label[:150],
    )
    record_events(PAYMENT_REVERSED, [subject_of(payment, {"reason": reason[:300]})], actor=actor, on=on)
    return reversal


def _reverse_booking(payment: Payment, booking: PaymentBooking, *, on: date, actor: Actor) -> int:
    allocations = list(Allocation.objects.filter(payment=payment, reverses__isnull=True).order_by("pk"))
    balance_ids = balance_item_ids(booking)
    offsets = list_offsets(balance_ids)
    reopened = list(dict.fromkeys(row.open_item_id for row in (*allocations, *offsets)))
    corrections = _corrections_of(reopened)
    items = lock_items([*reopened, *balance_ids, *corrections])
    if list_offsets(balance_ids) != offsets or _corrections_of(reopened) != corrections:
        raise BalanceMoved()
    balances = [items[item_id] for item_id in balance_ids]
    for offset in offsets:
        _reverse_offset(offset, items, on=on, actor=actor)
    entry_id = _write_reversal(payment, allocations, balances, on=on)
    _clear_corrected(payment, reopened, corrections, on=on)
    return entry_id


def _corrections_of(item_ids: Sequence[int]) -> list[int]:
    """The items of documents that took back what these items stand for."""
    found = OpenItem.objects.filter(kind="balance", invoice__correction__original__open_item__in=item_ids)
    return list(found.order_by("pk").values_list("pk", flat=True))


def _reverse_offset(offset: Allocation, items: dict[int, OpenItem], *, on: date, actor: Actor) -> None:
    """What a balance settled is open again, and the balance as large as before. The items are locked."""
    assert offset.balance_item_id is not None
    balance, owed = items[offset.balance_item_id], items[offset.open_item_id]
    accounts = Accounts(balance.seller_id)
    posting = (accounts[RECEIVABLE], accounts[CUSTOMER_BALANCE], offset.amount, owed.pk, balance.pk)
    entry = EntryDraft("offset_reversal", str(offset.pk), balance.customer_id, [posting])
    (entry_id,) = write_entries(balance.seller_id, [entry], on=on, currency=balance.currency)
    _allocate_back([offset], entry_id, on=on)
    move_items({balance.pk: offset.amount, owed.pk: offset.amount})
    change_totals({balance.customer_id: (0, ZERO, offset.amount, offset.amount)})
    balance.open_amount += offset.amount
    payload = {"amount": str(offset.amount), "settled": owed.number}
    subject = Subject(balance.pk, balance.number, balance.customer_id, balance.seller_id, payload)
    record_events(BALANCE_OFFSET_REVERSED, [subject], actor=actor, on=on)


def _allocate_back(allocations: Sequence[Allocation], entry_id: int, *, on: date) -> None:
    """A row against each allocation."""
    Allocation.objects.bulk_create(
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


def _write_reversal(
    payment: Payment, allocations: Sequence[Allocation], balances: Sequence[OpenItem], *, on: date
) -> int:
    """One entry over the whole payment. What was refunded of its rest cannot be taken from the balance: it is owed."""
    accounts = Accounts(payment.seller_id)
    refunded = sum((item.original_amount - item.open_amount for item in balances), ZERO)
    left = {item.pk: item.open_amount for item in balances if item.open_amount}
    postings: list[PostingRow] = [
        (accounts[RECEIVABLE], accounts[BANK], row.amount, row.open_item_id, None) for row in allocations
    ]
    postings += [(accounts[CUSTOMER_BALANCE], accounts[BANK], amount, id_, None) for id_, amount in left.items()]
    if refunded:
        # money that came and was returned to the customer, and then was taken back by the bank
        owed = open_item_of(payment, "receivable", f"RL{payment.pk:06}", refunded, on=on)
        postings.append((accounts[RECEIVABLE], accounts[BANK], refunded, owed.pk, None))
    entry = EntryDraft("payment_reversal", str(payment.pk), payment.customer_id, postings)
    (entry_id,) = write_entries(payment.seller_id, [entry], on=on, currency=payment.currency)
    _allocate_back(allocations, entry_id, on=on)
    allocated = sum((row.amount for row in allocations), ZERO)
    move_items({row.open_item_id: row.amount for row in allocations} | {id_: -amount for id_, amount in left.items()})
    change_totals({payment.customer_id: (0, ZERO, allocated + refunded, -sum(left.values(), ZERO))})
    return entry_id


def _clear_corrected(payment: Payment, reopened: Sequence[int], corrections: Sequence[int], *, on: date) -> None:
    """A document that was taken back is not owed again: what its corrections left over clears it."""
    if not corrections:
        return
    accounts = Accounts(payment.seller_id)
    items = lock_items([*reopened, *corrections])
    of_document = {items[item_id].invoice_id: items[item_id] for item_id in reopened}
    for item_id in corrections:
        balance = items[item_id]
        assert balance.invoice is not None
        receivable = of_document[balance.invoice.correction.original_id]
        clear_items(balance, receivable, reference=f"{balance.number}/{payment.pk}", on=on, accounts=accounts)
