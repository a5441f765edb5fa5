"""Under whose name a page stands that is not one customer's, where one installation serves several sellers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.cache import cache
from django.test import Client

from kundenkontor.access.commands import change_email, send_access
from kundenkontor.access.models import Membership, User
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.parties.models import Customer, Seller
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob

pytestmark = pytest.mark.django_db
PASSWORD = "blauer Himmel über Linz"


@pytest.fixture(autouse=True)
def no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture
def sellers() -> tuple[Seller, Seller]:
    return alpenhost(), alpenhost(name="Nordnetz UG", short_name="nordnetz", email="hallo@nordnetz.example")


def login(*customers: Customer) -> User:
    user = User(username="ada", email="ada@huber.example", language="en", created_at=utc_now())
    user.set_password(PASSWORD)
    user.save()
    for customer in customers:
        Membership.objects.create(user=user, customer=customer, role="owner")
    return user


def brand(client: Client, url: str) -> str:
    """The name on top of a page, and that its title and its legal links say the same."""
    text = client.get(url, follow=True).content.decode()
    found = re.search(r'kk-brand-mark" aria-hidden="true"></span><span>([^<]*)<', text)
    assert found is not None, text[:500]
    assert f"· {found[1]}</title>" in text and f"<span>{found[1]}</span>\n</footer>" in text
    legal = {"Nordnetz UG": "nordnetz"}.get(found[1], "alpenhost")
    assert f"/legal/{legal}/imprint/" in text
    return found[1]


def test_a_page_that_is_nobodys_carries_the_only_sellers_name_and_of_several_the_installations() -> None:
    alpenhost()
    assert brand(Client(), "/account/login/") == "Alpenhost GmbH"
    alpenhost(name="Nordnetz UG", short_name="nordnetz")
    for url in ("/", "/account/login/", "/account/password/reset/", "/account/login/?brand=nobody"):
        assert brand(Client(), url) == "Kundenkontor"


def test_an_address_that_names_a_seller_keeps_its_name_through_sign_in_and_password(sellers: Any) -> None:
    stranger = Client()
    for url in ("/?brand=nordnetz", "/account/login/?brand=nordnetz", "/account/password/reset/?brand=nordnetz"):
        assert brand(stranger, url) == "Nordnetz UG"
    page = stranger.get("/account/login/?brand=nordnetz").content.decode()
    assert (
        'action="/account/login/?brand=nordnetz"' in page and 'href="/account/password/reset/?brand=nordnetz"' in page
    )
    wrong = stranger.post("/account/login/?brand=nordnetz", {"login": "x", "password": "y"}).content.decode()
    assert "Nordnetz UG" in wrong
    asked = stranger.post("/account/password/reset/?brand=nordnetz", {"login": "x"})
    assert brand(stranger, asked["Location"]) == "Nordnetz UG"


def test_who_signed_in_last_sees_his_sellers_name_and_the_legal_pages_that_of_theirs(sellers: Any) -> None:
    login(bob(sellers[1]))
    client = Client()
    client.post("/account/login/", {"login": "ada", "password": PASSWORD})
    client.post("/account/logout/")
    assert brand(client, "/account/login/") == "Nordnetz UG"
    assert brand(client, "/account/login/?brand=alpenhost") == "Alpenhost GmbH"
    assert brand(Client(), "/legal/nordnetz/imprint/") == "Nordnetz UG"


def test_links_in_mails_lead_to_pages_of_the_seller_who_wrote_them(sellers: Any) -> None:
    customers = [ada(sellers[0], email="x@huber.example"), bob(sellers[1], email="x@huber.example")]
    send_access(customers, on=TODAY, actor=CLARA)
    names = {seller.pk: seller.name for seller in sellers}
    for mail in OutgoingMail.objects.all():
        links = re.findall(r"http://[^/\s]+(/\S*brand=\S+)", mail.body)
        assert len(links) == 2 and {brand(Client(), link) for link in links} == {names[mail.seller_id or 0]}


def test_a_new_password_is_set_and_a_changed_address_told_under_the_name_of_the_logins_seller(sellers: Any) -> None:
    user = login(bob(sellers[1]))
    key = default_token_generator.make_token(user)
    client = Client()
    link = f"/account/password/reset/key/{user_pk_to_url_str(user)}-{key}/"
    assert brand(client, link) == "Nordnetz UG"
    form = Client()
    action = form.get(link)["Location"]
    done = form.post(action, {"password1": "neues Kennwort 77", "password2": "neues Kennwort 77"})
    assert brand(form, done["Location"]) == "Nordnetz UG"
    change_email(user, "new@huber.example", on=TODAY, actor=CLARA)
    assert {mail.sender for mail in OutgoingMail.objects.all()} == {'"Nordnetz UG" <hallo@nordnetz.example>'}


def test_of_a_login_with_customers_of_several_sellers_none_speaks_for_all(sellers: Any) -> None:
    login(ada(sellers[0]), bob(sellers[1]))
    client = Client()
    client.post("/account/login/", {"login": "ada", "password": PASSWORD})
    client.post("/account/logout/")
    assert brand(client, "/account/login/") == "Kundenkontor"
