"""Open items and what they come to for each customer. Their state changes; what they stand for does not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q

from kundenkontor.events.hashing import Columns, Hashed
from kundenkontor.events.names import INVOICE_WRITE_OFF_TAKEN_BACK, INVOICE_WRITTEN_OFF
from kundenkontor.kernel.errors import message
from kundenkontor.kernel.money import MAX_AMOUNT  # PostgreSQL sorts NaN above every number
from kundenkontor.kernel.tables import TableFacts, Trigger, of_customer
from kundenkontor.ledger.models import JournalEntry
from kundenkontor.parties.models import Customer
from kundenkontor.receivables.claims import CLAIMS

MONEY: dict[str, Any] = {"max_digits": 14, "decimal_places": 2}


class OpenItem(models.Model):
    """What is still owed for one thing, or owed back to the customer (``claims.py``).

    The open amount equals the item's postings at any time (I-M3). Locked before anything that pays or corrects what it
    stands for. A document names its item (``Invoice.open_item``); an item without document is what a payment left over,
    or what is owed again for a payment taken back.
    """

    facts = TableFacts(
        of_customer(),
        portal=True,
        checks=(
            "open_items_are_their_postings", "documents_have_items_of_their_customer", "items_stand_for_something",
        ),
    )  # fmt: skip

    seller_id = models.BigIntegerField()
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="open_items", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=10)
    number = models.CharField(max_length=60)  # document number, or the payment's reference
    currency = models.CharField(max_length=3, default="EUR")
    original_amount = models.DecimalField(**MONEY)
    open_amount = models.DecimalField(**MONEY)
    due_date = models.DateField()

    @property
    def due_on(self) -> date | None:
        """The day by which it is to be paid; what we owe is not."""
        return self.due_date if CLAIMS[self.kind].sign > 0 else None

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(CLAIMS)), name="an_open_item_is_a_claim_of_a_kind"),
            models.CheckConstraint(
                condition=Q(open_amount__gte=0, open_amount__lte=F("original_amount"), original_amount__lte=MAX_AMOUNT),
                name="open_is_between_nothing_and_all",
            ),
        ]
        indexes = [
            models.Index("customer", "due_date", name="open_items_of_a_customer", condition=Q(open_amount__gt=0)),
        ]


class CustomerTotals(models.Model):
    """Sums over all documents and items of a customer, kept by the statements that issue or pay (I-M3)."""

    facts = TableFacts(of_customer(), portal=True, checks=("customer_totals_are_sums",))

    customer = models.OneToOneField(
        Customer, models.PROTECT, primary_key=True, related_name="totals", db_constraint=False
    )
    documents = models.PositiveIntegerField(default=0)
    invoiced_amount = models.DecimalField(default=0, **MONEY)  # invoices less corrections
    open_amount = models.DecimalField(default=0, **MONEY)  # receivables still open
    balance_amount = models.DecimalField(default=0, **MONEY)  # owed back to the customer


class WriteOff(models.Model):
    """That an amount of an open item cannot be collected; with ``reverses``, that so much of that loss is owed again.

    ``happened_on`` is the day on which the base of VAT changed: the loss, the money that arrived after all, or where
    writing off was a mistake, the day of what it undoes.
    """

    facts = TableFacts(
        of_customer(),
        portal=True,
        insert_only=True,
        checks=(
            "write_offs_are_booked", "write_offs_are_unchanged", "regained_write_offs_are_unchanged",
            "losses_stay_within_documents",
        ),
        triggers=(
            Trigger("a_write_off_names_items_of_its_customer", "BEFORE INSERT", "items_belong_to_the_rows_customer"),
        ),
    )  # fmt: skip

    customer_id = models.BigIntegerField()
    open_item = models.ForeignKey(OpenItem, models.PROTECT, related_name="write_offs")
    amount = models.DecimalField(**MONEY)
    happened_on = models.DateField()
    reason = models.CharField(max_length=300)
    reverses = models.ForeignKey("self", models.PROTECT, null=True, related_name="regained")
    entry = models.OneToOneField(JournalEntry, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    left: Decimal  # of ``list_losses``

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=MAX_AMOUNT), name="a_write_off_is_of_something"
            ),
        ]


def _rows(where: str) -> dict[int, tuple[Columns, ...]]:
    columns = (
        "id, customer_id, open_item_id, amount, happened_on, reason, reverses_id, entry_id, recorded_at, recorded_by"
    )
    return {1: (Columns("receivables_writeoff", columns, where=where),)}


WRITTEN_OFF = Hashed(
    "write_offs_are_unchanged",
    message("Every receivable written off gives the hash in its event"),
    INVOICE_WRITTEN_OFF,
    _rows("reverses_id IS NULL"),
)
REGAINED = Hashed(
    "regained_write_offs_are_unchanged",
    message("Everything taken back of what was written off gives the hash in its event"),
    INVOICE_WRITE_OFF_TAKEN_BACK,
    _rows("reverses_id IS NOT NULL"),
)
HASHED = (WRITTEN_OFF, REGAINED)
