"""A form opened long ago undoes nothing: what was left alone stays as it is now, what both changed is asked about."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client

from kundenkontor.access.models import User
from kundenkontor.catalog.models import Product
from kundenkontor.invoicing.drafting.commands import create_draft
from kundenkontor.parties.models import BankAccount, Contact, Customer, CustomerDataRequest, Seller
from tests.office.steps import desk, submit
from tests.portal.builders import client_of, login
from tests.support.builders import CLARA, TODAY, ada, alpenhost, contract, invoice_contact

pytestmark = pytest.mark.django_db


def typed_of(client: Client, url: str, action: str = "") -> dict[str, str]:
    """The fields of a page's form as a browser sends them back untouched."""
    page = client.get(url).content.decode()
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", page, re.DOTALL)
    marker = f'action="{action}"' if action else 'name="shown_values"'
    (form,) = [one for one in forms if marker in one and 'name="shown_values"' in one][:1]
    values: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        kind, name = _attribute(tag, "type"), _attribute(tag, "name")
        if kind in ("checkbox", "radio") and " checked" not in tag:
            continue
        if kind != "file":
            values[name] = _attribute(tag, "value") or ("on" if kind == "checkbox" else "")
    for name, text in re.findall(r"<textarea[^>]*name=\"([^\"]+)\"[^>]*>(.*?)</textarea>", form, re.DOTALL):
        values[name] = html.unescape(text).removeprefix("\n")
    for name, options in re.findall(r"<select[^>]*name=\"([^\"]+)\"[^>]*>(.*?)</select>", form, re.DOTALL):
        (chosen,) = re.findall(r"<option[^>]*value=\"([^\"]*)\"[^>]* selected", options)[:1] or [""]
        values[name] = html.unescape(chosen)
    return values


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf"\b{name}=\"([^\"]*)\"", tag)
    return html.unescape(found[1]) if found else ""


def world() -> dict[str, tuple[Client, str, str, Model, str, Any]]:
    """Each form that changes what is: who, where, a field that he changes, the row, a column that another changes."""
    seller = alpenhost()
    customer = ada(seller)
    contact = invoice_contact(customer)
    of_contract = contract(customer)
    account = BankAccount.objects.get(seller=seller)
    product = Product.objects.get(seller=seller)
    draft = create_draft(customer, on=TODAY, actor=CLARA)
    anna, portal = desk("administrator"), client_of(login("ada", customer))
    office = "/office"
    return {
        "customer": (anna, f"{office}/customers/{customer.pk}/edit/", "phone", customer, "city", "Linz"),
        "contact": (anna, f"{office}/customers/{customer.pk}/contacts/{contact.pk}/", "phone", contact, "name", "Eva"),
        "contract": (
            anna,
            f"{office}/contracts/{of_contract.pk}/edit/",
            "description",
            of_contract,
            "cost_centre",
            "7",
        ),
        "seller": (anna, f"{office}/sellers/{seller.pk}/edit/", "phone", seller, "closing_text_de", "Danke\nsehr"),
        "account": (anna, f"{office}/sellers/{seller.pk}/accounts/{account.pk}/", "bank_name", account, "position", 2),
        "product": (anna, f"{office}/catalogue/products/{product.pk}/edit/", "name", product, "is_active", False),
        "draft": (anna, f"{office}/invoices/drafts/{draft.pk}/", "note", draft, "order_number", "B-9"),
        "own data": (portal, "/konto/daten/", "phone", customer, "street", "Ring 1"),
        "own contact": (portal, f"/konto/kontakte/{contact.pk}/", "phone", contact, "name", "Eva"),
    }


CASES = ["customer", "contact", "contract", "seller", "account", "product", "draft", "own data", "own contact"]


@pytest.mark.parametrize("case", CASES)
def test_a_stale_form_writes_only_what_its_reader_changed(case: str) -> None:
    client, url, field, row, column, value = world()[case]
    typed = typed_of(client, url)
    type(row)._default_manager.filter(pk=row.pk).update(**{column: value})  # by somebody else, meanwhile

    answer = client.post(url, typed | {field: "+43 1 99"})

    assert answer.status_code == 302, answer.content.decode()
    row.refresh_from_db()
    assert (getattr(row, field), getattr(row, column)) == ("+43 1 99", value)


@pytest.mark.parametrize("case", CASES)
def test_what_both_changed_is_refused_with_both_values_and_saved_when_said_again(case: str) -> None:
    client, url, field, row, column, value = world()[case]
    typed = typed_of(client, url)
    type(row)._default_manager.filter(pk=row.pk).update(**{field: "theirs", column: value})

    answer = client.post(url, typed | {field: "mine"})

    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert re.search("now “theirs”, you wrote “mine”|jetzt „theirs“, Sie schrieben „mine“", page)
    row.refresh_from_db()
    assert getattr(row, field) == "theirs"
    again = of_page(client, url, answer)
    assert client.post(url, again).status_code == 302
    row.refresh_from_db()
    assert (getattr(row, field), getattr(row, column)) == ("mine", value)


def of_page(client: Client, url: str, answer: Any) -> dict[str, str]:
    """The form on the page that refused."""

    class Shown:
        def get(self, url: str) -> Any:
            return answer

    return typed_of(Shown(), url)  # type: ignore[arg-type]


def test_a_wish_for_a_vat_id_does_not_ask_for_the_old_country_again() -> None:
    customer = ada(alpenhost(), vat_id="", vat_id_state="none")
    client = client_of(login("ada", customer))
    typed = typed_of(client, "/konto/daten/", "/konto/daten/antrag/")
    Customer.objects.filter(pk=customer.pk).update(country="DE")

    assert client.post("/konto/daten/antrag/", typed | {"vat_id": "DE136695976"}).status_code == 302

    wish = CustomerDataRequest.objects.get(customer=customer)
    assert (wish.country, wish.vat_id) == ("", "DE136695976")


def test_the_recipient_and_the_way_of_billing_stay_with_whoever_chose_last() -> None:
    customer = ada(alpenhost())
    contact = Contact.objects.create(customer=customer, group="technical", email="t@huber.example")
    client = client_of(login("ada", customer))
    way = typed_of(client, "/konto/", "/konto/rechnungsart/")
    recipient = typed_of(client, "/konto/", "/konto/empfaenger/")
    Customer.objects.filter(pk=customer.pk).update(is_collective=True)
    Contact.objects.filter(pk=contact.pk).update(receives_invoices=True)

    client.post("/konto/rechnungsart/", way)
    client.post("/konto/empfaenger/", recipient)

    customer.refresh_from_db()
    contact.refresh_from_db()
    assert (customer.is_collective, contact.receives_invoices) == (True, True)


def test_a_role_that_was_taken_away_is_not_given_back_by_an_old_page() -> None:
    anna = desk("administrator")
    desk("clerk")
    clara = User.objects.get(username="clara")
    url = f"/office/people/users/{clara.pk}/role/"
    typed = typed_of(anna, url)
    User.objects.filter(pk=clara.pk).update(staff_role="auditor")

    anna.post(url, typed)

    clara.refresh_from_db()
    assert clara.staff_role == "auditor"


def test_the_end_of_a_contract_is_not_decided_by_a_day_that_nobody_saw() -> None:
    customer = ada(alpenhost())
    row = contract(customer)
    clara = desk("clerk")
    url = f"/office/contracts/{row.pk}/end/"
    typed = typed_of(clara, url) | {"end_date": ""}
    type(row).objects.filter(pk=row.pk).update(end_date=TODAY)

    assert clara.post(url, typed).status_code == 422

    row.refresh_from_db()
    assert row.end_date == TODAY


def test_a_form_without_what_it_showed_is_taken_as_typed() -> None:
    """As a program may send it, or a page from before the update."""
    seller = alpenhost()
    clara = desk("administrator")
    row = BankAccount.objects.get(seller=seller)
    values = {"account_name": "A", "iban": row.iban, "position": "3", "shown_values": "no json"}

    assert submit(clara, f"/office/sellers/{seller.pk}/accounts/{row.pk}/", **values).status_code == 302

    row.refresh_from_db()
    assert (row.account_name, row.position) == ("A", 3)
    assert Seller.objects.get(pk=seller.pk).name == "Alpenhost GmbH"
