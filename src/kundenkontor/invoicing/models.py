"""Issued documents (insert-only), and drafts that may still change."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from kundenkontor.contracts.models import Contract
from kundenkontor.events.models import Restoration
from kundenkontor.kernel.kinds import DEFAULT_PATTERNS, KINDS, DocumentKind
from kundenkontor.kernel.money import MAX_AMOUNT, ZERO
from kundenkontor.kernel.tables import OF_NO_CUSTOMER, TableFacts, Trigger, of_customer, of_document, of_parent
from kundenkontor.ledger.models import LINE_ROLES
from kundenkontor.parties.models import Customer, PartySnapshot, Seller
from kundenkontor.receivables.models import OpenItem

MONEY: dict[str, Any] = {"max_digits": 14, "decimal_places": 2}
SERIES_KINDS = list(DEFAULT_PATTERNS)


class NumberSeries(models.Model):
    """The numbers of one kind of document of one seller in one year.

    The row is locked by the transaction that writes the documents, so that the numbers have no gap (I-N1). It
    keeps the last issue date and refuses an earlier one (I-N2).
    """

    facts = TableFacts(OF_NO_CUSTOMER, checks=("numbers_have_no_gaps", "numbers_follow_patterns"))

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="number_series")
    kind = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    pattern = models.CharField(max_length=40)
    next_number = models.PositiveBigIntegerField(default=1)
    last_issue_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("seller", "kind", "year", name="a_year_has_one_series_of_a_kind"),
            models.CheckConstraint(condition=Q(kind__in=SERIES_KINDS), name="a_series_is_of_a_kind"),
            models.CheckConstraint(condition=Q(next_number__gte=1), name="numbers_begin_at_one"),
        ]


class NumberRelease(models.Model):
    """That staff said which numbers were sent before a restoration, so that documents are issued again. Insert-only."""

    facts = TableFacts(OF_NO_CUSTOMER, insert_only=True, checks=("restorations_are_as_recorded",))

    restoration = models.OneToOneField(Restoration, models.PROTECT, primary_key=True, related_name="release")
    released_at = models.DateTimeField()
    released_by = models.CharField(max_length=150)


class NumberGap(models.Model):
    """Numbers of a series that were given and are not here, from the first to the last; only this excuses them (I-N1).

    Insert-only.
    """

    facts = TableFacts(OF_NO_CUSTOMER, insert_only=True, checks=("gaps_are_as_recorded", "numbers_have_no_gaps"))

    series = models.ForeignKey(NumberSeries, models.PROTECT, related_name="gaps")
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=500)
    declared_on = models.DateField()
    declared_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint("series", "first", name="a_number_is_missed_once"),
            models.CheckConstraint(condition=Q(first__gte=1, last__gte=F("first")), name="a_gap_runs_forward"),
        ]


class Invoice(models.Model):
    """An issued, numbered document with complete EN 16931 totals. Insert-only.

    ``batch_id`` is the billing run that issued it, ``open_item`` what is owed for it (a foreign key in SQL, deferred).
    Everything that changes later lives in other tables.
    """

    facts = TableFacts(
        of_document("id"), portal=True, insert_only=True,
        checks=(
            "documents_are_unchanged", "documents_add_up", "documents_are_booked", "documents_name_what_exists",
            "documents_have_items_of_their_customer", "documents_are_as_old_as_their_events", "numbers_are_given_once",
            "numbers_follow_dates",
        ),
        triggers=(
            Trigger("a_correction_names_what_it_corrects", "AFTER INSERT", is_deferred=True, condition="new.sign < 0"),
            Trigger("no_document_before_a_release", "BEFORE INSERT", level="STATEMENT"),
        ),
    )  # fmt: skip

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="invoices", db_constraint=False, db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="invoices", db_constraint=False, db_index=False)
    series = models.ForeignKey(NumberSeries, models.PROTECT, db_constraint=False, db_index=False)
    sequence = models.PositiveBigIntegerField()
    number = models.CharField(max_length=21)  # BT-1
    type_code = models.CharField(max_length=3)  # BT-3
    sign = models.SmallIntegerField()  # of its kind: its amounts raise (1) or lower (-1) what the customer owes
    issue_date = models.DateField()  # BT-2
    due_date = models.DateField()  # BT-9
    period_start = models.DateField()  # BT-73
    period_end = models.DateField()  # BT-74
    currency = models.CharField(max_length=3, default="EUR")  # BT-5
    language = models.CharField(max_length=2)
    seller_snapshot = models.ForeignKey(
        PartySnapshot, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    customer_snapshot = models.ForeignKey(
        PartySnapshot, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    is_collective = models.BooleanField()
    buyer_reference = models.CharField(max_length=100)  # BT-10
    order_number = models.CharField(max_length=100)  # BT-13
    cost_centre = models.CharField(max_length=100)  # BT-19
    note = models.TextField()  # BT-22
    payment_reference = models.CharField(max_length=25)  # BT-83, RF
    total_without_vat = models.DecimalField(**MONEY)  # BT-106, BT-109
    total_vat = models.DecimalField(**MONEY)  # BT-110
    total_with_vat = models.DecimalField(**MONEY)  # BT-112
    prepaid_amount = models.DecimalField(default=0, **MONEY)  # BT-113
    rounding_amount = models.DecimalField(**MONEY)  # BT-114
    amount_due = models.DecimalField(**MONEY)  # BT-115
    batch_id = models.BigIntegerField(null=True)
    open_item = models.OneToOneField(OpenItem, models.PROTECT, related_name="invoice", db_constraint=False)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("seller", "number", name="a_document_number_is_given_once"),
            models.UniqueConstraint("customer", "id", name="an_invoice_is_known_with_its_customer"),
            models.CheckConstraint(
                condition=reduce(or_, (Q(type_code=kind.code, sign=kind.sign) for kind in KINDS.values())),
                name="a_document_is_of_a_kind_that_is_issued",
            ),
            models.CheckConstraint(
                condition=Q(total_with_vat=F("total_without_vat") + F("total_vat")), name="gross_is_net_plus_vat"
            ),
            models.CheckConstraint(
                condition=Q(amount_due=F("total_with_vat") - F("prepaid_amount") + F("rounding_amount")),
                name="due_is_gross_less_prepaid_plus_rounding",
            ),
            # NaN equals itself and is above every number for PostgreSQL
            models.CheckConstraint(condition=Q(amount_due__lte=MAX_AMOUNT), name="an_amount_due_is_a_number"),
            models.CheckConstraint(condition=Q(due_date__gte=F("issue_date")), name="due_not_before_issue"),
            models.CheckConstraint(condition=Q(currency="EUR"), name="documents_are_in_euro"),
        ]
        indexes = [
            models.Index("batch_id", name="invoices_of_a_run", condition=Q(batch_id__isnull=False)),
            BrinIndex(fields=["issue_date"], name="invoices_by_date", pages_per_range=32),
            BrinIndex(fields=["period_end"], name="invoices_by_period", pages_per_range=32),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def kind(self) -> DocumentKind:
        return KINDS[self.type_code]

    @property
    def due_on(self) -> date | None:
        """The day by which it is to be paid; nobody pays a correction."""
        return self.due_date if self.kind.asks_for_money else None

    def signed(self, amount: Decimal) -> Decimal:
        """An amount of this document as it counts: a correction's is negative, and nothing stays nothing."""
        return self.sign * amount + ZERO


class DocumentReference(models.Model):
    """BG-3: that an issued document refers to another one. Insert-only, keyed (invoice, position).

    What lowers a claim names what it corrects: a deferred trigger looks when it is committed.
    """

    facts = TableFacts(
        of_document(), portal=True, insert_only=True, checks=("documents_are_unchanged", "documents_name_what_exists")
    )

    pk = models.CompositePrimaryKey("invoice_id", "position")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="references", db_constraint=False, db_index=False)
    position = models.PositiveSmallIntegerField()
    customer_id = models.BigIntegerField()
    kind = models.CharField(max_length=10)
    referenced = models.ForeignKey(Invoice, models.PROTECT, related_name="+", db_constraint=False, db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["corrects"]), name="a_reference_is_of_a_kind"),
            models.CheckConstraint(condition=~Q(invoice=F("referenced")), name="a_reference_names_another_document"),
        ]


class InvoiceLine(models.Model):
    """BG-25 of an issued document. Insert-only, keyed (invoice, position).

    ``net_amount`` = round(quantity * net_price / base_quantity, 2) - allowance_amount. A cut period has
    quantity = pieces x days used and base_quantity = days of the whole period, in the unit DAY. ``agreed_gross`` is the
    sum agreed with VAT, if it was, and of a correction what it takes back of it. ``charge_id`` is what was billed;
    ``corrected_position`` is the line of the corrected invoice that a correction takes back.
    """

    facts = TableFacts(
        of_document(),
        portal=True,
        insert_only=True,
        checks=(
            "documents_are_unchanged",
            "lines_are_priced",
            "lines_add_up_to_groups",
            "agreed_sums_are_paid",
            "lines_bill_charges",
        ),
    )

    pk = models.CompositePrimaryKey("invoice_id", "position")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines", db_constraint=False, db_index=False)
    position = models.PositiveSmallIntegerField()
    customer_id = models.BigIntegerField()
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    charge_id = models.BigIntegerField(null=True)
    corrected_position = models.PositiveSmallIntegerField(null=True)
    kind = models.CharField(max_length=10)  # recurring, set_up, one_off, manual
    account_role = models.CharField(max_length=20)  # of the account that its net amount is booked to
    contract_number = models.CharField(max_length=30)
    article_number = models.CharField(max_length=50)  # BT-155
    item_name = models.CharField(max_length=200)  # BT-153
    description = models.CharField(max_length=500)  # BT-154
    identifier = models.CharField(max_length=253)
    cost_centre = models.CharField(max_length=100)  # BT-133
    order_number = models.CharField(max_length=100)  # of the contract, where the head has another
    buyer_reference = models.CharField(max_length=100)  # likewise
    unit = models.CharField(max_length=3)  # BT-130
    quantity = models.DecimalField(max_digits=14, decimal_places=4)  # BT-129
    base_quantity = models.DecimalField(max_digits=14, decimal_places=4)  # BT-149
    net_price = models.DecimalField(max_digits=14, decimal_places=6)  # BT-146
    agreed_gross = models.DecimalField(null=True, **MONEY)
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2)  # BT-138
    allowance_amount = models.DecimalField(**MONEY)  # BT-136
    net_amount = models.DecimalField(**MONEY)  # BT-131
    vat_category = models.CharField(max_length=2)  # BT-151
    vat_rate = models.DecimalField(max_digits=5, decimal_places=2)  # BT-152
    period_start = models.DateField()  # BT-134
    period_end = models.DateField()  # BT-135

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(period_end__gte=F("period_start")), name="a_line_period_runs_forward"),
            models.CheckConstraint(condition=Q(base_quantity__gt=0), name="a_base_quantity_is_positive"),
            models.CheckConstraint(condition=Q(account_role__in=LINE_ROLES), name="a_line_is_booked_to_a_role"),
        ]


class VatBreakdown(models.Model):
    """BG-23: one row per category and rate of an issued document. Insert-only, keyed (invoice, position)."""

    facts = TableFacts(
        of_document(),
        portal=True,
        insert_only=True,
        checks=("documents_are_unchanged", "tax_is_base_times_rate", "vat_is_booked"),
    )

    pk = models.CompositePrimaryKey("invoice_id", "position")
    invoice = models.ForeignKey(
        Invoice, models.PROTECT, related_name="vat_breakdown", db_constraint=False, db_index=False
    )
    position = models.PositiveSmallIntegerField()
    customer_id = models.BigIntegerField()
    category = models.CharField(max_length=2)  # BT-118
    rate = models.DecimalField(max_digits=5, decimal_places=2)  # BT-119
    country = models.CharField(max_length=2)  # whose VAT it is: the seller's, or the customer's under OSS
    taxable_amount = models.DecimalField(**MONEY)  # BT-116
    tax_amount = models.DecimalField(**MONEY)  # BT-117
    exemption_code = models.CharField(max_length=20)  # BT-121
    exemption_reason = models.CharField(max_length=200)  # BT-120


class Correction(models.Model):
    """That a 381 takes back an invoice, in whole (at most once, I-D3) or in part. Insert-only.

    ``is_billed_again`` : the charges of the original become billable again.
    """

    facts = TableFacts(
        of_document(), portal=True, insert_only=True,
        checks=("corrections_are_as_recorded", "corrections_stay_within_originals"),
        triggers=(Trigger("corrections_never_exceed_the_original", "AFTER INSERT", is_deferred=True),),
    )  # fmt: skip

    invoice = models.OneToOneField(Invoice, models.PROTECT, primary_key=True, related_name="correction")
    customer_id = models.BigIntegerField()
    original = models.ForeignKey(Invoice, models.PROTECT, related_name="corrections")
    is_full = models.BooleanField()
    is_billed_again = models.BooleanField(default=False)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("original", condition=Q(is_full=True), name="a_document_is_cancelled_once"),
            models.CheckConstraint(condition=~Q(invoice=F("original")), name="a_correction_is_another_document"),
        ]


class ChargeRebilling(models.Model):
    """That a charge whose document was cancelled was billed again; once per cancellation. Insert-only.

    Charges are billing's, so billing's SQL holds that there is one of this id.
    """

    facts = TableFacts(of_document(), portal=True, insert_only=True, checks=("charges_stand_on_lines",))

    customer_id = models.BigIntegerField()
    charge_id = models.BigIntegerField()
    correction = models.ForeignKey(Correction, models.PROTECT, related_name="rebillings")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="rebilled_charges")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint("charge_id", "correction", name="a_cancelled_charge_is_billed_again_once")
        ]


class RulesSample(models.Model):
    """That the official rules judged a document's XML, and what they object to ("" = nothing). One row per document."""

    facts = TableFacts(of_parent("invoice_id"), checks=("samples_keep_the_official_rules",))

    invoice = models.OneToOneField(Invoice, models.PROTECT, primary_key=True, related_name="rules_sample")
    file_row = models.BigIntegerField()  # the PaperFile: the next sample is taken of younger ones
    violations = models.TextField(blank=True)
    checked_at = models.DateTimeField()


class SearchToken(models.Model):
    """A normalised word of a document, found by range comparison under row-level security. Column is COLLATE "C"."""

    facts = TableFacts(of_document(), portal=True)

    pk = models.CompositePrimaryKey("customer_id", "token", "invoice_id")
    customer_id = models.BigIntegerField()
    token = models.CharField(max_length=80, db_collation="C")
    invoice_id = models.BigIntegerField()


class ManualDraft(models.Model):
    """An invoice that staff are writing; it has no number and may still change."""

    facts = TableFacts(of_customer())

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="drafts")
    note = models.TextField(blank=True)
    order_number = models.CharField(max_length=100, blank=True)  # BT-13
    buyer_reference = models.CharField(max_length=100, blank=True)  # BT-10
    replaces = models.ForeignKey(Invoice, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)


class ManualDraftLine(models.Model):
    """A line of a draft; ``charge_id`` where a cancelled charge is billed anew."""

    facts = TableFacts(of_parent("draft_id"), unchecked="a wish: what is issued stands on lines")

    draft = models.ForeignKey(ManualDraft, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, blank=True, related_name="+")
    charge_id = models.BigIntegerField(null=True)
    item_name = models.CharField(max_length=200)
    description = models.CharField(max_length=500, blank=True)
    identifier = models.CharField(max_length=253, blank=True)
    quantity = models.DecimalField(max_digits=14, decimal_places=4, default=1)
    base_quantity = models.DecimalField(max_digits=14, decimal_places=4, default=1)
    net_price = models.DecimalField(max_digits=14, decimal_places=6)
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    period_start = models.DateField()
    period_end = models.DateField()

    class Meta:
        ordering = ["position", "id"]
