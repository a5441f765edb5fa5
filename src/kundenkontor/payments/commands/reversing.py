"""Undoing a payment: by a reversing entry, never by deleting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import record_events
from kundenkontor.invoicing.booking import change_totals
from kundenkontor.invoicing.commands.clearing import clear_items, lock_items, move_items
from kundenkontor.invoicing.models import OpenItem
from kundenkontor.kernel.bulk import take_ids
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
from kundenkontor.ledger.models import Posting
from kundenkontor.payments.commands.booking import lock_payment, subject_of
from kundenkontor.payments.errors import AlreadyReversed, BalanceSpent
from kundenkontor.payments.models import Allocation, Payment, PaymentBooking, PaymentReversal


@transaction.atomic
def reverse_payment(payment: Payment, *, reason: str, on: date, actor: Actor) -> PaymentReversal:
    """Undo a payment, for example a returned or mistyped one: what it settled is open again, its rest is taken back.

    An item whose document was corrected meanwhile is cleared against what the correction left over.
    Raises AlreadyReversed; BalanceSpent if its rest was offset or refunded.
    """
    lock_payment(payment)
    if PaymentReversal.objects.filter(payment=payment).exists():
        raise AlreadyReversed()
    booking = PaymentBooking.objects.filter(payment=payment).first()
    entry_id = _reverse_booking(payment, booking, on=on) if booking else None
    reversal = PaymentReversal.objects.create(
        payment=payment,
        customer_id=payment.customer_id,
        reversed_on=on,
        reason=reason[:300],
        entry_id=entry_id,
        reversed_by=actor.label[:150],
    )
    record_events("payment.reversed", [subject_of(payment, {"reason": reason[:300]})], actor=actor, on=on)
    return reversal


def balance_item_ids(booking: PaymentBooking) -> list[int]:
    """The balance item that a booked payment left, if any: the one its entry credited."""
    credited = Posting.objects.filter(entry_id=booking.entry_id, credit_item_id__isnull=False)
    of_items = OpenItem.objects.filter(kind="balance", pk__in=credited.values("credit_item_id"))
    return list(of_items.values_list("pk", flat=True))


def _reverse_booking(payment: Payment, booking: PaymentBooking, *, on: date) -> int:
    allocations = list(Allocation.objects.filter(payment=payment, reverses__isnull=True).order_by("pk"))
    reopened = [allocation.open_item_id for allocation in allocations]
    balances = balance_item_ids(booking)
    corrections = list(
        OpenItem.objects.filter(kind="balance", invoice__correction__original__open_item__in=reopened).values_list(
            "pk", flat=True
        )
    )
    items = lock_items([*reopened, *balances, *corrections])
    for item_id in balances:
        if items[item_id].open_amount != items[item_id].original_amount:
            raise BalanceSpent()
    entry_id = _write_reversal(payment, allocations, [items[item_id] for item_id in balances], on=on)
    _clear_corrected(payment, reopened, corrections, on=on)
    return entry_id


def _write_reversal(
    payment: Payment, allocations: Sequence[Allocation], balances: Sequence[OpenItem], *, on: date
) -> int:
    accounts = Accounts(payment.seller_id)
    postings: list[PostingRow] = [
        (accounts[RECEIVABLE], accounts[BANK], row.amount, row.open_item_id, None) for row in allocations
    ]
    postings += [(accounts[CUSTOMER_BALANCE], accounts[BANK], i.original_amount, i.pk, None) for i in balances]
    entry_id = take_ids("ledger_journalentry", 1)[0]
    entry = EntryDraft("payment_reversal", str(payment.pk), payment.customer_id, postings)
    write_entries(payment.seller_id, [entry], on=on, entry_ids=[entry_id], currency=payment.currency)
    Allocation.objects.bulk_create(
        Allocation(
            customer_id=payment.customer_id,
            payment=payment,
            open_item_id=row.open_item_id,
            amount=row.amount,
            reverses=row,
            entry_id=entry_id,
            allocated_on=on,
        )
        for row in allocations
    )
    allocated = sum((row.amount for row in allocations), ZERO)
    rest = sum((item.original_amount for item in balances), ZERO)
    move_items({row.open_item_id: row.amount for row in allocations} | {i.pk: -i.original_amount for i in balances})
    change_totals({payment.customer_id: (0, ZERO, allocated, -rest)})
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
