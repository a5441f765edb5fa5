"""Customers in the office: finding, making and changing them, their contacts and wishes."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from kundenkontor.events.models import Event
from kundenkontor.kernel.clock import utc_now
from kundenkontor.parties.models import Contact, Customer, CustomerDataRequest, Seller
from tests.office.steps import desk, submit
from tests.support import builders

pytestmark = pytest.mark.django_db

NEW = {
    "number": "77001",
    "company": "Größenwahn & Co KG",
    "street": "Am Graben 1",
    "postal_code": "1010",
    "city": "Wien",
    "country": "at",
    "email": "office@groessenwahn.example",
    "language": "de",
    "kind": "business",
    "vat_id": "ATU 123 456 75",
    "order_number": "B-17",
    "buyer_reference": "LW-4",
    "cost_centre": "4711",
}


def names_in(response: Any) -> list[str]:
    return [cells[0].value for cells in response.context["cells"]]


@pytest.mark.parametrize("text", ["11001", "huber", "SÖHNE", "ada@huber", "grüne-wiese.at", "V150001", "rechnung@"])
def test_a_customer_is_found_by_number_name_email_domain_and_contract(text: str) -> None:
    seller = builders.alpenhost()
    ada = builders.ada(seller)
    Customer.objects.filter(pk=ada.pk).update(sort_key="agentur huber soehne gmbh")
    builders.bob(seller)
    builders.contract(ada)
    builders.invoice_contact(ada)

    assert names_in(desk().get(reverse("office:customers"), {"q": text})) == ["Agentur Huber & Söhne GmbH"]


@pytest.mark.feature("M67")
def test_a_clerk_makes_a_customer_with_all_its_fields() -> None:
    seller = builders.alpenhost()

    response = submit(desk(), reverse("office:customer-new"), seller=str(seller.pk), **NEW)

    made = Customer.objects.get(number="77001")
    assert response.headers["Location"] == reverse("office:customer", args=[made.pk])
    assert (made.country, made.vat_id, made.vat_id_state) == ("AT", "ATU12345675", "unchecked")
    assert (made.order_number, made.buyer_reference, made.cost_centre) == ("B-17", "LW-4", "4711")
    assert (made.is_taxable_person, made.is_consumer) == (True, False)
    assert made.sort_key == "groessenwahn co kg"
    assert Event.objects.get(name="customer.created").customer_id == made.pk


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("vat_id", "ATU12345678", "vat_id"),
        ("country", "XX", "country"),
        ("company", "", "company"),
        ("has_invoice_address", "on", "invoice_street"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(field: str, value: str, wrong: str) -> None:
    seller = builders.alpenhost()

    response = submit(desk(), reverse("office:customer-new"), seller=str(seller.pk), **{**NEW, field: value})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [wrong]
    assert "Am Graben 1" in response.content.decode()
    assert not Customer.objects.exists()


def test_a_customer_number_is_given_once_per_seller() -> None:
    seller = builders.alpenhost()
    builders.ada(seller, number="77001")
    response = submit(desk(), reverse("office:customer-new"), seller=str(seller.pk), **NEW)
    assert response.status_code == 422 and "number" in response.context["form"].errors


@pytest.mark.feature("M37")
@pytest.mark.feature("M38")
@pytest.mark.feature("M39")
def test_a_changed_address_counts_for_future_documents_only() -> None:
    ada = builders.ada(builders.alpenhost())
    before = builders.issue(ada)
    values = {**NEW, "street": "Neue Gasse 9", "has_invoice_address": "on", "invoice_care_of": "c/o Steuerbüro",
              "invoice_department": "Kreditoren", "invoice_street": "Postfach 7", "invoice_postal_code": "4020",
              "invoice_city": "Linz", "invoice_country": "AT"}  # fmt: skip

    submit(desk(), reverse("office:customer-edit", args=[ada.pk]), **values)
    after = builders.issue(Customer.objects.get(pk=ada.pk))

    before.refresh_from_db()
    assert before.customer_snapshot.content["street"] == "Landstraßer Hauptstraße 1"
    assert after.customer_snapshot.content["street"] == "Neue Gasse 9"
    assert after.customer_snapshot.content["invoice_department"] == "Kreditoren"


@pytest.mark.invariant("I-L1")
def test_a_change_is_an_event_that_names_the_fields_and_who_did_it() -> None:
    ada = builders.ada(builders.alpenhost())
    submit(desk(), reverse("office:customer-edit", args=[ada.pk]), **{**NEW, "vat_id": ada.vat_id})
    event = Event.objects.get(name="customer.changed")
    assert event.actor_label == "clara" and "street" in event.payload["fields"]
    assert "vat_id_state" not in event.payload["fields"]


def test_a_new_vat_id_is_unchecked_again() -> None:
    ada = builders.ada(builders.alpenhost())
    submit(desk(), reverse("office:customer-edit", args=[ada.pk]), **NEW)
    ada.refresh_from_db()
    assert (ada.vat_id, ada.vat_id_state) == ("ATU12345675", "unchecked")


@pytest.mark.security("mass assignment")
def test_fields_that_no_form_offers_are_not_taken() -> None:
    seller = builders.alpenhost()
    other = builders.alpenhost(short_name="other", name="Other GmbH")
    ada = builders.ada(seller)
    extra = {"seller": str(other.pk), "number": "1", "vat_id_state": "checked", "snapshot": "1", "id": "999"}
    submit(desk(), reverse("office:customer-edit", args=[ada.pk]), **{**NEW, **extra})
    ada.refresh_from_db()
    assert (ada.seller_id, ada.number, ada.vat_id_state) == (seller.pk, "11001", "unchecked")


def test_the_same_submit_twice_makes_one_customer() -> None:
    seller: Seller = builders.alpenhost()
    client, key = desk(), "k" * 24
    first = submit(client, reverse("office:customer-new"), key=key, seller=str(seller.pk), **NEW)
    again = submit(client, reverse("office:customer-new"), key=key, seller=str(seller.pk), **NEW)
    assert Customer.objects.count() == 1 and again.headers["Location"] == first.headers["Location"]


@pytest.mark.parametrize("role", ["auditor", "support"])
def test_who_may_only_read_changes_nothing(role: str) -> None:
    ada = builders.ada(builders.alpenhost())
    client = desk(role)
    for url in (
        reverse("office:customer-edit", args=[ada.pk]),
        reverse("office:contact-new", args=[ada.pk]),
        reverse("office:customer-new"),
    ):
        assert submit(client, url, **NEW).status_code == 403
    assert not Event.objects.filter(name__startswith="customer.").exists()


def test_one_contact_receives_the_invoices() -> None:
    ada = builders.ada(builders.alpenhost())
    former = builders.invoice_contact(ada)
    values = {"group": "main", "name": "Ada", "email": "ada@huber.example", "receives_invoices": "on"}

    submit(desk(), reverse("office:contact-new", args=[ada.pk]), **values)

    former.refresh_from_db()
    assert not former.receives_invoices
    assert Contact.objects.get(receives_invoices=True).name == "Ada"


def test_a_contact_of_another_customer_does_not_exist_here() -> None:
    seller = builders.alpenhost()
    ada, bob = builders.ada(seller), builders.bob(seller)
    contact = builders.invoice_contact(ada)
    assert desk().get(reverse("office:contact-edit", args=[bob.pk, contact.pk])).status_code == 404
    assert submit(desk(), reverse("office:contact-remove", args=[bob.pk, contact.pk])).status_code == 404
    submit(desk(), reverse("office:contact-remove", args=[ada.pk, contact.pk]))
    assert not Contact.objects.exists()


@pytest.mark.parametrize(("decision", "country"), [("accept", "DE"), ("refuse", "AT")])
def test_staff_decide_a_wish_for_another_country_and_vat_id(decision: str, country: str) -> None:
    ada = builders.ada(builders.alpenhost())
    wish = CustomerDataRequest.objects.create(
        customer=ada, country="DE", vat_id="DE136695976", requested_at=utc_now(), requested_by="ada"
    )

    submit(desk(), reverse("office:data-request-decide", args=[wish.pk]), decision=decision)

    ada.refresh_from_db()
    wish.refresh_from_db()
    assert ada.country == country and wish.decided_by == "clara"
    assert wish.is_accepted is (decision == "accept")
    assert ada.vat_id_state == ("unchecked" if decision == "accept" else "checked")
    again = submit(desk(), reverse("office:data-request-decide", args=[wish.pk]), decision="accept")
    assert again.status_code == 302
    ada.refresh_from_db()
    assert ada.country == country
