"""The books."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from kundenkontor.kernel.money import MAX_AMOUNT  # PostgreSQL sorts NaN above every number
from kundenkontor.kernel.tables import OF_NO_CUSTOMER, TableFacts, of_customer
from kundenkontor.parties.models import Seller

ROLES = ["receivable", "bank", "customer_balance", "revenue", "advance", "vat_payable", "rounding", "bad_debt"]
LINE_ROLES = ["revenue", "advance"]  # what the net amount of a document's line is booked to


class Account(models.Model):
    """An account of a seller's books, found by its role; what lines are booked to and VAT also by their VAT case, money
    by its place."""

    facts = TableFacts(OF_NO_CUSTOMER)

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="accounts")
    role = models.CharField(max_length=20)
    vat_category = models.CharField(max_length=2, blank=True)
    vat_rate = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    country = models.CharField(max_length=2, blank=True)
    place = models.CharField(max_length=40, blank=True)  # which bank account, which provider

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "seller", "role", "vat_category", "vat_rate", "country", "place", name="an_account_has_one_meaning"
            ),
            models.CheckConstraint(condition=Q(role__in=ROLES), name="an_account_has_a_role"),
        ]


class JournalEntry(models.Model):
    """Why value moved: one business event in the books of one seller. Insert-only.

    ``tax_day`` is the day on which it happened: a document's date, the day on which money arrived or was returned. It
    says to which return it belongs and never moves. ``entry_date`` is the day on which it is posted: the same, or where
    that month is declared already, the first day of the first month that is open. Where the two differ, the entry
    corrects the return of its tax day's month.
    """

    facts = TableFacts(
        OF_NO_CUSTOMER, insert_only=True,
        checks=("entries_are_booked_once", "entries_are_dated_like_their_causes", "entries_are_posted_in_open_months"),
    )  # fmt: skip

    seller_id = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    reference = models.CharField(max_length=60)
    currency = models.CharField(max_length=3, default="EUR")
    entry_date = models.DateField()
    tax_day = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(entry_date__gte=F("tax_day")), name="nothing_is_posted_ahead"),
            models.UniqueConstraint(
                "seller_id", "kind", "reference", "currency", name="a_business_event_is_booked_once"
            ),
        ]
        indexes = [
            BrinIndex(fields=["entry_date"], name="entries_by_date", pages_per_range=32),
            BrinIndex(fields=["tax_day"], name="entries_by_tax_day", pages_per_range=32),
        ]


class Posting(models.Model):
    """A movement of value: one account debited, one credited, by one amount. Insert-only.

    Naming both sides in one row makes an unbalanced entry impossible to write (I-M1). ``debit_item_id``
    and ``credit_item_id`` name the open items whose amounts the two sides move, where a side is one. Without a
    customer: money that is nobody's yet, or the seller's own.
    """

    facts = TableFacts(
        of_customer(),
        insert_only=True,
        checks=("postings_belong_to_entries", "postings_are_balanced", "postings_name_their_items"),
    )

    pk = models.CompositePrimaryKey("entry_id", "position")
    entry = models.ForeignKey(
        JournalEntry, models.PROTECT, related_name="postings", db_constraint=False, db_index=False
    )
    position = models.SmallIntegerField()
    debit_account = models.ForeignKey(
        Account, models.PROTECT, related_name="debits", db_constraint=False, db_index=False
    )
    credit_account = models.ForeignKey(
        Account, models.PROTECT, related_name="credits", db_constraint=False, db_index=False
    )
    customer_id = models.BigIntegerField(null=True)
    debit_item_id = models.BigIntegerField(null=True)
    credit_item_id = models.BigIntegerField(null=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=MAX_AMOUNT), name="a_posting_moves_something"),
            models.CheckConstraint(
                condition=~Q(debit_account=F("credit_account")), name="a_posting_names_two_accounts"
            ),
        ]
