"""Daten ändern and Kontoeinstellungen: future invoices only, requests, contacts, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from kundenkontor.events.models import Event
from kundenkontor.kernel.countries import COUNTRIES
from kundenkontor.parties.customer_commands import decide_data_request
from kundenkontor.parties.errors import NoOpenRequest
from kundenkontor.parties.models import Contact, Customer, CustomerDataRequest
from kundenkontor.portal.settings.forms import country_choices
from kundenkontor.web.gate.once import new_key
from tests.portal.builders import client_of, house, login
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, issue

pytestmark = pytest.mark.django_db
DATA = "/konto/daten/"


def data_of(customer: Customer, **changes: str) -> dict[str, str]:
    """The form as the browser would send it."""
    names = ("company", "first_name", "last_name", "street", "postal_code", "city", "email", "phone", "language")
    return {name: getattr(customer, name) for name in names} | changes | {"idempotency_key": new_key()}


@pytest.mark.feature("M37", "M38", "M36")
@pytest.mark.invariant("I-D1")
def test_a_new_address_stands_on_future_invoices_only() -> None:
    customer = ada(alpenhost())
    old = issue(customer)
    client = client_of(login("ada", customer))
    form = data_of(customer, company="Huber Müller Agentur GmbH", street="Neue Gasse 9", postal_code="1010")
    assert client.post(DATA, form)["Location"] == "/konto/"
    new = issue(customer)
    assert old.customer_snapshot.content["street"] == "Landstraßer Hauptstraße 1"
    assert (new.customer_snapshot.content["street"], new.customer_snapshot.content["company"]) == (
        "Neue Gasse 9", "Huber Müller Agentur GmbH",
    )  # fmt: skip
    customer.refresh_from_db()
    assert customer.sort_key == "huber mueller agentur gmbh"
    event = Event.objects.get(name="customer.changed")
    assert event.payload["fields"] == ["company", "postal_code", "street"] and event.actor_label == "ada"
    text = client.get(DATA).content.decode()
    assert "künftigen Rechnungen" in text and reverse("portal:help-change-address") in text


@pytest.mark.feature("M39")
def test_a_deviating_invoice_address_needs_all_its_parts() -> None:
    customer = ada(alpenhost())
    client = client_of(login("ada", customer))
    part = {"has_invoice_address": "on", "invoice_care_of": "Kanzlei Bauer", "invoice_department": "Buchhaltung"}
    answer = client.post(DATA, data_of(customer, **part))
    assert answer.status_code == 422 and "abweichende Rechnungsanschrift" in answer.content.decode()
    whole = {**part, "invoice_street": "Ring 5", "invoice_postal_code": "8010", "invoice_city": "Graz",
             "invoice_country": "AT"}  # fmt: skip
    client.post(DATA, data_of(customer, **whole))
    content = issue(customer).customer_snapshot.content
    assert (content["invoice_city"], content["company"]) == ("Graz", customer.company)


def test_a_company_keeps_a_company_name_and_a_person_gets_none() -> None:
    seller = alpenhost()
    company, person = ada(seller), bob(seller)
    agency = client_of(login("ada", company))
    assert agency.post(DATA, data_of(company, company="")).status_code == 422
    private = client_of(login("bob", person))
    private.post(DATA, data_of(person, company="Mallory GmbH", last_name="Maier"))
    person.refresh_from_db()
    assert (person.company, person.last_name) == ("", "Maier")
    assert private.post(DATA, data_of(person, last_name="")).status_code == 422


@pytest.mark.security("mass assignment")
def test_fields_that_decide_tax_or_identity_cannot_be_slipped_in() -> None:
    customer = ada(alpenhost())
    client = client_of(login("ada", customer))
    evil = {"number": "1", "seller": "99", "vat_id": "ATU99999999", "vat_id_state": "checked", "country": "CH",
            "is_taxable_person": "", "is_consumer": "on", "payment_terms_days": "999"}  # fmt: skip
    client.post(DATA, data_of(customer, city="Linz", **evil))
    after = Customer.objects.get(pk=customer.pk)
    assert after.city == "Linz"
    for name in evil:
        assert getattr(after, name) == getattr(customer, name), name


@pytest.mark.feature("M37")
def test_country_and_vat_id_are_a_request_that_is_shown_replaced_and_withdrawn() -> None:
    customer = ada(alpenhost())
    client = client_of(login("ada", customer))
    _send(client, "request-change", country="DE", vat_id="de 136695976")
    wish = CustomerDataRequest.objects.get()
    assert (wish.country, wish.vat_id, wish.decided_at) == ("DE", "DE136695976", None)
    customer.refresh_from_db()
    assert (customer.country, customer.vat_id) == ("AT", "ATU87654325")
    assert "Ihr Antrag wird geprüft" in client.get(DATA).content.decode()
    _send(client, "request-change", country="AT", vat_id="ATU65033803")
    assert CustomerDataRequest.objects.get(decided_at=None).vat_id == "ATU65033803"
    _send(client, "withdraw-change")
    assert [wish.is_accepted for wish in CustomerDataRequest.objects.all()] == [False, False]


def test_staff_never_accept_a_wish_that_replaced_the_one_they_read() -> None:
    customer = ada(alpenhost())
    client = client_of(login("ada", customer))
    _send(client, "request-change", country="DE", vat_id="DE136695976")
    read = CustomerDataRequest.objects.get()
    _send(client, "request-change", country="CH", vat_id="")
    with pytest.raises(NoOpenRequest):
        decide_data_request(read, accept=True, on=TODAY, actor=CLARA)
    customer.refresh_from_db()
    assert customer.country == "AT"
    assert CustomerDataRequest.objects.get(decided_at=None).country == "CH"


@pytest.mark.parametrize(
    ("country", "vat_id"), [("AT", "ATU87654325"), ("AT", "ATU12345678"), ("XX1", ""), ("AT", ""), ("", "DE1")]
)
def test_a_senseless_request_is_refused(country: str, vat_id: str) -> None:
    customer = ada(alpenhost())
    client = client_of(login("ada", customer))
    assert _send(client, "request-change", country=country, vat_id=vat_id).status_code == 422
    assert not CustomerDataRequest.objects.exists()


@pytest.mark.feature("M31", "M32")
def test_the_customer_chooses_collective_invoices() -> None:
    customer = ada(alpenhost())
    client = client_of(login("ada", customer))
    _send(client, "choose-collective", way="collective")
    assert Customer.objects.get().is_collective
    _send(client, "choose-collective", way="single")
    assert not Customer.objects.get().is_collective
    assert Event.objects.filter(name="customer.collective_chosen").count() == 2


def test_contacts_are_kept_and_one_receives_the_invoices() -> None:
    home = house()
    client = client_of(login("ada", home.ada))
    _send(client, "new-contact", name="Chefin", email="chefin@huber.example", group="main")
    second = Contact.objects.get(name="Chefin")
    assert _send(client, "new-contact", name="Zwei", email="zwei@huber.example", group="main").status_code == 422
    for chosen in (home.contact, second):
        _send(client, "choose-recipient", contact=str(chosen.pk))
        assert Contact.objects.get(customer=home.ada, receives_invoices=True) == chosen
    _send(client, "choose-recipient", contact="own")
    assert not Contact.objects.filter(receives_invoices=True).exists()
    _send(client, "contact", second.pk, name="Chefin", email="neu@huber.example", group="technical")
    second.refresh_from_db()
    assert (second.email, second.group) == ("neu@huber.example", "technical")
    _send(client, "remove-contact", second.pk)
    assert not Contact.objects.filter(pk=second.pk).exists()


@pytest.mark.feature("M40")
def test_the_help_page_changing_address_data_is_linked() -> None:
    client = client_of(login("ada", ada(alpenhost())))
    assert reverse("portal:help-change-address") in client.get("/konto/").content.decode()
    assert "Adressdaten ändern" in client.get(reverse("portal:help-change-address")).content.decode()


def _send(client: Client, route: str, /, *args: Any, **values: str) -> Any:
    return client.post(reverse(f"portal:{route}", args=args), {**values, "idempotency_key": new_key()})


def test_every_country_can_be_chosen_by_its_name_in_the_readers_language() -> None:
    for language, far_away in (("de", "Südkorea"), ("en", "South Korea")):
        with override(language):
            named = dict(country_choices())
        assert named["KR"] == far_away and named.keys() == COUNTRIES
        assert not [code for code, name in named.items() if code == name]
