"""Every page of the master data: who may see it, and that lists ask the database equally often for 1 and 3 rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kundenkontor.access.commands import add_membership, create_user
from kundenkontor.access.models import User
from kundenkontor.access.policy import STAFF_PERMISSIONS
from kundenkontor.catalog.models import Price
from kundenkontor.contracts.models import ContractPrice
from kundenkontor.imports.models import ImportRun
from kundenkontor.kernel.clock import utc_now
from kundenkontor.parties.models import CustomerDataRequest, Seller, SellerTaxSetting
from kundenkontor.taxes.models import TaxRate
from tests.office.steps import NAMES, desk, queries
from tests.support import builders
from tests.support.builders import CLARA, TODAY

pytestmark = pytest.mark.django_db


def world() -> dict[str, Any]:
    """A seller with customers, contracts, documents and everything the pages show."""
    seller = builders.alpenhost()
    ada, bob = builders.ada(seller), builders.bob(seller)
    contract = builders.contract(ada)
    price = ContractPrice.objects.create(
        contract=contract, customer=ada, valid_from=contract.start_date, amount=Decimal("9.9")
    )
    contact = builders.invoice_contact(ada)
    invoice = builders.issue(ada, builders.line(contract=contract))
    Price.objects.create(product=contract.product, period_months=1, amount=Decimal("12.9"), valid_from=date(2026, 1, 1))
    SellerTaxSetting.objects.create(seller=seller, kind="oss", valid_from=date(2026, 1, 1), applies=True)
    wish = CustomerDataRequest.objects.create(
        customer=ada, country="DE", vat_id="DE136695976", requested_at=utc_now(), requested_by="ada"
    )
    login = create_user("ada", email="ada@huber.example", on=TODAY, actor=CLARA)
    add_membership(login, ada, on=TODAY, actor=CLARA)
    run = ImportRun.objects.create(seller=seller, imported_at=utc_now(), imported_by="clara", report={})
    rate = TaxRate.objects.filter(country="AT").first()
    assert rate is not None
    return {
        "seller": seller, "ada": ada, "bob": bob, "contract": contract, "contact": contact, "invoice": invoice,
        "wish": wish, "login": login, "run": run, "rate": rate, "price": price, "product": contract.product,
    }  # fmt: skip


def pages(w: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Each page with the permission it declares."""
    customer, contract, seller = w["ada"].pk, w["contract"].pk, w["seller"].pk
    found = {
        "home": (reverse("office:home"), "customers.read"),
        "customers": (reverse("office:customers"), "customers.read"),
        "customer-new": (reverse("office:customer-new"), "customers.write"),
        "customer": (reverse("office:customer", args=[customer]), "customers.read"),
        "customer-edit": (reverse("office:customer-edit", args=[customer]), "customers.write"),
        "contact-new": (reverse("office:contact-new", args=[customer]), "customers.write"),
        "contact-edit": (reverse("office:contact-edit", args=[customer, w["contact"].pk]), "customers.write"),
        "data-requests": (reverse("office:data-requests"), "customers.read"),
        "contracts": (reverse("office:contracts"), "contracts.read"),
        "contract": (reverse("office:contract", args=[contract]), "contracts.read"),
        "contract-new": (reverse("office:contract-new", args=[customer]), "contracts.write"),
        "contract-edit": (reverse("office:contract-edit", args=[contract]), "contracts.write"),
        "contract-price": (reverse("office:contract-price", args=[contract]), "contracts.write"),
        "contract-end": (reverse("office:contract-end", args=[contract]), "contracts.write"),
        "products": (reverse("office:products"), "products.read"),
        "product": (reverse("office:product", args=[w["product"].pk]), "products.read"),
        "product-new": (reverse("office:product-new"), "products.write"),
        "product-edit": (reverse("office:product-edit", args=[w["product"].pk]), "products.write"),
        "product-price": (reverse("office:product-price", args=[w["product"].pk]), "products.write"),
        "vat-ids": (reverse("office:vat-ids"), "vat_ids.read"),
        "vat-id-decide": (reverse("office:vat-id-decide"), "vat_ids.write"),
        "rates": (reverse("office:rates"), "books.read"),
        "rate-new": (reverse("office:rate-new"), "rates.write"),
        "rate-invoices": (reverse("office:rate-invoices", args=[w["rate"].pk]), "invoices.read"),
        "imports": (reverse("office:imports"), "imports.read"),
        "import": (reverse("office:import", args=[w["run"].pk]), "imports.read"),
        "import-new": (reverse("office:import-new"), "imports.run"),
        "access": (reverse("office:access"), "access.send"),
        "access-send": (reverse("office:access-send"), "access.send"),
        "users": (reverse("office:users"), "users.read"),
        "user": (reverse("office:user", args=[w["login"].pk]), "users.read"),
        "user-new": (reverse("office:user-new"), "users.write"),
        "sellers": (reverse("office:sellers"), "settings.read"),
        "seller": (reverse("office:seller", args=[seller]), "settings.read"),
        "seller-new": (reverse("office:seller-new"), "settings.write"),
        "seller-edit": (reverse("office:seller-edit", args=[seller]), "settings.write"),
        "bank-account-new": (reverse("office:bank-account-new", args=[seller]), "settings.write"),
        "number-series": (reverse("office:number-series", args=[seller, "invoice"]), "settings.write"),
        "tax-setting": (reverse("office:tax-setting", args=[seller]), "settings.write"),
    }
    tabs = {"contracts": "contracts.read", "documents": "invoices.read", "payments": "payments.read",
            "mails": "outbox.read", "events": "events.read"}  # fmt: skip
    found |= {f"tab-{tab}": (reverse("office:customer-tab", args=[customer, tab]), may) for tab, may in tabs.items()}
    return found


@pytest.mark.parametrize("role", NAMES)
def test_each_role_sees_what_the_policy_gives_it_and_nothing_else(role: str) -> None:
    client = desk(role)
    for name, (url, permission) in pages(world()).items():
        status = client.get(url).status_code
        refused = 404 if name.startswith("tab-") else 403
        assert status == (200 if permission in STAFF_PERMISSIONS[role] else refused), (role, name, status)


def test_to_a_customer_the_office_does_not_exist() -> None:
    w = world()
    client = Client()
    client.force_login(w["login"])
    for name, (url, _permission) in pages(w).items():
        assert client.get(url).status_code == 404, name


def test_a_page_changes_nothing() -> None:
    """Every GET leaves the database as it was, but for when a session of staff was used, now and then."""
    w = world()
    client = desk("administrator")
    client.get("/office/")
    for name, (url, _permission) in pages(w).items():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(url)
        changing = [q["sql"] for q in captured.captured_queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
        assert not changing, (name, changing)


LISTS = ("customers", "contracts", "products", "vat-ids", "data-requests", "access", "users", "imports", "rates",
         "tab-contracts", "tab-documents", "customer", "home", "sellers")  # fmt: skip


def test_lists_ask_the_database_equally_often_for_1_and_3_rows() -> None:
    w = world()
    w["ada"].vat_id_state = "unchecked"
    w["ada"].save(update_fields=["vat_id_state"])
    client = desk("administrator")
    urls = {name: url for name, (url, _permission) in pages(w).items() if name in LISTS}
    for url in urls.values():
        client.get(url)
    before = {name: queries(client, url) for name, url in urls.items()}
    _add_two_more(w)
    after = {name: queries(client, url) for name, url in urls.items()}
    assert before == after


def _add_two_more(w: dict[str, Any]) -> None:
    seller: Seller = w["seller"]
    for number in ("2", "3"):
        other = builders.ada(seller, number=f"2200{number}", email=f"a{number}@x.example", vat_id_state="unchecked")
        other_contract = builders.contract(other, number=f"V{number}", identifier=f"x{number}.at")
        own = builders.contract(w["ada"], number=f"W{number}", identifier=f"y{number}.at")
        builders.issue(w["ada"], builders.line(contract=own))
        builders.issue(other, builders.line(contract=other_contract))
        builders.alpenhost(short_name=f"s{number}", name=f"S{number}")
        CustomerDataRequest.objects.create(customer=other, country="DE", requested_at=utc_now(), requested_by="x")
        ImportRun.objects.create(seller=seller, imported_at=utc_now(), imported_by="clara", report={})
        User.objects.create(username=f"clerk{number}", staff_role="clerk", created_at=utc_now())
        login = create_user(f"u{number}", email=f"u{number}@x.example", on=TODAY, actor=CLARA)
        add_membership(login, w["ada"], on=TODAY, actor=CLARA)
        builders.bob(seller, number=f"3300{number}", email="")


@pytest.mark.parametrize("name", ["customers", "contracts", "products", "vat-ids", "rates", "users", "access"])
def test_lists_can_be_saved_as_csv(name: str) -> None:
    client = desk("administrator")
    url = pages(world())[name][0]
    response = client.get(url, {"format": "csv"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    lines = b"".join(response.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) > 1 or name == "vat-ids"
