"""What was typed outlives the session and the token under which it was typed, and nothing is sent by itself."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from kundenkontor.access.models import Membership, User
from kundenkontor.kernel import limits
from kundenkontor.kernel.clock import utc_now
from kundenkontor.once.models import GivenAnswer
from kundenkontor.parties.models import Contact, Customer
from kundenkontor.web.gate.once import FIELD, new_key
from kundenkontor.web.gate.typed import FIELD as TYPED
from tests.office.steps import typed_in
from tests.support.builders import ada, alpenhost, bob

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business_day")]
PASSWORD = "blauer Himmel über Linz"
OURS = {"origin": "http://testserver"}
NEW_CUSTOMER = "/office/customers/new/"


@pytest.fixture(autouse=True)
def no_attempts_yet() -> None:
    cache.clear()


def login(name: str, **values: Any) -> User:
    user = User(username=name, created_at=utc_now(), language="en", **values)
    user.set_password(PASSWORD)
    user.save()
    return user


def browser(name: str, **options: Any) -> Client:
    client = Client(**options)
    sign_in(client, name)
    return client


def sign_in(client: Client, name: str, **more: str) -> Any:
    return client.post("/account/login/", {"login": name, "password": PASSWORD, **more})


def end_session(client: Client) -> None:
    client.session.flush()


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def kept_in(answer: Any) -> str:
    return typed_in(text_of(answer), "login").get(TYPED, "")


def test_a_form_sent_after_its_session_ended_comes_back_filled_and_is_sent_by_its_reader_alone() -> None:
    alpenhost()
    login("clara", staff_role="clerk")
    clara = browser("clara")
    typed = typed_in(text_of(clara.get(NEW_CUSTOMER)), "company") | {"number": "77001", "company": "Größe & Co"}
    end_session(clara)

    asked = clara.post(NEW_CUSTOMER, {FIELD: new_key(), **typed}, headers=OURS)
    assert asked.status_code == 200 and "nichts geht verloren" in text_of(asked)
    wrong = clara.post("/account/login/", {"login": "clara", "password": "no", TYPED: kept_in(asked)})
    back = sign_in(clara, "clara", typed=kept_in(wrong))

    assert back["Location"] == NEW_CUSTOMER
    shown = clara.get(NEW_CUSTOMER)
    assert "none of it was sent yet" in text_of(shown) and not Customer.objects.exists()
    again = typed_in(text_of(shown), "company")
    assert (again["number"], again["company"]) == ("77001", "Größe & Co")
    assert "Größe" not in text_of(clara.get(NEW_CUSTOMER))  # once
    clara.post(NEW_CUSTOMER, {FIELD: new_key(), **again, "country": "AT"})
    assert Customer.objects.get().company == "Größe & Co"


def test_a_form_with_an_old_token_comes_back_filled_while_its_session_lasts() -> None:
    alpenhost()
    login("clara", staff_role="clerk")
    clara = browser("clara")
    clara.handler.enforce_csrf_checks = True
    typed = {FIELD: new_key(), "number": "77001", "company": "Größe & Co", "csrfmiddlewaretoken": "old"}

    answer = clara.post(NEW_CUSTOMER, typed, headers=OURS)

    assert (answer.status_code, answer["Location"]) == (302, NEW_CUSTOMER)
    assert typed_in(text_of(clara.get(NEW_CUSTOMER)), "company")["company"] == "Größe & Co"
    assert not Customer.objects.exists()


def test_a_customers_form_comes_back_for_the_customer_for_whom_it_was_opened() -> None:
    seller = alpenhost()
    first, second = ada(seller), bob(seller)
    user = login("ada")
    for customer in (first, second):
        Membership.objects.create(user=user, customer=customer, role="owner")
    client = browser("ada")
    client.post("/preferences/customer/", {"customer": second.pk})
    url = reverse("portal:new-contact")
    typed = typed_in(text_of(client.get(url)), "email") | {"name": "Eva", "email": "eva@leitner.example"}
    end_session(client)

    asked = client.post(url, {FIELD: new_key(), **typed}, headers=OURS)
    assert sign_in(client, "ada", typed=kept_in(asked))["Location"] == url
    shown = client.get(url)
    again = typed_in(text_of(shown), "email")
    assert again["email"] == "eva@leitner.example" and not Contact.objects.filter(customer=second).exists()
    assert client.post(url, {FIELD: new_key(), **again}).status_code == 302
    assert Contact.objects.get(email="eva@leitner.example").customer == second


def test_nobody_else_sees_what_was_typed() -> None:
    alpenhost()
    login("clara", staff_role="clerk")
    login("cleo", staff_role="clerk")
    clara = browser("clara")
    end_session(clara)
    asked = clara.post(NEW_CUSTOMER, {FIELD: new_key(), "company": "Größe & Co"}, headers=OURS)

    assert sign_in(clara, "cleo", typed=kept_in(asked))["Location"] == "/office/"
    assert "Größe" not in text_of(clara.get(NEW_CUSTOMER))


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "https://elsewhere.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
)
def test_what_another_site_sends_fills_no_form(headers: dict[str, str]) -> None:
    alpenhost()
    login("clara", staff_role="clerk")
    clara = browser("clara")
    clara.handler.enforce_csrf_checks = True
    assert clara.post(NEW_CUSTOMER, {"company": "Größe"}, headers=headers).status_code == 403
    assert "Größe" not in text_of(clara.get(NEW_CUSTOMER))
    end_session(clara)
    clara.handler.enforce_csrf_checks = False
    assert clara.post(NEW_CUSTOMER, {"company": "Größe"}, headers=headers)["Location"] == "/account/login/"


def test_neither_strangers_nor_large_forms_nor_passwords_are_kept() -> None:
    alpenhost()
    login("clara", staff_role="clerk")
    stranger = Client()
    assert stranger.post(NEW_CUSTOMER, {"company": "x"}, headers=OURS)["Location"] == "/account/login/"
    clara = browser("clara")
    end_session(clara)
    large = {"company": "x" * limits.TYPED_BYTES}
    assert clara.post(NEW_CUSTOMER, large, headers=OURS)["Location"] == "/account/login/"
    typed = {"oldpassword": PASSWORD, "password1": "secret", "password2": "secret"}
    assert clara.post("/account/password/change/", typed, headers=OURS)["Location"] == "/account/login/"


def test_what_had_been_done_before_the_session_ended_is_said_not_shown_again() -> None:
    alpenhost()
    login("clara", staff_role="clerk")
    clara = browser("clara")
    typed = typed_in(text_of(clara.get(NEW_CUSTOMER)), "company")
    typed |= {"number": "77001", "company": "Größe & Co", "country": "AT", FIELD: new_key()}
    first = clara.post(NEW_CUSTOMER, typed)
    end_session(clara)

    asked = clara.post(NEW_CUSTOMER, typed, headers=OURS)
    sign_in(clara, "clara", typed=kept_in(asked))
    answer = clara.get(NEW_CUSTOMER)

    assert (answer.status_code, answer["Location"]) == (302, first["Location"])
    assert Customer.objects.count() == 1 and GivenAnswer.objects.count() == 1


def test_back_and_save_again_with_other_values_makes_nothing_before_it_is_sent_once_more() -> None:
    alpenhost()
    login("clara", staff_role="clerk")
    clara = browser("clara")
    typed = typed_in(text_of(clara.get(NEW_CUSTOMER)), "company")
    typed |= {"number": "77001", "company": "Größe & Co", "country": "AT", FIELD: new_key()}
    clara.post(NEW_CUSTOMER, typed)

    answer = clara.post(NEW_CUSTOMER, typed | {"number": "77002"})

    assert answer.status_code == 422 and "was sent before with other values" in text_of(answer)
    assert Customer.objects.count() == 1
    again = typed_in(text_of(answer), "company")
    assert again["number"] == "77002"
    clara.post(NEW_CUSTOMER, {FIELD: new_key(), **again})
    assert Customer.objects.count() == 2
