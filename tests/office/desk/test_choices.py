"""What the desks' lists offer to choose from."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.office.steps import desk
from tests.support.builders import alpenhost

pytestmark = pytest.mark.django_db

LISTS = ("invoices", "data-requests", "vat-ids", "customers", "billing-runs", "imports", "open-items", "payments",
         "contracts", "products", "access", "declarations")  # fmt: skip


def with_a_filter_by_seller() -> set[str]:
    pages = {name: desk("administrator").get(reverse(f"office:{name}"), {"q": "x", "state": "x"}) for name in LISTS}
    return {name for name, page in pages.items() if "seller" in page.context["listing"].form.fields}


def test_lists_are_filtered_by_seller_where_there_are_several() -> None:
    alpenhost()
    assert with_a_filter_by_seller() == set()

    alpenhost(short_name="nordhost", name="Nordhost")
    assert with_a_filter_by_seller() == set(LISTS)
