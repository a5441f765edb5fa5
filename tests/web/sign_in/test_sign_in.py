"""Sign-in, reset and preferences, as a stranger, a customer and an attacker see them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from kundenkontor.access.commands import change_email
from kundenkontor.access.models import User
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.parties.models import Seller
from kundenkontor.web.sign_in.password_reset import send_reset_links
from tests.support.builders import CLARA, TODAY
from tests.support.passwords import CheapArgon2

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.urls")]
PASSWORD = "blauer Himmel über Linz"


@pytest.fixture(autouse=True)
def no_attempts_yet() -> None:
    cache.clear()


def user(name: str = "104711", email: str = "ada@example.at", **values: str | bool) -> User:
    created = User(username=name, email=email, created_at=utc_now(), **values)
    created.set_password(PASSWORD)
    created.save()
    return created


def sign_in(login: str, password: str = PASSWORD, **more: str) -> HttpResponse:
    return Client().post("/account/login/", {"login": login, "password": password, **more})  # type: ignore[return-value]


@pytest.mark.parametrize("login", ["104711", "ada@example.at", "ADA@example.at"])
def test_one_signs_in_with_user_name_or_address(login: str) -> None:
    user()
    answer = sign_in(login)
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_staff_are_led_to_the_office() -> None:
    user("clara", "clara@example.at", staff_role="clerk")
    assert sign_in("clara")["Location"] == "/office/"


@pytest.mark.feature("M9")
def test_the_forgotten_password_stands_directly_below_its_field() -> None:
    page = Client().get("/account/login/").content.decode()
    after_password = page[page.index('name="password"') :]
    assert re.search(r"<(a|input|button)\b[^>]*>", after_password[1:]).group(0) == '<a href="/account/password/reset/">'  # type: ignore[union-attr]
    assert "Passwort vergessen" in after_password
    assert "signup" not in page


@pytest.mark.security("reset")
def test_wrong_password_unknown_login_and_disabled_login_look_the_same() -> None:
    user()
    User.objects.create(username="gone", email="gone@example.at", is_active=False, created_at=utc_now())
    answers = [
        sign_in("104711", "wrong"),
        sign_in("unknown", "wrong"),
        sign_in("gone", "wrong"),
    ]
    sentences = {re.search(r'role="alert".*?</div>\s*</div>', a.content.decode(), re.S).group(0) for a in answers}  # type: ignore[union-attr]
    assert len(sentences) == 1 and "Bitte prüfen Sie" in sentences.pop()


@pytest.mark.security("reset")
@pytest.mark.parametrize(
    "login", ["104711", "ada@example.at", "gone", "new@example.at", "unknown", "nobody@example.at"]
)
def test_every_failed_sign_in_computes_one_hash_so_that_its_time_tells_nothing(
    login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    user()
    user("gone", "gone@example.at", is_active=False)
    User.objects.create(username="new", email="new@example.at", password="!unusable", created_at=utc_now())
    computed: list[str] = []

    def counted(name: str) -> Callable[..., Any]:
        real = getattr(CheapArgon2, name)

        def count(*args: Any) -> Any:
            computed.append(login)
            return real(*args)

        return count

    for name in ("encode", "verify"):
        monkeypatch.setattr(CheapArgon2, name, counted(name))
    assert sign_in(login, "wrong password").status_code == 200
    assert computed == [login]


@pytest.mark.security("open redirect")
@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ],
)
def test_nobody_is_led_to_another_host(target: str) -> None:
    user()
    assert sign_in("104711", next=target)["Location"] == "/"
    assert Client().post("/preferences/theme/", {"theme": "dark", "next": target})["Location"] == "/"


@pytest.mark.security("session")
def test_a_new_session_begins_with_the_sign_in_and_holds_no_password() -> None:
    user()
    client = Client()
    client.get("/account/login/")
    before = client.session.session_key
    client.post("/account/login/", {"login": "104711", "password": PASSWORD})
    assert client.session.session_key != before
    assert PASSWORD not in str(dict(client.session))


@pytest.mark.security("anti-automation")
def test_guessing_passwords_ends_in_a_pause() -> None:
    user()
    answers = [sign_in("104711", f"wrong {n}") for n in range(7)]
    assert "Zu viele Fehlversuche" in answers[-1].content.decode()
    codes = [sign_in(f"login{n}", "wrong").status_code for n in range(40)]
    assert codes[-1] == 429


@pytest.mark.security("anti-automation")
def test_the_count_of_an_address_outlives_hundreds_of_other_sign_ins() -> None:
    guesser, others = Client(REMOTE_ADDR="10.0.0.1"), Client()
    codes = [guesser.post("/account/login/", {"login": f"u{n}", "password": "wrong"}).status_code for n in range(12)]
    for n in range(310):
        cache.set(f"allauth:rl:allauth.account:login:30/60.0/ip:ip:192.0.2.{n}", [time.time()], 60)
        if n % 10 == 0:
            others.post("/account/login/", {"login": f"o{n}", "password": "wrong"}, REMOTE_ADDR=f"198.51.100.{n % 250}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache")
        assert cursor.fetchone()[0] > 300
    for n in range(12, 31):
        codes.append(guesser.post("/account/login/", {"login": f"u{n}", "password": "wrong"}).status_code)
    assert codes[-1] == 429 and 429 not in codes[:30]


def reset_link(mail: OutgoingMail) -> str:
    found = re.search(r"http://localhost:\d+(/\S+)", mail.body)
    assert found
    return found.group(1)


@pytest.mark.security("host header")
def test_the_link_in_the_mail_comes_from_the_configured_address() -> None:
    user()
    evil = Client(headers={"Host": "evil.example"})
    assert evil.post("/account/password/reset/", {"login": "104711"}).status_code == 400
    send_reset_links("104711")
    assert "evil" not in OutgoingMail.objects.get().body


@pytest.mark.feature("M8", "M10")
@pytest.mark.security("reset")
def test_a_forgotten_password_is_set_anew_once() -> None:
    user()
    send_reset_links("ada@example.at")
    mail = OutgoingMail.objects.get()
    assert mail.recipient == "ada@example.at" and mail.subject == "Neues Passwort festlegen"
    client, link = Client(), reset_link(mail)
    form_url = client.get(link)["Location"]
    assert "set-password" in form_url
    assert client.get(form_url)["Referrer-Policy"] == "same-origin"  # with no-referrer browsers post "Origin: null"
    weak = client.post(form_url, {"password1": "passwort", "password2": "passwort"})
    assert weak.status_code == 200 and "kk-error" in weak.content.decode()
    done = client.post(form_url, {"password1": "neues Kennwort 77", "password2": "neues Kennwort 77"})
    assert done["Location"] == "/account/password/reset/key/done/"
    assert sign_in("104711", "neues Kennwort 77").status_code == 302
    assert "Link abgelaufen" in Client().get(link).content.decode()


@pytest.mark.feature("M10")
@pytest.mark.security("reset")
def test_a_known_and_an_unknown_address_get_the_same_answer_in_the_same_time() -> None:
    user()
    times: dict[str, list[float]] = {"ada@example.at": [], "nobody@example.at": []}
    pages = set()
    for _ in range(15):
        for login, taken in times.items():
            cache.clear()
            start = time.perf_counter()
            answer = Client().post("/account/password/reset/", {"login": login}, follow=True)
            taken.append(time.perf_counter() - start)
            pages.add(re.sub(r'value="[^"]{40,}"', "", answer.content.decode()))
    known, unknown = (min(taken) for taken in times.values())  # nothing else delays the quickest
    assert len(pages) == 1
    assert abs(known - unknown) < 0.5 * max(known, unknown)
    assert not OutgoingMail.objects.exists()  # the worker's work, after the answer


@pytest.mark.security("Paymenter CVE-2026-44584")
def test_a_former_address_neither_signs_in_nor_stays_anywhere() -> None:
    """A look at a link, right or made up, writes nothing; nor does the mail with one."""
    ada = user()
    send_reset_links("104711")
    mailed = re.search(r"/account/password/reset/key/\S+", OutgoingMail.objects.get().body)
    assert mailed is not None
    for link in (mailed.group(0), f"/account/password/reset/key/{user_pk_to_url_str(ada)}-abc123-{'0' * 32}/"):
        assert Client().get(link).status_code in (200, 302)
    assert not EmailAddress.objects.exists()
    change_email(ada, "neu@example.at", on=TODAY, actor=CLARA)
    assert sign_in("ada@example.at").status_code == 200
    assert sign_in("neu@example.at").status_code == 302
    assert "/set-password/" not in str(Client().get(mailed.group(0)).headers.get("Location"))


@pytest.mark.security("Unicode case")
@pytest.mark.parametrize("typed", ["adaı@example.at", "ſara@example.at", "ada@example.at\u0131"])
def test_a_look_alike_address_gets_no_mail(typed: str) -> None:
    user("1", "adai@example.at")
    user("2", "sara@example.at")
    send_reset_links(typed)
    assert not OutgoingMail.objects.exists()


@pytest.mark.security("sessions")
def test_a_changed_password_ends_other_sessions() -> None:
    user()
    here, there = Client(), Client()
    for client in (here, there):
        client.post("/account/login/", {"login": "104711", "password": PASSWORD})
    values = {
        "oldpassword": PASSWORD,
        "password1": "ganz anders 4711 x",
        "password2": "ganz anders 4711 x",
    }
    assert here.post("/account/password/change/", values).status_code == 302
    assert here.get("/account/password/change/").status_code == 200
    assert there.get("/account/password/change/")["Location"].startswith("/account/login/")
    assert OutgoingMail.objects.get().subject == "Ihr Passwort wurde geändert"


def test_signing_out_needs_a_click() -> None:
    user()
    client = Client()
    client.post("/account/login/", {"login": "104711", "password": PASSWORD})
    assert client.get("/account/logout/").status_code == 200
    assert client.get("/account/password/change/").status_code == 200
    assert client.post("/account/logout/")["Location"] == "/account/login/"
    assert client.get("/account/password/change/").status_code == 302


def test_language_and_theme_are_kept_with_the_login_without_a_flash() -> None:
    who = user()
    client = Client()
    client.post("/preferences/language/", {"language": "en"})
    client.post("/preferences/theme/", {"theme": "dark"})
    page = client.get("/account/login/").content.decode()
    assert '<html lang="en" data-bs-theme="dark">' in page and "Forgot your password?" in page
    client.force_login(who)
    client.post(
        "/preferences/language/",
        {"language": "en", "next": "/account/password/change/"},
    )
    client.post("/preferences/theme/", {"theme": "light"})
    elsewhere = Client()
    elsewhere.force_login(User.objects.get())
    assert '<html lang="en" data-bs-theme="light">' in elsewhere.get("/account/password/change/").content.decode()
    assert client.post("/preferences/language/", {"language": "xx"}).status_code == 302


@pytest.mark.security("CSRF")
@pytest.mark.parametrize("path", ["/account/login/", "/account/password/reset/", "/preferences/theme/"])
def test_a_post_without_a_token_changes_nothing(path: str) -> None:
    assert Client(enforce_csrf_checks=True).post(path, {"login": "x"}).status_code == 403


def test_pages_carry_no_inline_style_or_script() -> None:
    Seller.objects.create(
        name="Nord",
        short_name="nord",
        street="1",
        postal_code="1",
        city="Wien",
        country="AT",
        email="a@example.at",
    )
    for path in (
        "/account/login/",
        "/web/gallery/?wrong=1",
        "/legal/nord/imprint/",
        "/legal/nord/terms/",
        "/missing/",
    ):
        page = Client().get(path).content.decode()
        assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)", page), path
