"""A forgotten password from the form over worker and mailbox to the new one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from kundenkontor.access.models import Membership, User
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.models import DemoMail
from tests.support.builders import ada, alpenhost

pytestmark = pytest.mark.commits
NEW = {"password1": "neues Kennwort 77", "password2": "neues Kennwort 77"}


def user(language: str) -> User:
    made = User(username="104711", email="ada@example.at", language=language, created_at=utc_now())
    made.set_password("blauer Himmel über Linz")
    made.save()
    return made


def link_from_the_mail(work_off_jobs: Callable[[], None], login: str, subject: str, words: str) -> str:
    """Ask for a new password as a stranger does, let the worker send, and read what arrived."""
    assert Client().post("/account/password/reset/", {"login": login}).status_code == 302
    work_off_jobs()
    mail = DemoMail.objects.latest("pk")
    message = message_from_bytes(bytes(mail.raw), policy=policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert (mail.recipient, message["Subject"]) == ("ada@example.at", subject)
    assert words in text and "104711" in text
    (link,) = re.findall(re.escape(settings.BASE_URL) + r"(/\S+)", text)
    return str(link)


@pytest.mark.feature("M8", "M10")
@pytest.mark.parametrize(
    ("language", "login", "subject", "words"),
    [
        ("de", "104711", "Neues Passwort festlegen", "für begrenzte Zeit"),
        ("en", "ada@example.at", "Set a new password", "works once"),
    ],
)
def test_the_mail_for_a_forgotten_password_arrives_and_its_link_works_once_and_for_a_day(
    language: str, login: str, subject: str, words: str, work_off_jobs: Callable[[], None]
) -> None:
    asking = user(language)
    link = link_from_the_mail(work_off_jobs, login, subject, words)
    with time_machine.travel(utc_now() + timedelta(hours=26)):
        assert Client().get(link).status_code == 200  # a page that says so, and no form
    client = Client()
    form = client.get(link)["Location"]
    assert client.post(form, NEW)["Location"] == "/account/password/reset/key/done/"
    asking.refresh_from_db()
    assert asking.check_password(NEW["password1"])
    assert Client().get(link).status_code == 200
    assert Client().post("/account/login/", {"login": login, "password": NEW["password1"]}).status_code == 302


def test_nobody_gets_a_mail_for_a_login_that_does_not_exist(work_off_jobs: Callable[[], None]) -> None:
    user("de")
    Client().post("/account/password/reset/", {"login": "nobody@example.at"})
    work_off_jobs()
    assert not DemoMail.objects.exists()


def test_the_mail_comes_from_the_seller_the_reader_knows_with_its_legal_pages(
    work_off_jobs: Callable[[], None],
) -> None:
    asking, customer = user("de"), ada(alpenhost())
    Membership.objects.create(user=asking, customer=customer, role="owner")
    assert Client().post("/account/password/reset/", {"login": "104711"}).status_code == 302
    work_off_jobs()
    message = message_from_bytes(
        bytes(DemoMail.objects.filter(recipient=asking.email).latest("pk").raw), policy=policy.default
    )
    body = message.get_body(("plain",))
    assert body is not None and "Impressum: " in body.get_content() and "Datenschutz: " in body.get_content()
    assert customer.seller.email in message["From"]


@pytest.mark.browser
@pytest.mark.feature("M8")
def test_a_real_browser_sets_the_new_password(page: Page, work_off_jobs: Callable[[], None]) -> None:
    """Only a browser sends the Origin that the protection of forms looks at."""
    user("de")
    page.goto("/account/password/reset/")
    page.fill("main [name=login]", "104711")
    page.click("main button[type=submit]")
    work_off_jobs()
    mail = message_from_bytes(bytes(DemoMail.objects.latest("pk").raw), policy=policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    (link,) = re.findall(re.escape(settings.BASE_URL) + r"(/\S+)", body.get_content())
    page.goto(link)
    for name, value in NEW.items():
        page.fill(f"main [name={name}]", value)
    page.click("main button[type=submit]")
    assert page.url.endswith("/account/password/reset/key/done/")
