"""Rates with validity, and the checks of VAT ids with the questions that lead to them."""

from __future__ import annotations

from typing import cast

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q

from kundenkontor.events.actor import Actor, ActorKind
from kundenkontor.events.hashing import Columns, Hashed
from kundenkontor.events.names import VAT_ID_CHECKED
from kundenkontor.jobs.attempts import Attempt
from kundenkontor.kernel.errors import message
from kundenkontor.kernel.ranges import DateRange
from kundenkontor.kernel.tables import OF_NO_CUSTOMER, TableFacts, of_customer
from kundenkontor.parties.models import Customer, Seller

CHECK_WAYS = ["vies", "authority", "staff", "import"]
CHECK_OUTCOMES = ["valid", "invalid", "unavailable"]


class TaxRate(models.Model):
    """The standard VAT rate of a country, or of a part with its own, from a day to a day (open end: null)."""

    facts = TableFacts(OF_NO_CUSTOMER, portal=True)

    country = models.CharField(max_length=5)  # ISO 3166-1, of parts as in ``territories.RATE_AREAS``
    rate = models.DecimalField(max_digits=5, decimal_places=2)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lte=100), name="a_tax_rate_is_a_part"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="a_tax_rate_ends_after_it_begins",
            ),
            ExclusionConstraint(
                name="tax_rates_do_not_overlap",
                expressions=[
                    ("country", RangeOperators.EQUAL),
                    (
                        DateRange("valid_from", "valid_to", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]


class VatIdCheck(models.Model):
    """That a customer's VAT id was checked: when, how and with which outcome. Insert-only."""

    facts = TableFacts(of_customer(), insert_only=True, checks=("vat_id_checks_are_unchanged",))

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="vat_id_checks")
    vat_id = models.CharField(max_length=20)
    outcome = models.CharField(max_length=12)
    way = models.CharField(max_length=10)
    evidence = models.CharField(max_length=300, blank=True)
    checked_on = models.DateField()
    checked_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(way__in=CHECK_WAYS), name="a_vat_id_is_checked_in_a_way"),
            models.CheckConstraint(condition=Q(outcome__in=CHECK_OUTCOMES), name="a_vat_id_check_has_an_outcome"),
        ]


class SellerVatIdCheck(models.Model):
    """That VIES was asked about a seller's own VAT id: when, and what it answered. Insert-only."""

    facts = TableFacts(OF_NO_CUSTOMER, insert_only=True, checks=("seller_vat_id_checks_are_as_recorded",))

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="vat_id_checks")
    vat_id = models.CharField(max_length=20)
    outcome = models.CharField(max_length=12)
    evidence = models.CharField(max_length=300, blank=True)
    checked_on = models.DateField()
    checked_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=CHECK_OUTCOMES), name="a_seller_vat_id_check_has_an_outcome")
        ]


VAT_ID_CHECK = Hashed(
    "vat_id_checks_are_unchanged",
    message("Every check of a VAT id is the one that was made: its row gives the hash in its event"),
    VAT_ID_CHECKED,
    {
        1: (
            Columns(
                "taxes_vatidcheck",
                "id, customer_id, vat_id, outcome, way, evidence, checked_on, checked_by, created_at",
            ),
        )
    },
)


class Question(Attempt):
    """That VIES shall be asked about a VAT id: repeated while it does not answer, given up after three days.

    Done: it was answered, or nobody needs the answer any more.
    """

    vat_id = models.CharField(max_length=20)
    asked_at = models.DateTimeField()
    asked_by_kind = models.CharField(max_length=10)
    asked_by = models.CharField(max_length=150)
    asked_by_user_id = models.BigIntegerField(null=True)

    class Meta(Attempt.Meta):
        abstract = True

    @property
    def asker(self) -> Actor:
        """In this name the answer is recorded, however late it comes."""
        return Actor(cast(ActorKind, self.asked_by_kind), self.asked_by, self.asked_by_user_id)


class VatIdQuestion(Question):
    """About a customer's; what was answered is a ``VatIdCheck``. Done, too, once staff settled the VAT id."""

    facts = TableFacts(of_customer())

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="vat_id_questions")

    class Meta(Question.Meta):
        constraints = [
            *Attempt.Meta.constraints,
            models.UniqueConstraint(
                "customer", "vat_id", condition=~Q(state="done"), name="a_vat_id_has_one_unanswered_question"
            ),
        ]


class SellerVatIdQuestion(Question):
    """About a seller's own; what was answered is a ``SellerVatIdCheck``."""

    facts = TableFacts(OF_NO_CUSTOMER)

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="vat_id_questions")

    class Meta(Question.Meta):
        constraints = [
            *Attempt.Meta.constraints,
            models.UniqueConstraint(
                "seller", "vat_id", condition=~Q(state="done"), name="a_seller_vat_id_has_one_unanswered_question"
            ),
        ]
