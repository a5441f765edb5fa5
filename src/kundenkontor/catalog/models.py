"""Products and list prices."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q

from kundenkontor.kernel.ranges import DateRange
from kundenkontor.kernel.tables import OF_NO_CUSTOMER, TableFacts
from kundenkontor.parties.models import Seller

PERIOD_MONTHS = [1, 3, 6, *range(12, 121, 12)]
GROUPS = ["webhosting", "domains", "ssl", "storage", "add_ons"]
VAT_NATURES = ["electronic_service"]


class Product(models.Model):
    """Something a seller sells. An indivisible product (a domain) is never cut to days."""

    facts = TableFacts(OF_NO_CUSTOMER, portal=True)

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="products")
    code = models.CharField(max_length=50)
    name = models.CharField(max_length=200)
    group = models.CharField(max_length=20, default="add_ons")
    is_divisible = models.BooleanField(default=True)
    vat_nature = models.CharField(max_length=30, default="electronic_service")
    unit = models.CharField(max_length=3, default="C62")  # UN/ECE Rec 20: one piece
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("seller", "code", name="a_product_code_is_given_once_per_seller"),
            models.CheckConstraint(condition=Q(group__in=GROUPS), name="a_product_belongs_to_a_group"),
            models.CheckConstraint(condition=Q(vat_nature__in=VAT_NATURES), name="a_product_has_a_vat_nature"),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track(
    pghistory.UpdateEvent(), pghistory.DeleteEvent(), obj_field=pghistory.ObjForeignKey(db_constraint=False)
)
class Price(models.Model):
    """A list price of a product for one billing period, from a day to a day (open end: null)."""

    facts = TableFacts(OF_NO_CUSTOMER, unchecked="a wish: what is billed stands frozen on lines")

    product = models.ForeignKey(Product, models.PROTECT, related_name="prices")
    period_months = models.PositiveSmallIntegerField()
    amount = models.DecimalField(max_digits=14, decimal_places=6)
    is_gross = models.BooleanField(default=False)
    set_up_fee = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_list_price_is_not_negative"),
            models.CheckConstraint(condition=Q(period_months__in=PERIOD_MONTHS), name="a_list_price_has_a_period"),
            ExclusionConstraint(
                name="list_prices_do_not_overlap",
                expressions=[
                    ("product", RangeOperators.EQUAL),
                    ("period_months", RangeOperators.EQUAL),
                    (
                        DateRange("valid_from", "valid_to", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="a_list_price_ends_after_it_begins",
            ),
        ]
