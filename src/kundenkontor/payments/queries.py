"""Reading payments: state, and what each settled. Usable by the portal role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Case, CharField, Exists, Min, OuterRef, QuerySet, Sum, Value, When

from kundenkontor.invoicing.models import Correction, Invoice
from kundenkontor.kernel.money import ZERO
from kundenkontor.ledger.models import Posting
from kundenkontor.payments.models import Allocation, Payment, PaymentBooking, PaymentReversal, Refund
from kundenkontor.receivables.claims import IS_OWED_BACK
from kundenkontor.receivables.models import OpenItem

RECEIVED, BOOKED, REVERSED = "received", "booked", "reversed"


class Settled(NamedTuple):
    """An invoice, or a document without one, that a payment settled in part or in whole."""

    invoice_id: int | None
    number: str
    amount: Decimal


def with_state(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    """Annotate ``state``: received (eingegangen), booked (verbucht) or reversed (storniert). For M25."""
    own = OuterRef("pk")
    return payments.annotate(
        state=Case(
            When(Exists(PaymentReversal.objects.filter(payment=own)), then=Value(REVERSED)),
            When(Exists(PaymentBooking.objects.filter(payment=own)), then=Value(BOOKED)),
            default=Value(RECEIVED),
            output_field=CharField(),
        )
    )


def list_payments(customer_id: int) -> QuerySet[Payment]:
    """A customer's payments with their state, newest first."""
    return with_state(Payment.objects.filter(customer_id=customer_id)).order_by("-received_on", "-pk")


def list_unbooked() -> QuerySet[Payment]:
    """Money that arrived and counts for nothing yet: neither booked nor undone."""
    return Payment.objects.filter(booking__isnull=True, reversal__isnull=True)


def settled_by(payment_ids: Iterable[int]) -> dict[int, list[Settled]]:
    """What each payment settles now, one query for all: reversed allocations are left out."""
    rows = (
        Allocation.objects.filter(payment_id__in=list(payment_ids), reverses__isnull=True, reversed_by__isnull=True)
        .order_by("open_item__due_date", "open_item_id")
        .values_list("payment_id", "open_item__invoice", "open_item__number", "amount")
    )
    found: dict[int, list[Settled]] = defaultdict(list)
    for payment_id, invoice_id, number, amount in rows:
        assert payment_id is not None
        found[payment_id].append(Settled(invoice_id, number, amount))
    return dict(found)


def list_allocations(payment: Payment) -> QuerySet[Allocation]:
    """What a payment settles now."""
    kept = Allocation.objects.filter(payment=payment, reverses__isnull=True, reversed_by__isnull=True)
    return kept.select_related("open_item").order_by("pk")


def balance_item_ids(payment: Payment) -> list[int]:
    """The balance items that a booked payment left: of its rest, and of what it settled no more."""
    entries = [
        *PaymentBooking.objects.filter(payment=payment).values_list("entry_id", flat=True),
        *Allocation.objects.filter(payment=payment, reverses__isnull=False).values_list("entry_id", flat=True),
    ]
    credited = Posting.objects.filter(entry_id__in=entries, credit_item_id__isnull=False)
    of_items = OpenItem.objects.filter(IS_OWED_BACK, pk__in=credited.values("credit_item_id"))
    return list(of_items.order_by("pk").values_list("pk", flat=True))


def list_offsets(balance_ids: Sequence[int]) -> list[Allocation]:
    """What balance items settle now, in the order in which it was offset."""
    rows = Allocation.objects.filter(balance_item__in=balance_ids, reverses__isnull=True, reversed_by__isnull=True)
    return list(rows.select_related("open_item").order_by("pk"))


A_YEAR = timedelta(days=365)


def find_unusual_days(receipts: Sequence[tuple[int, date]], on: date) -> list[int]:
    """Which receipts (customer, day) lie before the customer's first document or more than a year back."""
    customers = {customer_id for customer_id, _ in receipts}
    first = Invoice.objects.filter(customer_id__in=customers, sign=1).values("customer_id")
    issued = dict(first.annotate(first=Min("issue_date")).values_list("customer_id", "first"))
    return [
        index
        for index, (customer_id, day) in enumerate(receipts)
        if day < max(issued.get(customer_id, day), on - A_YEAR)
    ]


def is_unusual_day(customer_id: int, day: date, on: date) -> bool:
    """Whether somebody must be asked whether money really arrived on that day."""
    return bool(find_unusual_days([(customer_id, day)], on))


class SpentRest(NamedTuple):
    """What became of a rest, of payments or corrections: what it was offset against, and how much was refunded."""

    offsets: list[Allocation]
    refunded: Decimal


def spent_of(balance_ids: Sequence[int]) -> SpentRest:
    """What became of balance items after they were left."""
    refunded = Refund.objects.filter(balance_item__in=balance_ids).aggregate(sum=Sum("amount"))["sum"]
    return SpentRest(list_offsets(balance_ids), refunded or ZERO)


def rest_of(payment: Payment) -> SpentRest:
    """What reversing a payment would open again beyond what the payment itself settled."""
    return spent_of(balance_item_ids(payment))


class CreditUse(NamedTuple):
    """What became of a correction's amount: what it was set off against, what was refunded, what is still due to the
    customer. The three are the amount."""

    settled: list[Settled]
    refunded: Decimal
    left: Decimal


def use_of(correction: Correction) -> CreditUse:
    """A correction clears what is open of its original when it is issued; the rest is a balance, spent later."""
    item = correction.invoice.open_item
    offsets, refunded = spent_of([item.pk])
    documents = dict(
        Invoice.objects.filter(open_item__in=[one.open_item_id for one in offsets]).values_list("open_item", "pk")
    )
    settled = [Settled(documents.get(one.open_item_id), one.open_item.number, one.amount) for one in offsets]
    cleared = item.original_amount - item.open_amount - refunded - sum((one.amount for one in settled), ZERO)
    if cleared:
        settled.insert(0, Settled(correction.original_id, correction.original.number, cleared))
    return CreditUse(settled, refunded, item.open_amount)
