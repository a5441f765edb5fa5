"""What is billed, and the runs that bill it."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL

from kundenkontor.billing.preview import Preview, Sums, sums_in
from kundenkontor.catalog.models import Product
from kundenkontor.contracts.models import Contract
from kundenkontor.events.actor import Actor, ActorKind
from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.errors import DomainError
from kundenkontor.kernel.tables import OF_NO_CUSTOMER, TableFacts, of_contract, of_customer
from kundenkontor.parties.models import Customer, Seller

CHARGE_KINDS = ["recurring", "set_up", "one_off"]
# states of a run: that may still be computed anew or discarded; that was confirmed and is not finished
PREVIEWS = ("previewing", "previewed")
RELEASABLE = (*PREVIEWS, "finished")  # when a safety bound may be let pass
ISSUING = ("confirming", "running")
RUN_STATES = [*PREVIEWS, *ISSUING, "finished", "discarded"]


class OneOffItem(models.Model):
    """One-off work or goods that join the customer's next invoice. Discarded only while it is not billed."""

    facts = TableFacts(of_customer(), checks=("discarded_one_offs_are_not_billed",))

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="one_off_items")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="one_off_items")
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, blank=True, related_name="one_off_items")
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=500, blank=True)
    quantity = models.DecimalField(max_digits=12, decimal_places=4, default=1)
    net_price = models.DecimalField(max_digits=14, decimal_places=6)
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    service_start = models.DateField()
    service_end = models.DateField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    discarded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(service_end__gte=F("service_start")), name="a_one_off_runs_forward"),
            models.CheckConstraint(condition=~Q(quantity=0), name="a_one_off_is_not_nothing"),
        ]


class Charge(models.Model):
    """A contract period (or set-up, or one-off item) that was billed, exactly once (I-B2). Insert-only.

    The chain (contract, kind, previous_end) -> (contract, kind, period_end) makes periods adjacent at btree speed
    (I-B1): no gap, no overlap. ``invoice`` is the document that first billed it.
    """

    facts = TableFacts(
        of_contract(),
        portal=True,
        insert_only=True,
        checks=("charges_stand_on_lines", "charges_are_adjacent", "lines_bill_charges"),
    )

    customer_id = models.BigIntegerField()
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, related_name="charges", db_constraint=False, db_index=False
    )
    one_off_item = models.ForeignKey(OneOffItem, models.PROTECT, null=True, related_name="charges", db_index=False)
    kind = models.CharField(max_length=10)
    period_start = models.DateField()
    period_end = models.DateField()
    previous_end = models.DateField(null=True)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="charges", db_constraint=False, db_index=False)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint("contract", "kind", "period_start", name="a_period_is_billed_once"),
            models.UniqueConstraint("contract", "kind", "period_end", name="a_period_end_is_billed_once"),
            models.UniqueConstraint(
                "contract", "kind", condition=Q(previous_end__isnull=True), name="a_chain_of_charges_begins_once"
            ),
            models.UniqueConstraint(
                "one_off_item", condition=Q(one_off_item__isnull=False), name="a_one_off_item_is_billed_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=CHARGE_KINDS), name="a_charge_is_of_a_kind"),
            models.CheckConstraint(condition=Q(period_end__gte=F("period_start")), name="a_charge_runs_forward"),
            models.CheckConstraint(
                condition=Q(previous_end__isnull=True)
                | Q(previous_end=RawSQL("period_start - 1", [], output_field=models.DateField())),
                name="a_charge_follows_the_one_before",
            ),
            models.CheckConstraint(
                condition=Q(kind="one_off", one_off_item__isnull=False)
                | (~Q(kind="one_off") & Q(contract__isnull=False, one_off_item__isnull=True)),
                name="a_charge_has_a_cause",
            ),
        ]


class BillingRun(models.Model):
    """One run over a seller's contracts: previewed, then confirmed, then issued in chunks. Draws no number before."""

    facts = TableFacts(OF_NO_CUSTOMER)

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="billing_runs")
    billed_until = models.DateField()
    issue_date = models.DateField(null=True)
    contracts_per_chunk = models.PositiveIntegerField(default=5000)
    state = models.CharField(max_length=10)
    stored_preview = models.JSONField(null=True)
    chunks_seen = models.PositiveIntegerField(default=0)  # of the look that is under way
    result = models.JSONField(default=dict)
    started_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by_kind = models.CharField(max_length=10, blank=True)
    confirmed_by = models.CharField(max_length=150, blank=True)
    confirmed_by_user_id = models.BigIntegerField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "seller", condition=Q(state__in=ISSUING), name="a_seller_has_one_running_billing_run"
            ),
            models.CheckConstraint(condition=Q(state__in=RUN_STATES), name="a_billing_run_is_in_a_state"),
        ]

    @property
    def confirmer(self) -> Actor:
        """Who confirmed it: in this name its invoices are issued, whoever goes on with them."""
        return Actor(cast(ActorKind, self.confirmed_by_kind), self.confirmed_by, self.confirmed_by_user_id)

    @property
    def preview(self) -> Preview | None:
        """What the run would do, as it was last computed; kept when it has issued."""
        return Preview.from_json(self.stored_preview) if self.stored_preview else None

    @property
    def sums(self) -> Sums:
        """The sums of the preview; all zero where none was computed."""
        return sums_in(self.stored_preview) if self.stored_preview else Sums()


class BillingChunk(models.Model):
    """A range of customers of a run; billed in one transaction, then marked done. A killed chunk leaves nothing."""

    facts = TableFacts(OF_NO_CUSTOMER, unchecked="how far a run is; its documents are checked")

    run = models.ForeignKey(BillingRun, models.PROTECT, related_name="chunks")
    position = models.PositiveIntegerField()
    first_customer_id = models.BigIntegerField()
    last_customer_id = models.BigIntegerField()
    is_done = models.BooleanField(default=False)
    invoices = models.PositiveIntegerField(default=0)
    charges = models.PositiveIntegerField(default=0)
    total_with_vat = models.DecimalField(max_digits=16, decimal_places=2, default=0)

    class Meta:
        constraints = [models.UniqueConstraint("run", "position", name="a_chunk_has_one_place_in_its_run")]


class ParkedCustomer(models.Model):
    """A customer that a run could not bill, and why; parked before any number exists, and stops nobody."""

    facts = TableFacts(of_customer(), unchecked="how far a run is; nothing was issued")

    run = models.ForeignKey(BillingRun, models.PROTECT, related_name="parked")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="parked")
    code = models.CharField(max_length=40)
    field = models.CharField(max_length=40, blank=True)
    params = models.JSONField(default=dict)
    amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    is_released = models.BooleanField(default=False)  # staff looked at the safety bound and let what it measured pass

    class Meta:
        constraints = [models.UniqueConstraint("run", "customer", "code", name="a_customer_is_parked_once_per_reason")]

    @property
    def reason(self) -> DomainError:
        """The refusal that was stored; its sentence is in the reader's language."""
        return DomainError.restore(self.code, self.params, field=self.field)

    @property
    def measure(self) -> Decimal:
        """What a safety bound measured: the net sum of the periods, or how many there are of one contract."""
        return Decimal(self.params.get("total") or self.params.get("periods") or 0)
