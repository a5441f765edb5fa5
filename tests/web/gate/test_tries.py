"""How failed tries are counted: nobody guesses without end, and nobody is locked out by others."""

from __future__ import annotations

from itertools import count

import pytest
from django.core.cache import cache
from django.test import Client

from kundenkontor.access.models import User
from kundenkontor.kernel.clock import utc_now

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.urls")]
PASSWORD = "blauer Himmel über Linz"
ADDRESSES = (f"192.0.2.{number % 250}" for number in count())
PAUSED = "Zu viele Fehlversuche"


@pytest.fixture(autouse=True)
def no_tries_yet() -> None:
    cache.clear()


@pytest.fixture
def ada() -> User:
    user = User(username="Admin-104711", email="ada@example.at", created_at=utc_now())
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, login: str, password: str = PASSWORD, **head: str) -> str:
    """ "in", "paused", "too many" from this address, or "wrong"."""
    answer = client.post("/account/login/", {"login": login, "password": password}, **head)  # type: ignore[arg-type]
    if answer.status_code in (302, 429):
        return {302: "in", 429: "too many"}[answer.status_code]
    return "paused" if PAUSED in answer.content.decode() else "wrong"


def from_elsewhere() -> Client:
    return Client(REMOTE_ADDR=next(ADDRESSES))


@pytest.mark.security("anti-automation")
def test_a_login_has_one_count_however_it_is_written_and_under_whatever_host(ada: User, settings: object) -> None:
    names = ["Admin-104711", "ADMIN-104711", "ada@example.at", " Ada@Example.AT ", "admin-104711"]
    spellings = [(name, f"guess {name}") for name in names]
    tried = [sign_in(from_elsewhere(), *one, HTTP_HOST=f"localhost:{port}") for port, one in enumerate(spellings, 1)]
    assert tried == ["wrong"] * 5
    assert sign_in(from_elsewhere(), "ada@example.at", HTTP_HOST="localhost:77") == "paused"


@pytest.mark.security("anti-automation")
def test_strangers_do_not_lock_out_a_browser_that_signed_in_before(ada: User) -> None:
    own, other = from_elsewhere(), from_elsewhere()
    assert sign_in(own, ada.username) == "in"
    own.post("/account/logout/")
    while sign_in(from_elsewhere(), ada.username, "guess") == "wrong":
        pass

    assert sign_in(other, ada.username) == "paused"
    assert sign_in(own, ada.email) == "in"


@pytest.mark.security("anti-automation")
def test_a_stranger_behind_the_same_address_does_not_lock_out_a_known_browser(ada: User) -> None:
    own = Client()
    assert sign_in(own, ada.username) == "in"
    own.post("/account/logout/")
    tried = [sign_in(Client(), f"login-{number}", "guess") for number in range(40)]
    assert tried[-1] == "too many"
    assert sign_in(Client(), ada.username) == "too many"
    assert sign_in(own, ada.username) == "in"


@pytest.mark.security("anti-automation")
def test_a_known_browser_does_not_guess_without_end_either(ada: User) -> None:
    own = Client()
    assert sign_in(own, ada.username) == "in"
    own.post("/account/logout/")
    assert [sign_in(own, ada.username, f"guess {number}") for number in range(11)] == ["wrong"] * 10 + ["paused"]
    assert sign_in(from_elsewhere(), ada.username) == "in"


def test_a_made_up_cookie_makes_no_browser_known(ada: User, settings: object) -> None:
    own = Client()
    assert sign_in(own, ada.username) == "in"
    cookie = own.cookies["kk_known"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    made_up = from_elsewhere()
    made_up.cookies["kk_known"] = cookie.value[:-1] + ("A" if cookie.value[-1] != "A" else "B")
    while sign_in(from_elsewhere(), ada.username, "guess") == "wrong":
        pass
    assert sign_in(made_up, ada.username) == "paused"


@pytest.mark.security("Django CVE-2019-19844")
@pytest.mark.parametrize("typed", ["Adm\u0131n-104711", "ada@example.\u0430t", "\u0430da@example.at"])
def test_a_look_alike_signs_nobody_in(ada: User, typed: str) -> None:
    assert sign_in(from_elsewhere(), typed) == "wrong"
