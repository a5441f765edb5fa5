"""Products and their list prices at the desk."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from kundenkontor.catalog.models import Price, Product
from kundenkontor.events.models import Event
from kundenkontor.parties.models import Seller
from tests.office.steps import desk, submit
from tests.support import builders

pytestmark = pytest.mark.django_db


def product_values(seller: Seller, **changes: Any) -> dict[str, Any]:
    return {"seller": str(seller.pk), "code": "domain-at", "name": "Domain .at", "group": "domains",
            "is_indivisible": "on", **changes}  # fmt: skip


@pytest.mark.feature("M28")
def test_a_product_is_made_and_its_list_price_follows_the_one_before() -> None:
    seller = builders.alpenhost()
    clara = desk()
    submit(clara, reverse("office:product-new"), **product_values(seller))
    product = Product.objects.get(code="domain-at")
    assert not product.is_divisible
    url = reverse("office:product-price", args=[product.pk])
    values = {"period_months": "12", "amount": "24,00", "price_kind": "net"}
    submit(clara, url, **values, valid_from="01.01.2026")
    submit(clara, url, **{**values, "amount": "26,00"}, valid_from="01.01.2027")
    rows = list(Price.objects.filter(product=product).order_by("valid_from").values_list("amount", "valid_to"))
    assert rows == [(Decimal(24), date(2026, 12, 31)), (Decimal(26), None)]
    again = submit(clara, url, **values, valid_from="01.01.2027")
    assert again.status_code == 422 and "valid_from" in again.context["form"].errors
    twice = submit(clara, reverse("office:product-new"), **product_values(seller))
    assert twice.status_code == 422 and "code" in twice.context["form"].errors


def test_a_product_changes_for_what_is_billed_from_now_on() -> None:
    seller = builders.alpenhost()
    contract = builders.contract(builders.ada(seller))
    url = reverse("office:product-edit", args=[contract.product_id])
    submit(desk(), url, name="Webhosting XL", group="webhosting", is_active="on")
    assert Product.objects.get(pk=contract.product_id).name == "Webhosting XL"
    assert Event.objects.get(name="product.changed").payload == {"name": ["Webhosting M", "Webhosting XL"]}
