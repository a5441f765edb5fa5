"""Payments and what they settled; every row is insert-only."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from kundenkontor.events.hashing import Columns, Hashed
from kundenkontor.events.names import (
    BALANCE_OFFSET,
    BALANCE_OFFSET_REVERSED,
    BALANCE_REFUNDED,
    PAYMENT_ALLOCATION_REVERSED,
    PAYMENT_BOOKED,
    PAYMENT_RECEIVED,
    PAYMENT_REVERSED,
)
from kundenkontor.kernel.errors import message
from kundenkontor.kernel.money import MAX_AMOUNT  # PostgreSQL sorts NaN above every number
from kundenkontor.kernel.tables import TableFacts, Trigger, of_customer
from kundenkontor.ledger.models import JournalEntry
from kundenkontor.parties.models import Customer, Seller
from kundenkontor.receivables.models import OpenItem

MONEY: dict[str, Any] = {"max_digits": 14, "decimal_places": 2}
METHODS = ["transfer", "cash", "card", "other"]


class Payment(models.Model):
    """Money that arrived ("eingegangen"). It counts once it is booked ("verbucht", M25): see PaymentBooking.

    ``received_on`` is the day on which the bank booked the credit, never its value date; ``succeeded_on`` the day on
    which a provider took the money from the customer, where one did.
    The event "payment.received" keeps the hash of the row (``PAYMENT``), so that ``verify`` finds it changed.
    """

    facts = TableFacts(
        of_customer(),
        portal=True,
        insert_only=True,
        checks=("payments_are_unchanged", "payments_are_booked_whole", "money_is_booked"),
    )

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="payments")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="payments", db_index=False)
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3, default="EUR")
    received_on = models.DateField()
    succeeded_on = models.DateField(null=True)
    method = models.CharField(max_length=10, default="transfer")
    place = models.CharField(max_length=40, blank=True)  # at which bank account or provider
    reference = models.CharField(max_length=140, blank=True)
    payer = models.CharField(max_length=140, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=MAX_AMOUNT), name="a_payment_is_positive"),
            models.CheckConstraint(condition=Q(method__in=METHODS), name="a_payment_came_by_a_method"),
            models.UniqueConstraint("customer", "id", name="a_payment_is_known_with_its_customer"),
            models.CheckConstraint(
                condition=Q(succeeded_on__isnull=True) | Q(succeeded_on__lte=F("received_on")),
                name="a_provider_pays_out_what_it_has",
            ),
        ]


class PaymentBooking(models.Model):
    """That a payment was booked, and when."""

    facts = TableFacts(of_customer(), portal=True, insert_only=True, checks=("bookings_are_unchanged",))

    payment = models.OneToOneField(Payment, models.PROTECT, primary_key=True, related_name="booking")
    customer_id = models.BigIntegerField()
    booked_on = models.DateField()
    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="+")


class PaymentReversal(models.Model):
    """That a payment was undone, with the reason; at most once.

    ``returned_on``: the day on which the money left us again; null: it never arrived, the payment was a mistake.
    """

    facts = TableFacts(of_customer(), portal=True, insert_only=True, checks=("reversals_are_unchanged",))

    payment = models.OneToOneField(Payment, models.PROTECT, primary_key=True, related_name="reversal")
    customer_id = models.BigIntegerField()
    reversed_on = models.DateField()
    returned_on = models.DateField(null=True)
    reason = models.CharField(max_length=300)
    entry = models.ForeignKey(JournalEntry, models.PROTECT, null=True, related_name="+")
    reversed_by = models.CharField(max_length=150)


class Allocation(models.Model):
    """That an amount of a payment, or of a customer's balance item, settled an open item.

    A reversal is a row of its own with ``reverses``: the amount is open again.
    """

    facts = TableFacts(
        of_customer(),
        portal=True,
        insert_only=True,
        checks=(
            "allocations_are_booked",
            "allocations_stay_within_payments",
            "bookings_are_unchanged",
            "offsets_are_unchanged",
            "undone_offsets_are_unchanged",
            "undone_allocations_are_unchanged",
        ),
        triggers=(
            Trigger("an_allocation_names_items_of_its_customer", "BEFORE INSERT", "items_belong_to_the_rows_customer"),
        ),
    )

    customer_id = models.BigIntegerField()
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="allocations")
    balance_item = models.ForeignKey(OpenItem, models.PROTECT, null=True, related_name="spent_on")
    open_item = models.ForeignKey(OpenItem, models.PROTECT, related_name="allocations")
    amount = models.DecimalField(**MONEY)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="+")
    allocated_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=MAX_AMOUNT), name="an_allocation_settles_something"
            ),
            models.CheckConstraint(
                condition=Q(payment__isnull=True) ^ Q(balance_item__isnull=True), name="an_allocation_has_one_source"
            ),
            models.CheckConstraint(condition=~Q(balance_item=F("open_item")), name="an_item_does_not_settle_itself"),
        ]


class Refund(models.Model):
    """Money returned to a customer out of a balance item, on the day on which it left us."""

    facts = TableFacts(
        of_customer(),
        portal=True,
        insert_only=True,
        checks=("allocations_are_booked", "balances_are_spent_once", "refunds_are_unchanged"),
        triggers=(
            Trigger("a_refund_names_items_of_its_customer", "BEFORE INSERT", "items_belong_to_the_rows_customer"),
        ),
    )

    customer_id = models.BigIntegerField()
    balance_item = models.ForeignKey(OpenItem, models.PROTECT, related_name="refunds")
    amount = models.DecimalField(**MONEY)
    refunded_on = models.DateField()
    reference = models.CharField(max_length=140, blank=True)
    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="+")
    refunded_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=MAX_AMOUNT), name="a_refund_returns_something")
        ]


_FIXED = "balance_item_id, open_item_id, amount, reverses_id, entry_id, allocated_on"


def _of_payments(where: str) -> Columns:
    """The allocations of a payment."""
    return Columns("payments_allocation", f"payment_id, id, customer_id, {_FIXED}", key=2, where=where)


def _each(where: str) -> Columns:
    """An allocation by itself."""
    return Columns("payments_allocation", f"id, customer_id, payment_id, {_FIXED}", where=where)


PAYMENT = Hashed(
    "payments_are_unchanged",
    message("Every payment is the one that was received: its row gives the hash in its event"),
    PAYMENT_RECEIVED,
    {
        1: (
            Columns(
                "payments_payment",
                "id, seller_id, customer_id, amount, currency, received_on, succeeded_on, method, place, reference,"
                " payer, recorded_at, recorded_by",
            ),
        )
    },
)
BOOKING = Hashed(
    "bookings_are_unchanged",
    message("Every booking of a payment and what it settled gives the hash in its event"),
    PAYMENT_BOOKED,
    {
        1: (
            _of_payments("payment_id IS NOT NULL AND reverses_id IS NULL"),
            Columns("payments_paymentbooking", "payment_id, customer_id, booked_on, entry_id"),
        )
    },
)
# what the reversal of the whole payment undoes has its entry, and no event of its own
_OF_A_REVERSAL = "SELECT entry_id FROM payments_paymentreversal WHERE entry_id IS NOT NULL"
REVERSAL = Hashed(
    "reversals_are_unchanged",
    message("Every reversal of a payment gives the hash in its event"),
    PAYMENT_REVERSED,
    {
        1: (
            _of_payments(f"payment_id IS NOT NULL AND reverses_id IS NOT NULL AND entry_id IN ({_OF_A_REVERSAL})"),
            Columns(
                "payments_paymentreversal",
                "payment_id, customer_id, reversed_on, returned_on, reason, entry_id, reversed_by",
            ),
        )
    },
)
REFUND = Hashed(
    "refunds_are_unchanged",
    message("Every refund is the one that was noted: its row gives the hash in its event"),
    BALANCE_REFUNDED,
    {
        1: (
            Columns(
                "payments_refund",
                "id, customer_id, balance_item_id, amount, refunded_on, reference, entry_id, refunded_by",
            ),
        )
    },
)
OFFSET = Hashed(
    "offsets_are_unchanged",
    message("Every offset of a balance gives the hash in its event"),
    BALANCE_OFFSET,
    {1: (_each("balance_item_id IS NOT NULL AND reverses_id IS NULL"),)},
)
OFFSET_UNDONE = Hashed(
    "undone_offsets_are_unchanged",
    message("Every undone offset of a balance gives the hash in its event"),
    BALANCE_OFFSET_REVERSED,
    {1: (_each("balance_item_id IS NOT NULL AND reverses_id IS NOT NULL"),)},
)
ALLOCATION_UNDONE = Hashed(
    "undone_allocations_are_unchanged",
    message("Every undone allocation of a payment gives the hash in its event"),
    PAYMENT_ALLOCATION_REVERSED,
    {1: (_each(f"payment_id IS NOT NULL AND reverses_id IS NOT NULL AND entry_id NOT IN ({_OF_A_REVERSAL})"),)},
)
HASHED = (PAYMENT, BOOKING, REVERSAL, REFUND, OFFSET, OFFSET_UNDONE, ALLOCATION_UNDONE)
