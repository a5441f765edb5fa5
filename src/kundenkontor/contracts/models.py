"""Contracts and their dated prices."""

from __future__ import annotations

from datetime import date

import pghistory
from django.db import models
from django.db.models import F, Q

from kundenkontor.catalog.models import PERIOD_MONTHS, Product
from kundenkontor.contracts.periods import Period, periods_due
from kundenkontor.kernel.tables import TableFacts, of_contract
from kundenkontor.parties.models import Customer, Seller

FAR_AWAY = date(9000, 1, 1)


@pghistory.track(
    pghistory.UpdateEvent(), pghistory.DeleteEvent(), obj_field=pghistory.ObjForeignKey(db_constraint=False)
)
class Contract(models.Model):
    """A running service of a customer. What it was billed on is derived from its charges.

    Periods begin on the anniversaries of ``start_date``; periods that begin before ``cut_over_date`` were
    billed elsewhere; ``end_date`` is the last day of service. The discount counts for a period
    whose first day is not after ``discount_until``.
    """

    facts = TableFacts(of_contract("id"), portal=True, checks=("charges_are_adjacent",))

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="contracts")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contracts", db_index=False)
    number = models.CharField(max_length=30)
    product = models.ForeignKey(Product, models.PROTECT, related_name="contracts")
    description = models.CharField(max_length=500, blank=True)
    identifier = models.CharField(max_length=253, blank=True)
    quantity = models.DecimalField(max_digits=12, decimal_places=4, default=1)
    period_months = models.PositiveSmallIntegerField()
    start_date = models.DateField()
    end_date = models.DateField(null=True, blank=True)
    cut_over_date = models.DateField(null=True, blank=True)
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    discount_until = models.DateField(null=True, blank=True)
    set_up_fee = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    order_number = models.CharField(max_length=100, blank=True)  # BT-13
    buyer_reference = models.CharField(max_length=100, blank=True)  # BT-10
    cost_centre = models.CharField(max_length=100, blank=True)  # BT-133

    class Meta:
        constraints = [
            models.UniqueConstraint("seller", "number", name="a_contract_number_is_given_once_per_seller"),
            models.UniqueConstraint("customer", "id", name="a_contract_is_known_with_its_customer"),
            models.CheckConstraint(condition=Q(period_months__in=PERIOD_MONTHS), name="a_contract_has_a_period"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="a_contract_has_a_quantity"),
            models.CheckConstraint(
                condition=Q(end_date__isnull=True) | Q(end_date__gte=F("start_date")),
                name="a_contract_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(discount_percent__gte=0, discount_percent__lte=100), name="a_discount_is_a_part"
            ),
            models.CheckConstraint(condition=Q(set_up_fee__gte=0), name="a_set_up_fee_is_not_negative"),
        ]
        indexes = [models.Index("seller", "customer", "id", name="contracts_to_bill")]

    def __str__(self) -> str:
        return self.number

    def state_on(self, day: date) -> str:
        """``future`` before its first day, ``ended`` after its last, ``ending`` with a last day set, or ``running``."""
        if self.end_date is not None and self.end_date < day:
            return "ended"
        if self.start_date > day:
            return "future"
        return "running" if self.end_date is None else "ending"

    def next_period(self, *, billed_to: date | None, priced_from: date | None) -> Period | None:
        """The period that is billed next: none after the end, and none of a service that costs nothing (decision 0006).

        ``billed_to`` is the last day billed, ``priced_from`` the first day on which a price is not nought.
        """
        first_start = self.cut_over_date
        if billed_to is None:
            if priced_from is None:
                return None
            first_start = max(priced_from, first_start or priced_from)
        periods = periods_due(
            self.start_date,
            self.period_months,
            billed_until=FAR_AWAY,
            end_date=self.end_date,
            first_start=first_start,
            billed_to=billed_to,
            is_divisible=self.product.is_divisible,
        )
        return next(periods, None)


@pghistory.track(
    pghistory.UpdateEvent(), pghistory.DeleteEvent(), obj_field=pghistory.ObjForeignKey(db_constraint=False)
)
class ContractPrice(models.Model):
    """The price of one whole period, for periods beginning on or after ``valid_from``. Net, or gross if agreed."""

    facts = TableFacts(of_contract(), portal=True, unchecked="a wish: what is billed stands frozen on lines")

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="prices", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    valid_from = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=6)
    is_gross = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint("contract", "valid_from", name="a_contract_price_begins_once_a_day"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_contract_price_is_not_negative"),
        ]
