"""Money arrives ("eingegangen") and is booked ("verbucht"); only then it counts (M25)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.db import connection, transaction

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import PAYMENT_BOOKED, PAYMENT_RECEIVED
from kundenkontor.invoicing.clearing import lock_items, lock_open_receivables, move_items
from kundenkontor.invoicing.issuing.booking import change_totals
from kundenkontor.invoicing.models import OpenItem
from kundenkontor.kernel.bulk import take_ids
from kundenkontor.kernel.clock import utc_now
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
from kundenkontor.parties.models import Customer
from kundenkontor.payments.allocating import Allocations, allocate, check_allocations
from kundenkontor.payments.errors import (
    AlreadyBooked,
    AlreadyReversed,
    AmountNotPositive,
    BookedLater,
    NotReceivedYet,
)
from kundenkontor.payments.models import Allocation, Payment, PaymentBooking, PaymentReversal

PAYMENT_LOCK = 7311  # the class of advisory locks that stand for payments: their rows are never locked


@transaction.atomic
def record_payment(
    customer: Customer,
    amount: Decimal,
    received_on: date,
    *,
    method: str = "transfer",
    reference: str = "",
    payer: str = "",
    allocations: Allocations | None = None,
    book: bool = True,
    on: date,
    actor: Actor,
) -> Payment:
    """Note money that arrived, and book it unless told to wait.

    ``allocations`` are (open item id, amount); without them named documents are settled first, then the oldest. What
    is left becomes the customer's balance: nothing is dropped.

    Raises AmountNotPositive, NotReceivedYet, BookedLater, ItemNotFound, AllocationTooLarge, PaymentExceeded.
    """
    if amount <= 0:
        raise AmountNotPositive()
    if received_on > on:
        raise NotReceivedYet()
    if allocations is not None and not book:
        raise BookedLater()
    payment = Payment.objects.create(
        seller_id=customer.seller_id,
        customer=customer,
        amount=amount,
        received_on=received_on,
        method=method,
        reference=reference[:140],
        payer=payer[:140],
        recorded_at=utc_now(),
        recorded_by=actor.label[:150],
    )
    received = replace(subject_of(payment, {"amount": str(amount)}), document_hash=_digest_of(payment))
    record_events(PAYMENT_RECEIVED, [received], actor=actor, on=on)
    if book:
        book_payment(payment, allocations=allocations, on=on, actor=actor)
    return payment


@transaction.atomic
def book_payment(payment: Payment, *, allocations: Allocations | None = None, on: date, actor: Actor) -> PaymentBooking:
    """Book a received payment: bank against what the customer owes, the rest against the customer's balance.

    Raises AlreadyBooked, AlreadyReversed, ItemNotFound, AllocationTooLarge, PaymentExceeded.
    """
    lock_payment(payment)
    if PaymentBooking.objects.filter(payment=payment).exists():
        raise AlreadyBooked()
    if PaymentReversal.objects.filter(payment=payment).exists():
        raise AlreadyReversed()
    if allocations is None:
        owed = lock_open_receivables(payment.customer_id)
        parts = allocate(payment.amount, payment.reference, owed.values())
    else:
        owed = _own_receivables(payment, allocations)
        parts = check_allocations(payment.amount, allocations, owed.values())
    booking = _book(payment, parts, on=on)
    numbers = {owed[item_id].number: str(part) for item_id, part in parts}
    record_events(PAYMENT_BOOKED, [subject_of(payment, {"settled": numbers})], actor=actor, on=on)
    return booking


def lock_payment(payment: Payment) -> None:
    """Let one command at a time work on a payment, until commit. Its row is insert-only and cannot be locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PAYMENT_LOCK, payment.pk % 2**31])


def _digest_of(payment: Payment) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {Payment.DIGEST} FROM payments_payment WHERE id = %s", [payment.pk])  # nosec B608
        digest: bytes = cursor.fetchone()[0]
    return digest


def subject_of(payment: Payment, payload: dict[str, object]) -> Subject:
    return Subject(payment.pk, payment.reference[:80], payment.customer_id, payment.seller_id, payload)


def _own_receivables(payment: Payment, allocations: Allocations) -> dict[int, OpenItem]:
    items = lock_items(item_id for item_id, _ in allocations)
    return {
        item.pk: item
        for item in items.values()
        if item.customer_id == payment.customer_id and item.kind == "receivable"
    }


def _book(payment: Payment, parts: Sequence[tuple[int, Decimal]], *, on: date) -> PaymentBooking:
    accounts = Accounts(payment.seller_id)
    allocated = sum((part for _, part in parts), ZERO)
    rest = payment.amount - allocated
    postings: list[PostingRow] = [
        (accounts[BANK], accounts[RECEIVABLE], part, None, item_id) for item_id, part in parts
    ]
    if rest:
        # what was paid beyond everything owed is owed back
        balance = open_item_of(payment, "balance", f"ZE{payment.pk:06}", rest, on=on)
        postings.append((accounts[BANK], accounts[CUSTOMER_BALANCE], rest, None, balance.pk))
    entry_id = take_ids("ledger_journalentry", 1)[0]
    entry = EntryDraft("payment", str(payment.pk), payment.customer_id, postings)
    write_entries(payment.seller_id, [entry], on=on, entry_ids=[entry_id], currency=payment.currency)
    Allocation.objects.bulk_create(
        Allocation(
            customer_id=payment.customer_id,
            payment=payment,
            open_item_id=item_id,
            amount=part,
            entry_id=entry_id,
            allocated_on=on,
        )
        for item_id, part in parts
    )
    move_items({item_id: -part for item_id, part in parts})
    change_totals({payment.customer_id: (0, ZERO, -allocated, rest)})
    return PaymentBooking.objects.create(
        payment=payment, customer_id=payment.customer_id, booked_on=on, entry_id=entry_id
    )


def open_item_of(payment: Payment, kind: str, number: str, amount: Decimal, *, on: date) -> OpenItem:
    """What a payment itself leaves open, on the customer's side or ours: due at once."""
    return OpenItem.objects.create(
        seller_id=payment.seller_id,
        customer_id=payment.customer_id,
        kind=kind,
        number=number,
        currency=payment.currency,
        original_amount=amount,
        open_amount=amount,
        due_date=on,
    )
