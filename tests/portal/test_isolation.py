"""What belongs to another customer does not exist; a right alone does not suffice; reading writes nothing."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from kundenkontor import portal
from kundenkontor.access.models import Membership
from kundenkontor.parties.models import Contact
from kundenkontor.web.areas import areas_of
from kundenkontor.web.gate.declared import access_of
from kundenkontor.web.gate.once import new_key
from tests.portal.builders import House, client_of, house, login

pytestmark = pytest.mark.django_db


def _object_pages(home: House) -> list[tuple[str, int, int]]:
    """Route, Ada's id, Bob's id."""
    mine, his = home.invoices[0].pk, home.bobs_invoice.pk
    return [
        ("invoice", mine, his), ("invoice-pdf", mine, his), ("invoice-xml", mine, his), ("invoice-lines", mine, his),
        ("service", home.contracts[0].pk, home.bobs_contract.pk), ("contact", home.contact.pk, home.bobs_contact.pk),
    ]  # fmt: skip


@pytest.mark.invariant("I-A1")
@pytest.mark.security("IDOR")
@pytest.mark.feature("M43")
def test_ids_of_another_customer_do_not_exist() -> None:
    home = house()
    ada = client_of(login("ada", home.ada))
    for name, _mine, his in _object_pages(home):
        assert ada.get(reverse(f"portal:{name}", args=[his])).status_code == 404, name
        assert ada.get(reverse(f"portal:{name}", args=[10**12])).status_code == 404, name
    key = {"idempotency_key": new_key()}
    assert ada.post(reverse("portal:forward", args=[home.bobs_invoice.pk]), key).status_code == 404
    assert ada.post(reverse("portal:remove-contact", args=[home.bobs_contact.pk]), key).status_code == 404
    assert ada.post(reverse("portal:select"), {"invoice": home.bobs_invoice.pk, "action": "pdf"}).status_code == 404
    wished = {"contact": home.bobs_contact.pk, **key}
    assert ada.post(reverse("portal:choose-recipient"), wished).status_code == 422


@pytest.mark.feature("M5", "M43")
def test_a_signed_out_reader_gets_no_page() -> None:
    home = house()
    for name, mine, _his in _object_pages(home):
        assert Client().get(reverse(f"portal:{name}", args=[mine]))["Location"].startswith("/account/login/")
    assert Client().get("/")["Location"] == "/account/login/"


def test_every_route_declares_who_may_call_it() -> None:
    routes = [route for _, urls in areas_of(portal) for route in urls.urlpatterns]
    assert routes and [route.name for route in routes if access_of(route.callback) is None] == []


@pytest.mark.invariant("I-A3")
def test_a_reader_may_read_but_change_and_send_nothing() -> None:
    home = house()
    reader = client_of(login("reader", home.ada, role="reader"))
    assert reader.get("/rechnungen/").status_code == 200
    assert reader.get(reverse("portal:customer-data")).status_code == 403
    assert reader.get(reverse("portal:new-contact")).status_code == 403
    key = {"idempotency_key": new_key(), "to": home.contact.email}
    assert reader.post(reverse("portal:forward", args=[home.invoices[0].pk]), key).status_code == 403
    bookkeeper = client_of(login("books", home.ada, role="invoices"))
    assert bookkeeper.get("/dienste/").status_code == 403


@pytest.mark.feature("M30")
def test_switching_customers_is_a_post_and_shows_the_other_account() -> None:
    home = house()
    agency = client_of(login("agency", home.ada, home.bob))
    assert home.bobs_invoice.number not in agency.get("/rechnungen/").content.decode()
    assert agency.get("/preferences/customer/", {"customer": home.bob.pk}).status_code == 405
    agency.post("/preferences/customer/", {"customer": home.bob.pk})
    assert home.bobs_invoice.number in agency.get("/rechnungen/").content.decode()
    assert agency.get(reverse("portal:invoice", args=[home.invoices[0].pk])).status_code == 404


@pytest.mark.feature("M30")
@pytest.mark.invariant("I-A1")
def test_a_form_opened_for_one_customer_changes_no_other_that_was_chosen_meanwhile() -> None:
    """Two tabs of an agency, or a membership that was taken away: Ada's address never lands at Bob."""
    home = house()
    user = login("agency", home.ada, home.bob)
    agency, other = client_of(user), client_of(user)
    fields = {**opened(agency, "/konto/kontakte/neu/"), "email": "neu@example.at", "group": "technical"}
    agency.post("/preferences/customer/", {"customer": home.bob.pk})
    Membership.objects.filter(user=user, customer=home.ada).delete()
    for client in (agency, other):
        answer = client.post("/konto/kontakte/neu/", {**fields, "idempotency_key": new_key()})
        assert answer.status_code == 409
        assert "für eine andere Kundennummer geöffnet" in answer.content.decode()
    assert not Contact.objects.filter(email="neu@example.at").exists()
    assert agency.post("/konto/kontakte/neu/", {**fields, **opened(agency, "/konto/kontakte/neu/")}).status_code == 302


def opened(client: Client, path: str) -> dict[str, str]:
    """The hidden fields of a form."""
    page = client.get(path).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(opened_for|idempotency_key)" value="([^"]+)"', page))


def test_every_form_of_the_portal_says_for_which_customer_it_was_opened() -> None:
    home = house()
    ada = client_of(login("ada", home.ada))
    names = ("settings", "customer-data", "new-contact", "period", "invoices")
    pages = [reverse(f"portal:{name}") for name in names]
    pages += [reverse("portal:invoice", args=[home.invoices[0].pk]), reverse("portal:contact", args=[home.contact.pk])]
    for page in pages:
        forms = re.findall(r'<form[^>]*method="post".*?</form>', ada.get(page).content.decode(), re.DOTALL)
        own = [form for form in forms if not re.search(r'action="/(preferences|account)/', form)]
        assert own and all(f'name="opened_for" value="{home.ada.pk}"' in form for form in own), page


def test_a_login_without_a_customer_reads_a_sentence() -> None:
    house()
    text = client_of(login("nobody")).get("/").content.decode()
    assert "gehört aber derzeit zu keinem Kundenkonto" in text


def test_reading_pages_writes_nothing() -> None:
    home = house()
    ada = client_of(login("ada", home.ada))
    names = ("account", "services", "invoices", "payments", "period", "tickets", "settings", "customer-data", "help")
    pages = [reverse(f"portal:{name}") for name in names]
    pages += [
        reverse("portal:invoice", args=[home.invoices[0].pk]),
        reverse("portal:service", args=[home.contracts[0].pk]),
    ]
    ada.get("/")
    before = _rows()
    for page in pages:
        assert ada.get(page).status_code == 200
    assert _rows() == before


def _rows() -> dict[str, tuple[int, int]]:
    """Rows of each table and the last transaction that wrote one; sessions may be written."""
    counts = {}
    with connection.cursor() as cursor:
        for table in set(connection.introspection.table_names(cursor)) - {"django_session"}:
            cursor.execute(f"SELECT count(*), max(xmin::text::bigint) FROM {connection.ops.quote_name(table)}")
            counts[table] = cursor.fetchone()
    return counts
