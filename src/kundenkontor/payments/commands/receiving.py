"""Money arrives ("eingegangen") and is booked ("verbucht"); only then it counts (M25).

Plural like issuing: one payment is a list of one, and a whole bank statement takes as many statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Q

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.hashing import Hashed, hash_rows
from kundenkontor.events.names import PAYMENT_BOOKED, PAYMENT_RECEIVED
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.money import ZERO
from kundenkontor.ledger.commands import (
    Accounts,
    EntryDraft,
    PostingRow,
    bank,
    write_entries,
)
from kundenkontor.parties.facts import TaxFacts, tax_facts
from kundenkontor.parties.models import Customer
from kundenkontor.payments.allocating import Allocations, check_allocations, settle_in_turn, take_off
from kundenkontor.payments.errors import (
    AlreadyBooked,
    AlreadyReversed,
    AmountNotPositive,
    BookedLater,
    NotReceivedYet,
    ReceiptUnusual,
    SucceededLater,
)
from kundenkontor.payments.models import BOOKING, PAYMENT, Allocation, Payment, PaymentBooking, PaymentReversal
from kundenkontor.payments.queries import find_unusual_days
from kundenkontor.receivables.claims import CLAIM_ACCOUNTS, account_of
from kundenkontor.receivables.commands import change_totals, lock_receivables, move_items
from kundenkontor.receivables.models import OpenItem

PAYMENT_LOCK = 7311  # the class of advisory locks that stand for payments: their rows are never locked


@dataclass(frozen=True, slots=True)
class IncomingPayment:
    """Money of a customer that arrived. ``place``: at which bank account or provider, "" where there is but one.

    ``received_on``: when the bank booked it; ``succeeded_on``: when the provider took it, where one did;
    ``is_confirmed``: somebody was asked whether so unusual a day is right.
    ``allocations`` are (open item id, amount); without them named documents are settled first, then the oldest. What
    is left becomes the customer's balance: nothing is dropped. ``is_waiting``: noted, but not booked yet.
    """

    customer: Customer
    amount: Decimal
    received_on: date
    method: str = "transfer"
    place: str = ""
    reference: str = ""
    payer: str = ""
    allocations: Allocations | None = None
    is_waiting: bool = False
    succeeded_on: date | None = None
    is_confirmed: bool = False


class _Settling(NamedTuple):
    """A payment about to be booked, what it settles, and the item of what is left over."""

    payment: Payment
    parts: list[tuple[int, Decimal]]
    rest: OpenItem | None


@transaction.atomic
def receive_payments(incoming: Sequence[IncomingPayment], *, on: date, actor: Actor) -> list[Payment]:
    """Note money that arrived, and book it unless it waits; all or none. Several for one item settle it in their order.

    Raises AmountNotPositive, NotReceivedYet, SucceededLater, ReceiptUnusual, BookedLater, ItemNotFound,
    AllocationTooLarge, PaymentExceeded.
    """
    for one in incoming:
        _refuse(one, on)
    _ask_about_unusual_days([one for one in incoming if not one.is_confirmed], on)
    now = utc_now()
    payments = Payment.objects.bulk_create(_payment(one, now, actor) for one in incoming)
    hashes = hash_rows(PAYMENT, [payment.pk for payment in payments])
    received = [
        replace(subject_of(payment, {"amount": str(payment.amount)}), document_hash=hashes[payment.pk])
        for payment in payments
    ]
    record_events(PAYMENT_RECEIVED, received, actor=actor, on=on)
    booked = [(payment, one.allocations) for payment, one in zip(payments, incoming, strict=True) if not one.is_waiting]
    _book(booked, on=on, actor=actor)
    return payments


@transaction.atomic
def book_payments(payments: Sequence[Payment], *, on: date, actor: Actor) -> None:
    """Book payments that were only noted: bank against what the customer owes, the rest against the balance.

    Raises AlreadyBooked, AlreadyReversed.
    """
    lock_payments(payments)
    if PaymentBooking.objects.filter(payment__in=payments).exists():
        raise AlreadyBooked()
    if PaymentReversal.objects.filter(payment__in=payments).exists():
        raise AlreadyReversed()
    _book([(payment, None) for payment in payments], on=on, actor=actor)


def lock_payments(payments: Iterable[Payment]) -> None:
    """Let one command at a time work on a payment, until commit. Rows are insert-only and cannot be locked."""
    ids = sorted({payment.pk % 2**31 for payment in payments})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, id) FROM unnest(%s::int[]) AS id", [PAYMENT_LOCK, ids])


def record_row(hashed: Hashed, id_: int, subject: Subject, *, on: date, actor: Actor) -> None:
    """The event of a row that was written, with its hash."""
    of_row = replace(subject, id=id_, document_hash=hash_rows(hashed, [id_])[id_])
    record_events(hashed.event, [of_row], actor=actor, on=on)


def subject_of(payment: Payment, payload: dict[str, object]) -> Subject:
    return Subject(payment.pk, payment.reference[:80], payment.customer_id, payment.seller_id, payload)


def item_of(payment: Payment, kind: str, number: str, amount: Decimal, *, on: date) -> OpenItem:
    """What a payment itself leaves open, on the customer's side or ours, due at once. Not saved yet."""
    return OpenItem(
        seller_id=payment.seller_id,
        customer_id=payment.customer_id,
        kind=kind,
        number=number,
        currency=payment.currency,
        original_amount=amount,
        open_amount=amount,
        due_date=on,
    )


def _refuse(one: IncomingPayment, on: date) -> None:
    if one.amount <= 0:
        raise AmountNotPositive()
    if one.received_on > on:
        raise NotReceivedYet()
    if one.succeeded_on is not None and one.succeeded_on > one.received_on:
        raise SucceededLater()
    if one.allocations is not None and one.is_waiting:
        raise BookedLater()


def _ask_about_unusual_days(incoming: Sequence[IncomingPayment], on: date) -> None:
    """Raises ReceiptUnusual."""
    if unusual := find_unusual_days([(one.customer.pk, one.succeeded_on or one.received_on) for one in incoming], on):
        raise ReceiptUnusual(customer=str(incoming[unusual[0]].customer))


def _payment(one: IncomingPayment, now: datetime, actor: Actor) -> Payment:
    return Payment(
        seller_id=one.customer.seller_id,
        customer=one.customer,
        amount=one.amount,
        received_on=one.received_on,
        succeeded_on=one.succeeded_on,
        method=one.method,
        place=one.place,
        reference=one.reference[:140],
        payer=one.payer[:140],
        recorded_at=now,
        recorded_by=actor.label[:150],
    )


def _book(wanted: Sequence[tuple[Payment, Allocations | None]], *, on: date, actor: Actor) -> None:
    """Lock what is owed, settle it payment by payment, and write everything at once."""
    if not wanted:
        return
    owed = _lock_owed(wanted)
    settlings = [_settle(payment, chosen, owed[payment.customer_id]) for payment, chosen in wanted]
    # what was paid beyond everything owed is owed back
    OpenItem.objects.bulk_create(settling.rest for settling in settlings if settling.rest)
    entry_ids = _write_entries(settlings, owed)
    _write_rows(settlings, entry_ids, on=on)
    _keep_sums(settlings)
    hashes = hash_rows(BOOKING, [settling.payment.pk for settling in settlings])
    booked = [
        replace(_booked(settling, owed[settling.payment.customer_id]), document_hash=hashes[settling.payment.pk])
        for settling in settlings
    ]
    record_events(PAYMENT_BOOKED, booked, actor=actor, on=on)


def _lock_owed(wanted: Sequence[tuple[Payment, Allocations | None]]) -> dict[int, dict[int, OpenItem]]:
    """What may be settled, by customer: the items chosen, or else whatever is open. One statement in id order."""
    chosen = [item_id for _, allocations in wanted if allocations is not None for item_id, _ in allocations]
    customers = {payment.customer_id for payment, allocations in wanted if allocations is None}
    owed: dict[int, dict[int, OpenItem]] = defaultdict(dict)
    for item in lock_receivables(Q(pk__in=chosen) | Q(customer_id__in=customers, open_amount__gt=0)):
        owed[item.customer_id][item.pk] = item
    return owed


def _settle(payment: Payment, chosen: Allocations | None, owed: Mapping[int, OpenItem]) -> _Settling:
    """What the next payment finds open is less by what this one settles."""
    if chosen is None:
        parts = settle_in_turn(payment.amount, payment.reference, owed.values())
    else:
        parts = take_off(check_allocations(payment.amount, chosen, owed.values()), owed.values())
    left = payment.amount - sum((part for _, part in parts), ZERO)
    rest = item_of(payment, "balance", f"ZE{payment.pk:06}", left, on=payment.received_on) if left else None
    return _Settling(payment, parts, rest)


def _write_entries(settlings: Sequence[_Settling], owed: Mapping[int, Mapping[int, OpenItem]]) -> dict[int, int]:
    """An entry for each payment; returns their ids by payment."""

    def books(settling: _Settling) -> tuple[int, str]:
        return settling.payment.seller_id, settling.payment.currency

    entry_ids: dict[int, int] = {}
    for (seller_id, currency), group in groupby(sorted(settlings, key=books), books):
        of_seller = list(group)
        accounts = Accounts(seller_id, CLAIM_ACCOUNTS | {bank(settling.payment.place) for settling in of_seller})
        facts = tax_facts(seller_id)
        entries = [
            _entry(settling, owed[settling.payment.customer_id], accounts, arrived_on(settling.payment, facts))
            for settling in of_seller
        ]
        ids = write_entries(seller_id, entries, currency=currency)
        entry_ids |= {settling.payment.pk: id_ for settling, id_ in zip(of_seller, ids, strict=True)}
    return entry_ids


def arrived_on(payment: Payment, facts: TaxFacts) -> date:
    """The tax day of money: when the bank booked it, or the provider took it, as the seller has settled it."""
    if payment.succeeded_on is None or facts.has("card_on_credit", payment.succeeded_on):
        return payment.received_on
    return payment.succeeded_on


def _entry(settling: _Settling, owed: Mapping[int, OpenItem], accounts: Accounts, tax_day: date) -> EntryDraft:
    payment, parts, rest = settling
    money = accounts[bank(payment.place)]
    postings: list[PostingRow] = [
        (money, accounts[account_of(owed[item_id])], part, None, item_id) for item_id, part in parts
    ]
    if rest:
        postings.append((money, accounts[account_of(rest)], rest.original_amount, None, rest.pk))
    return EntryDraft("payment", str(payment.pk), payment.customer_id, postings, tax_day)


def _write_rows(settlings: Sequence[_Settling], entry_ids: Mapping[int, int], *, on: date) -> None:
    Allocation.objects.bulk_create(
        Allocation(
            customer_id=payment.customer_id,
            payment=payment,
            open_item_id=item_id,
            amount=part,
            entry_id=entry_ids[payment.pk],
            allocated_on=on,
        )
        for payment, parts, _ in settlings
        for item_id, part in parts
    )
    PaymentBooking.objects.bulk_create(
        PaymentBooking(payment=payment, customer_id=payment.customer_id, booked_on=on, entry_id=entry_ids[payment.pk])
        for payment, _, _ in settlings
    )


def _keep_sums(settlings: Sequence[_Settling]) -> None:
    moved: dict[int, Decimal] = defaultdict(Decimal)
    open_by: dict[int, Decimal] = defaultdict(Decimal)
    balance_by: dict[int, Decimal] = defaultdict(Decimal)
    for payment, parts, rest in settlings:
        for item_id, part in parts:
            moved[item_id] -= part
            open_by[payment.customer_id] -= part
        balance_by[payment.customer_id] += rest.original_amount if rest else ZERO
    move_items(moved)
    change_totals({customer: (0, ZERO, open_by[customer], balance) for customer, balance in balance_by.items()})


def _booked(settling: _Settling, owed: Mapping[int, OpenItem]) -> Subject:
    settled = {owed[item_id].number: str(part) for item_id, part in settling.parts}
    return subject_of(settling.payment, {"settled": settled})
