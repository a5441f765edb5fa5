"""Who sells and who buys."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q

from kundenkontor.events.hashing import Columns, Hashed
from kundenkontor.events.names import BANK_ACCOUNT_SAVED
from kundenkontor.kernel.errors import message
from kundenkontor.kernel.money import MAX_AMOUNT  # PostgreSQL sorts NaN above every number
from kundenkontor.kernel.tables import OF_NO_CUSTOMER, TableFacts, Trigger, of_customer

TAX_SETTINGS = [
    "small_business", "destination_rate", "oss", "cash_accounting", "advance_by_service", "eu_by_invoice",
    "card_on_credit", "jungholz_mittelberg", "quarterly",
]  # fmt: skip
RETURNS = ["vat", "zm", "oss"]
VAT_ID_STATES = ["none", "unchecked", "checked", "invalid"]
CONTACT_GROUPS = ["main", "invoices", "technical"]


class Seller(models.Model):
    """A legal entity that issues documents (EN 16931 BG-4), with its texts and look."""

    facts = TableFacts(
        OF_NO_CUSTOMER,
        portal=True,
        unchecked="settings: what counts for a document stands frozen in its snapshot",
        triggers=(Trigger("seller_change_needs_new_snapshot", "BEFORE UPDATE", "seller_needs_new_snapshot"),),
    )

    name = models.CharField(max_length=200)
    short_name = models.SlugField(max_length=30, unique=True)
    legal_form = models.CharField(max_length=100, blank=True)
    street = models.CharField(max_length=200)
    postal_code = models.CharField(max_length=20)
    city = models.CharField(max_length=100)
    country = models.CharField(max_length=2)
    zone = models.CharField(max_length=50, default="Europe/Vienna")
    seat = models.CharField(max_length=100, blank=True)
    register_number = models.CharField(max_length=50, blank=True)
    register_court = models.CharField(max_length=100, blank=True)
    managing_directors = models.CharField(max_length=300, blank=True)
    vat_id = models.CharField(max_length=20, blank=True)
    tax_number = models.CharField(max_length=30, blank=True)
    email = models.EmailField()
    phone = models.CharField(max_length=50, blank=True)
    website = models.URLField(blank=True)
    support_contact = models.CharField(max_length=200, blank=True)
    bookkeeping_email = models.EmailField(blank=True)
    imprint_url = models.CharField(max_length=300, blank=True)
    privacy_url = models.CharField(max_length=300, blank=True)
    terms_url = models.CharField(max_length=300, blank=True)
    imprint_text = models.TextField(blank=True)
    privacy_text = models.TextField(blank=True)
    terms_text = models.TextField(blank=True)
    intro_text_de = models.TextField(blank=True)
    intro_text_en = models.TextField(blank=True)
    closing_text_de = models.TextField(blank=True)
    closing_text_en = models.TextField(blank=True)
    logo = models.ForeignKey("documents.StoredFile", models.PROTECT, null=True, blank=True)
    accent_colour = models.CharField(max_length=7, default="#0b5d66")
    payment_terms_days = models.PositiveSmallIntegerField(default=7)
    qr_mode = models.CharField(max_length=4, default="rf")
    bills_automatically = models.BooleanField(default=False)
    mails_automatically = models.BooleanField(default=False)
    reminds_before_days = models.PositiveSmallIntegerField(null=True, blank=True)
    reminds_after_days = models.PositiveSmallIntegerField(null=True, blank=True)
    reminds_from_amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)  # on balance, in EUR
    payments_booked_until = models.DateField(null=True, blank=True)
    snapshot = models.ForeignKey("PartySnapshot", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(country__regex="^[A-Z]{2}$"), name="a_seller_has_a_country_code"),
            models.CheckConstraint(
                condition=Q(reminds_from_amount__gte=0, reminds_from_amount__lte=MAX_AMOUNT),
                name="reminders_are_for_money",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SellerTaxSetting(models.Model):
    """A dated tax fact of a seller; it holds from its day until the next row of the same kind.

    small_business: § 19 UStG (DE) / § 6 Abs. 1 Z 27 UStG (AT). destination_rate: consumers in other member states bear
    the rate of their country, because 10,000 EUR are exceeded or waived (Art. 59c Directive 2006/112/EC); oss:
    registered for the One-Stop-Shop, which brings that rate with it. cash_accounting: Ist-Versteuerung, § 20 UStG (DE)
    / § 17 UStG (AT). advance_by_service: a period billed in advance counts when it ends or is paid, else when it is
    invoiced. eu_by_invoice: such a period counts in ZM and OSS when it is invoiced, else when it ends.
    card_on_credit: card payments count when the bank books them, else when the provider reports them.
    jungholz_mittelberg: established there, § 10 Abs. 4 UStG (AT). quarterly: the VAT return is declared by quarter,
    § 18 Abs. 2 UStG (DE) / § 21 Abs. 2 UStG (AT); a quarter is one return where this applied on its first day.
    """

    facts = TableFacts(OF_NO_CUSTOMER, portal=True)

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="tax_settings")
    kind = models.CharField(max_length=20)
    valid_from = models.DateField()
    applies = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint("seller", "kind", "valid_from", name="a_tax_setting_begins_once_a_day"),
            models.CheckConstraint(condition=Q(kind__in=TAX_SETTINGS), name="a_tax_setting_is_of_a_kind"),
        ]


class Declaration(models.Model):
    """That a seller's returns of a kind are declared up to a day, the last of a month. Insert-only: the newest counts.

    What comes later for such a month is listed apart, as a correction of its return.
    """

    facts = TableFacts(OF_NO_CUSTOMER, insert_only=True, checks=("declarations_are_as_recorded",))

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="declarations")
    kind = models.CharField(max_length=3)
    until = models.DateField()
    declared_at = models.DateTimeField()
    declared_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RETURNS), name="a_declaration_is_of_a_return"),
        ]


class BankAccount(models.Model):
    """Where customers pay to (BG-17). The first in order is printed as the QR code's account.

    The newest event "bank_account.saved" keeps the hash of all accounts of the seller (``BANK_ACCOUNTS``).
    """

    facts = TableFacts(
        OF_NO_CUSTOMER,
        portal=True,
        checks=("bank_accounts_are_as_saved",),
        triggers=(
            Trigger(
                "bank_account_change_needs_new_snapshot",
                "AFTER INSERT OR DELETE OR UPDATE",
                "bank_account_needs_new_snapshot",
            ),
        ),
    )

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="bank_accounts")
    account_name = models.CharField(max_length=70)
    iban = models.CharField(max_length=34)
    bic = models.CharField(max_length=11, blank=True)
    bank_name = models.CharField(max_length=100, blank=True)
    position = models.PositiveSmallIntegerField(default=1)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint("seller", "iban", name="a_seller_names_an_iban_once")]


BANK_ACCOUNTS = Hashed(
    "bank_accounts_are_as_saved",
    message("Every seller has the bank accounts that a recorded command saved"),
    BANK_ACCOUNT_SAVED,
    {
        1: (
            Columns(
                "parties_bankaccount",
                "seller_id, id, account_name, iban, bic, bank_name, position, is_active",
                key=2,
            ),
        )
    },
    is_latest=True,
)


class PartySnapshot(models.Model):
    """The state of a seller or customer at one moment; documents refer to it, so they never change. Insert-only."""

    facts = TableFacts(
        of_customer(without_is_shared=True), portal=True, insert_only=True, checks=("parties_are_as_frozen",)
    )

    seller = models.ForeignKey(Seller, models.PROTECT, null=True, related_name="snapshots")
    customer = models.ForeignKey(
        "Customer", models.PROTECT, null=True, related_name="snapshots", db_constraint=False, db_index=False
    )
    content = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(seller__isnull=True) ^ Q(customer__isnull=True), name="a_snapshot_shows_one_party"
            ),
        ]
        indexes = [models.Index("customer", name="snapshots_of_a_customer", condition=Q(customer__isnull=False))]


# the row as it was, so that the address it had can be told of the change (access/notices.py)
ADDRESS_BEFORE = pghistory.UpdateEvent("address_before", condition=pghistory.AnyChange("email"), row=pghistory.Old)


@pghistory.track(
    pghistory.UpdateEvent(),
    ADDRESS_BEFORE,
    pghistory.DeleteEvent(),
    exclude=["snapshot", "sort_key"],
    obj_field=pghistory.ObjForeignKey(db_constraint=False),
)
class Customer(models.Model):
    """A contract partner with a customer number (BG-7).

    Name and own address are BT-44/BG-8 and decide the tax; the deviating invoice address only says where the
    document goes. ``is_taxable_person`` and ``is_consumer`` are two facts: an association may be neither.
    The trigger ``customer_change_needs_new_snapshot`` empties ``snapshot`` whenever a printed column changes.
    """

    facts = TableFacts(
        of_customer("id"),
        portal=True,
        triggers=(Trigger("customer_change_needs_new_snapshot", "BEFORE UPDATE", "customer_needs_new_snapshot"),),
    )

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="customers")
    number = models.CharField(max_length=20)
    company = models.CharField(max_length=200, blank=True)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    street = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=50, blank=True)
    language = models.CharField(max_length=2, default="de")

    has_invoice_address = models.BooleanField(default=False)
    invoice_name = models.CharField(max_length=200, blank=True)
    invoice_care_of = models.CharField(max_length=200, blank=True)
    invoice_department = models.CharField(max_length=200, blank=True)
    invoice_street = models.CharField(max_length=200, blank=True)
    invoice_postal_code = models.CharField(max_length=20, blank=True)
    invoice_city = models.CharField(max_length=100, blank=True)
    invoice_country = models.CharField(max_length=2, blank=True)

    is_taxable_person = models.BooleanField()
    is_consumer = models.BooleanField()
    vat_id = models.CharField(max_length=20, blank=True)
    vat_id_state = models.CharField(max_length=10, default="none")
    vat_id_waived = models.BooleanField(default=False)  # "Keine UID angegeben", § 11 UStG above 10,000 EUR

    order_number = models.CharField(max_length=100, blank=True)  # BT-13
    buyer_reference = models.CharField(max_length=100, blank=True)  # BT-10
    cost_centre = models.CharField(max_length=100, blank=True)  # BT-19
    is_collective = models.BooleanField(default=False)
    payment_terms_days = models.PositiveSmallIntegerField(null=True, blank=True)
    snapshot = models.ForeignKey(PartySnapshot, models.PROTECT, null=True, blank=True, related_name="+")
    sort_key = models.CharField(max_length=200, blank=True)  # DIN 5007, lower case, umlauts spelt out
    created_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint("seller", "number", name="a_customer_number_is_given_once_per_seller"),
            models.UniqueConstraint("seller", "id", name="a_customer_is_known_with_its_seller"),
            models.CheckConstraint(condition=Q(country__regex="^[A-Z]{2}$"), name="a_customer_has_a_country_code"),
            models.CheckConstraint(condition=~Q(company="") | ~Q(last_name=""), name="a_customer_has_a_name"),
            models.CheckConstraint(
                condition=Q(vat_id="", vat_id_state="none") | (~Q(vat_id="") & ~Q(vat_id_state="none")),
                name="a_vat_id_has_a_state",
            ),
            models.CheckConstraint(condition=Q(vat_id_state__in=VAT_ID_STATES), name="a_vat_id_state_is_known"),
            models.CheckConstraint(
                condition=~Q(is_taxable_person=True, is_consumer=True), name="a_consumer_is_no_taxable_person"
            ),
        ]
        indexes = [models.Index("seller", "sort_key", "id", name="customers_in_order_of_names")]

    @property
    def name(self) -> str:
        """BT-44: the company, or the person's name."""
        return self.company or f"{self.first_name} {self.last_name}".strip()

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


@pghistory.track(
    pghistory.UpdateEvent(),
    ADDRESS_BEFORE,
    pghistory.DeleteEvent(),
    obj_field=pghistory.ObjForeignKey(db_constraint=False),
)
class Contact(models.Model):
    """A person or mailbox of a customer; needs no login. At most one receives the invoices (I-A6)."""

    facts = TableFacts(of_customer(), portal=True)

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contacts")
    group = models.CharField(max_length=10, default="main")
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField()
    phone = models.CharField(max_length=50, blank=True)
    receives_invoices = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "customer", condition=Q(receives_invoices=True), name="one_contact_receives_the_invoices"
            ),
            models.UniqueConstraint("customer", condition=Q(group="main"), name="a_customer_has_one_main_contact"),
            models.CheckConstraint(condition=Q(group__in=CONTACT_GROUPS), name="a_contact_is_of_a_group"),
        ]


class CustomerDataRequest(models.Model):
    """A customer's wish to change country or VAT id, which staff decide. Runs park the customer while one is open."""

    facts = TableFacts(of_customer(), portal=True)

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="data_requests")
    country = models.CharField(max_length=2, blank=True)
    vat_id = models.CharField(max_length=20, blank=True)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=150)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    is_accepted = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("customer"), condition=Q(decided_at__isnull=True), name="a_customer_has_one_open_request"
            ),
        ]
