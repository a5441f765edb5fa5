"""Who gets to a view: declarations, the chosen customer, the second wall."""

from __future__ import annotations

import pytest
from django.db import connection
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.test import Client

from kundenkontor.access.models import Membership, User
from kundenkontor.kernel.clock import local_date, utc_now
from kundenkontor.parties.models import Customer, Seller
from kundenkontor.web import urls
from kundenkontor.web.gate.declared import access_of
from kundenkontor.web.gate.once import new_key

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.urls")]


def seller() -> Seller:
    values = {
        "name": "Nordlicht",
        "street": "Ring 1",
        "postal_code": "1010",
        "city": "Wien",
        "country": "AT",
    }
    return Seller.objects.get_or_create(short_name="nordlicht", defaults={**values, "email": "a@example.at"})[0]


def customer(number: str, company: str) -> Customer:
    return Customer.objects.create(
        seller=seller(),
        number=number,
        company=company,
        country="AT",
        is_taxable_person=True,
        is_consumer=False,
        sort_key=company.lower(),
        created_on=local_date(utc_now(), "Europe/Vienna"),
    )


def user(name: str, *customers: Customer, role: str = "owner", staff_role: str = "") -> User:
    created = User.objects.create(
        username=name,
        staff_role=staff_role,
        created_at=utc_now(),
        email=f"{name}@example.at",
    )
    for one in customers:
        Membership.objects.create(user=created, customer=one, role=role)
    return created


def client_of(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


@pytest.fixture(autouse=True)
def plain_template(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is rendered lazily and lists what it was given."""

    def render(self: TemplateResponse) -> HttpResponse:
        found = self.context_data["found"] if self.context_data else []
        self.content = "|".join(one.company for one in found).encode()
        return self

    monkeypatch.setattr(TemplateResponse, "render", render)


def test_a_signed_out_reader_is_led_to_the_sign_in_page_and_back() -> None:
    assert Client().get("/")["Location"] == "/account/login/"
    assert Client().get("/customers/?a=1")["Location"] == "/account/login/?next=/customers/%3Fa%3D1"
    assert Client().post("/customers/")["Location"] == "/account/login/"
    fragment = Client().get("/customers/", headers={"HX-Request": "true"})
    assert fragment.status_code == 204 and fragment["HX-Redirect"] == "/account/login/"


@pytest.mark.invariant("I-A1")
@pytest.mark.security("IDOR")
def test_a_customer_sees_only_his_own_rows_even_when_the_view_forgets_to_filter() -> None:
    adas, bobs = customer("1", "Adas GmbH"), customer("2", "Bobs GmbH")
    assert client_of(user("ada", adas)).get("/customers/").content == b"Adas GmbH"
    assert client_of(user("bob", bobs)).get("/customers/").content == b"Bobs GmbH"
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = session_user")
        assert cursor.fetchone() == (True,)


@pytest.mark.invariant("I-A1")
@pytest.mark.security("IDOR")
def test_a_login_of_several_customers_switches_but_never_to_a_foreign_one() -> None:
    first, second, foreign = (
        customer("1", "Adas GmbH"),
        customer("2", "Zweite GmbH"),
        customer("3", "Bobs GmbH"),
    )
    ada = client_of(user("ada", first, second))
    assert ada.get("/customers/").content == b"Adas GmbH"
    assert ada.post("/preferences/customer/", {"customer": second.pk}).status_code == 302
    assert ada.get("/customers/").content == b"Zweite GmbH"
    for wished in (foreign.pk, 999999, "x", "", "9" * 30, "٣"):
        assert ada.post("/preferences/customer/", {"customer": wished}).status_code == 404
    assert ada.get("/customers/").content == b"Zweite GmbH"


@pytest.mark.invariant("I-A1")
def test_a_membership_that_was_taken_away_ends_with_the_next_request() -> None:
    first, second = customer("1", "Adas GmbH"), customer("2", "Zweite GmbH")
    who = user("ada", first, second)
    ada = client_of(who)
    ada.post("/preferences/customer/", {"customer": second.pk})
    Membership.objects.filter(user=who, customer=second).delete()
    assert ada.get("/customers/").content == b"Adas GmbH"


@pytest.mark.security("IDOR")
def test_a_foreign_object_cannot_be_changed_and_does_not_exist() -> None:
    adas, bobs = customer("1", "Adas GmbH"), customer("2", "Bobs GmbH")
    ada = client_of(user("ada", adas))
    for pk, status in ((adas.pk, 204), (bobs.pk, 404), (999999, 404)):
        answer = ada.post(f"/customers/{pk}/change/", {"phone": "1", "idempotency_key": new_key()})
        assert answer.status_code == status
    assert Customer.objects.get(pk=bobs.pk).phone == ""


@pytest.mark.invariant("I-M5")
def test_a_repeated_post_is_answered_with_the_first_redirect() -> None:
    adas = customer("1", "Adas GmbH")
    ada, values = (
        client_of(user("ada", adas)),
        {"phone": "1", "idempotency_key": new_key()},
    )
    ada.post(f"/customers/{adas.pk}/change/", values)
    again = ada.post(f"/customers/{adas.pk}/change/", values)
    assert (again.status_code, again["Location"]) == (302, "/customers/")
    other = ada.post(f"/customers/{adas.pk}/change/", {**values, "phone": "2"})
    assert other.status_code == 422
    assert Customer.objects.get(pk=adas.pk).phone == "1"


@pytest.mark.invariant("I-A3")
def test_a_role_without_the_permission_is_refused() -> None:
    adas = customer("1", "Adas GmbH")
    reader = client_of(user("reader", adas, role="reader"))
    assert reader.get("/customers/").status_code == 200
    assert reader.post(f"/customers/{adas.pk}/change/").status_code == 403


def test_the_office_does_not_exist_for_customers_and_asks_staff_for_their_permission() -> None:
    assert client_of(user("ada", customer("1", "Adas GmbH"))).get("/office/").status_code == 404
    assert client_of(user("clara", staff_role="clerk")).get("/office/").content == b"office"
    assert client_of(user("otto", staff_role="auditor")).get("/office/").status_code == 403
    assert client_of(user("nobody")).get("/customers/").status_code == 404
    assert client_of(user("eva", staff_role="clerk")).get("/")["Location"] == "/office/"


@pytest.mark.security("session")
def test_a_disabled_login_stops_with_the_next_request() -> None:
    who = user("clara", staff_role="clerk")
    clara = client_of(who)
    User.objects.filter(pk=who.pk).update(is_active=False)
    assert clara.get("/office/")["Location"].startswith("/account/login/")


def test_every_route_of_the_shared_layer_declares_its_access() -> None:
    undeclared = [str(pattern.pattern) for pattern in urls.urlpatterns if access_of(pattern.callback) is None]
    assert undeclared == []


def test_a_refusal_nobody_caught_becomes_a_page_in_the_readers_language() -> None:
    page = Client().get("/refuse/")
    assert page.status_code == 409 and "nicht möglich" in page.content.decode()
    english = Client().get("/refuse/", headers={"Accept-Language": "en"})
    assert "This is not possible." in english.content.decode()


@pytest.mark.parametrize(
    ("referer", "back"),
    [("http://testserver/konto/", "http://testserver/konto/"), ("https://evil.example/", "/refuse/"), ("", "/refuse/")],
)
def test_a_refusal_leads_back_to_the_page_with_the_form_and_to_no_other_host(referer: str, back: str) -> None:
    page = Client().get("/refuse/", headers={"Referer": referer}).content.decode()
    assert f'href="{back}"' in page and "evil.example" not in page
