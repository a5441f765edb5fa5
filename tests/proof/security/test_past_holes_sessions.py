"""Holes of this product family, one test per row: sessions, resets, races, default credentials; and rate limits."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.forms import default_token_generator
from django.conf import settings as product
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connections
from django.test import Client

from kundenkontor import demo
from kundenkontor.access.commands import change_role, deactivate_user, send_access
from kundenkontor.access.models import AccessLink, User
from kundenkontor.config.checks import WeakSettings, refuse_weak_settings
from kundenkontor.events.actor import Actor
from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.drafting.commands import issue_draft
from kundenkontor.invoicing.models import Correction, Invoice, ManualDraft
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.errors import DomainError
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.parties.models import Contact
from kundenkontor.web.sign_in.password_reset import send_reset_links
from tests.proof.rights.matrix import client_of
from tests.proof.rights.people import BY_NAME, PASSWORD
from tests.proof.rights.world import World
from tests.support.builders import TODAY

CLARA = Actor("staff", "clara")
ANOTHER = "ganz anderer Satz 4711"


def sign_in(user: User, password: str = PASSWORD, client: Client | None = None) -> Client:
    cache.clear()
    client = client or Client()
    client.post("/account/login/", {"login": user.username, "password": password})
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/account/password/change/").status_code == 200


def link_in(mail: OutgoingMail) -> str:
    found = re.search(re.escape(product.BASE_URL) + r"(/\S+)", mail.body)
    assert found, mail.body
    return found.group(1)


@pytest.mark.security("FOSSBilling CVE-2023-3394")
def test_fossbilling_cve_2023_3394_a_session_given_to_a_victim_is_worth_nothing_after_sign_in(world: World) -> None:
    client = Client()
    client.get(f"/zugang/{'x' * 43}/")  # the attacker's session, with a cookie
    fixed = client.cookies[product.SESSION_COOKIE_NAME].value
    sign_in(world.user("owner"), client=client)
    assert is_signed_in(client)
    assert client.cookies[product.SESSION_COOKIE_NAME].value != fixed
    attacker = Client()
    attacker.cookies[product.SESSION_COOKIE_NAME] = fixed
    assert not is_signed_in(attacker)


@pytest.mark.security("Odoo CVE-2021-44460")
def test_odoo_cve_2021_44460_a_closed_login_ends_with_the_next_request(world: World) -> None:
    for name in ("owner", "clerk"):
        user = world.user(name)
        client = sign_in(user)
        assert is_signed_in(client)
        deactivate_user(user, on=TODAY, actor=CLARA)
        assert not is_signed_in(client)
        assert not is_signed_in(sign_in(user))
        assert not any(row.get_decoded().get("_auth_user_id") == str(user.pk) for row in Session.objects.all())


@pytest.mark.security("FOSSBilling CVE-2023-4005")
def test_fossbilling_cve_2023_4005_a_new_password_ends_every_other_session(world: World) -> None:
    user = world.user("owner")
    here, there = sign_in(user), sign_in(user)
    values = {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER}
    assert here.post("/account/password/change/", values).status_code == 302
    assert is_signed_in(here) and not is_signed_in(there)


@pytest.mark.security("FOSSBilling CVE-2023-4005")
def test_fossbilling_cve_2023_4005_a_password_set_by_link_ends_every_session(world: World) -> None:
    user = world.user("owner")
    client = sign_in(user)
    send_reset_links(user.email)
    other = Client()
    form = other.get(link_in(OutgoingMail.objects.latest("pk"))).headers["Location"]
    assert other.post(form, {"password1": ANOTHER, "password2": ANOTHER}).status_code == 302
    assert not is_signed_in(client)
    assert is_signed_in(sign_in(user, ANOTHER))


@pytest.mark.security("FOSSBilling CVE-2023-4005")
def test_a_role_that_was_taken_away_ends_with_the_next_request(world: World) -> None:
    client = sign_in(world.user("clerk"))
    assert client.get("/office/customers/new/").status_code == 200
    change_role(world.user("clerk"), "auditor", on=TODAY, actor=CLARA)
    assert client.get("/office/customers/new/").status_code == 403


@pytest.mark.security("Paymenter CVE-2026-44584")
def test_paymenter_cve_2026_44584_a_customer_changes_its_contact_address_never_the_one_of_the_login(
    world: World,
) -> None:
    """Resets go to the login's address only, so that nobody moves it by changing invoice data."""
    client, user = client_of(world, BY_NAME["owner"]), world.user("owner")
    before = user.email
    client.post("/konto/daten/", {"email": "evil@example.com", "company": "Zqadakanari GmbH", "street": "G 1",
                "postal_code": "1010", "city": "Wien", "language": "de", "idempotency_key": "k" * 20})  # fmt: skip
    assert User.objects.get(pk=user.pk).email == before
    send_reset_links(before)
    assert OutgoingMail.objects.latest("pk").recipient == before
    send_reset_links("evil@example.com")
    assert OutgoingMail.objects.latest("pk").recipient == before


@pytest.mark.security("django-two-factor-auth CVE-2020-15105")
def test_django_two_factor_auth_cve_2020_15105_no_session_holds_a_password(world: World) -> None:
    client = sign_in(world.user("owner"))
    client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER})
    for row in Session.objects.all():
        text = json.dumps(row.get_decoded(), ensure_ascii=False, default=str)
        assert PASSWORD not in text and ANOTHER not in text


@pytest.mark.security("InvoicePlane CVE-2021-29023")
def test_invoiceplane_cve_2021_29023_a_reset_link_works_once_for_one_login_and_not_for_ever(world: World) -> None:
    user, other = world.user("owner"), world.user("bob")
    send_reset_links(user.email)
    link = link_in(OutgoingMail.objects.latest("pk"))
    token = link.rstrip("/").split("-", 1)[-1]
    assert len(token) >= 32
    assert default_token_generator.check_token(user, token)
    assert not default_token_generator.check_token(other, token)
    form = Client().get(link).headers["Location"]
    assert Client().post(form, {"password1": ANOTHER, "password2": ANOTHER}).status_code in (200, 302)
    assert not is_signed_in(sign_in(user, ANOTHER))  # without the session that opened the link it is nothing
    client = Client()
    form = client.get(link).headers["Location"]
    client.post(form, {"password1": ANOTHER, "password2": ANOTHER})
    assert not default_token_generator.check_token(User.objects.get(pk=user.pk), token)
    assert is_signed_in(sign_in(user, ANOTHER))
    assert Client().get(link).status_code == 200  # "no longer valid", not a form
    assert not is_signed_in(sign_in(other, ANOTHER))
    assert product.PASSWORD_RESET_TIMEOUT <= 24 * 3600


@pytest.mark.security("FreeScout CVE-2026-45294")
def test_freescout_cve_2026_45294_an_access_link_is_random_stored_as_a_hash_and_ends(world: World) -> None:
    customer = world.customer("bob")
    send_access([customer], on=TODAY, actor=CLARA)
    mail = OutgoingMail.objects.filter(kind="access_letter", state="queued").latest("pk")
    token = urlsplit(link_in(mail)).path.rstrip("/").split("/")[-1]
    assert len(token) >= 43
    row = AccessLink.objects.latest("pk")
    assert token not in str(row.token_hash) and row.expires_at <= utc_now() + timedelta(days=14)
    client = Client()
    page = client.get(client.get(f"/zugang/{token}/").headers["Location"])
    assert page.status_code == 200 and token not in page.content.decode()
    AccessLink.objects.update(expires_at=utc_now() - timedelta(seconds=1))
    assert client.get("/zugang/").status_code == 410
    assert client.post("/zugang/", {"password": ANOTHER, "repeated": ANOTHER}).status_code == 410


@pytest.mark.security("Django CVE-2019-19844")
@pytest.mark.parametrize("letter", ["ı", "ſ", "\u212a", "ａ", "á"])
def test_django_cve_2019_19844_a_look_alike_of_an_address_gets_no_mail(letter: str, world: World) -> None:
    User.objects.filter(pk=world.users["owner"]).update(email="aisk@example.at")
    before = OutgoingMail.objects.count()
    plain = {"ı": "i", "ſ": "s", "\u212a": "k", "ａ": "a", "á": "a"}[letter]
    send_reset_links("aisk@example.at".replace(plain, letter, 1))
    assert OutgoingMail.objects.count() == before


@pytest.mark.security("pretix CVE-2023-27891")
def test_pretix_cve_2023_27891_signing_out_leaves_nothing_behind(world: World) -> None:
    client = sign_in(world.user("owner"))
    key = client.cookies[product.SESSION_COOKIE_NAME].value
    client.post("/account/logout/")
    assert not Session.objects.filter(session_key=key).exists()
    client.cookies[product.SESSION_COOKIE_NAME] = key
    assert not is_signed_in(client)


class Stopped(BaseException):
    """As Ctrl-C ends it."""


@pytest.mark.commits
@pytest.mark.security("Odoo CVE-2021-45111")
def test_odoo_cve_2021_45111_production_does_not_start_on_demo_logins_however_often_begun(settings: Any) -> None:
    """Stopped on the way, it has left no login; filled anew and to its end, production refuses it."""
    settings.BASE_URL, settings.ALLOWED_HOSTS = "https://kunden.example", ["kunden.example"]
    said: list[str] = []

    def stop_at_the_second_month(step: str) -> None:
        said.append(step)
        if len(said) == 3:
            raise Stopped

    with pytest.raises(Stopped):
        demo.fill(stop_at_the_second_month)
    assert not User.objects.exists()
    demo.fill(said.append)
    assert User.objects.filter(username="admin", staff_role="administrator").exists()
    settings.MODE, settings.SECRET_KEY, settings.VAT_ID_CHECKER = "production", "k3" * 40, "vies"
    with pytest.raises(WeakSettings, match="demo logins"):
        refuse_weak_settings(with_database=True)


@pytest.mark.security("Odoo CVE-2021-45111")
def test_odoo_cve_2021_45111_production_starts_on_logins_of_its_own(world: World, settings: Any) -> None:
    settings.MODE, settings.SECRET_KEY, settings.BASE_URL = "production", "k3" * 40, "https://kunden.example"
    settings.ALLOWED_HOSTS, settings.VAT_ID_CHECKER = ["kunden.example"], "vies"
    refuse_weak_settings(with_database=True)


@pytest.mark.security("Invoice Ninja CVE-2024-55555")
def test_invoice_ninja_cve_2024_55555_sessions_are_json_and_the_known_key_is_refused(settings: Any) -> None:
    assert "json" in settings.SESSION_SERIALIZER.lower()
    settings.MODE, settings.SECRET_KEY = "production", settings.DEFAULT_SECRET_KEY
    with pytest.raises(WeakSettings, match="SECRET_KEY"):
        refuse_weak_settings()


def hammer(client: Client, method: str, path: str, times: int, fields: Callable[[int], dict[str, str]]) -> list[int]:
    """What so many tries are answered, as far as the first that is refused for their number."""
    cache.clear()
    codes: list[int] = []
    while len(codes) < times and 429 not in codes:
        codes.append(getattr(client, method)(path, fields(len(codes))).status_code)
    return codes


def opened(link: str) -> tuple[Client, str]:
    """A browser that has opened the one-time link of a mail, and the address of the form that it leads to."""
    client = Client()
    return client, client.get(link).headers["Location"]


@pytest.mark.security("anti-automation")
def test_a_hundred_tries_on_sign_in_reset_and_links_end_in_429(world: World) -> None:
    """FOSSBilling limited its API only (CVE-2026-43926): here every page that takes a secret or sends a mail does."""
    tries: tuple[tuple[str, str, Callable[[int], dict[str, str]]], ...] = (
        ("post", "/account/login/", lambda n: {"login": f"u{n}", "password": "wrong"}),
        ("post", "/account/password/reset/", lambda n: {"login": f"u{n}@example.at"}),
        ("get", "/account/password/reset/key/1-abc-0123456789/", lambda n: {}),
        ("post", "/account/password/reset/key/1-abc-0123456789/", lambda n: {"password1": "x", "password2": "y"}),
        ("get", f"/zugang/{'y' * 43}/", lambda n: {}),
        ("get", "/zugang/", lambda n: {}),
        ("post", "/zugang/", lambda n: {"password": "x", "repeated": "y"}),
    )
    free = [
        f"{method} {path}" for method, path, fields in tries if 429 not in hammer(Client(), method, path, 100, fields)
    ]
    assert free == []


@pytest.mark.security("anti-automation")
def test_a_hundred_passwords_for_an_opened_link_end_in_429(world: World) -> None:
    """Whoever opened the link of a mail comes to its form, which counts as well."""
    send_reset_links(world.user("owner").email)
    reset = link_in(OutgoingMail.objects.latest("pk"))
    send_access([world.customer("bob")], on=TODAY, actor=CLARA)
    welcome = link_in(OutgoingMail.objects.filter(kind="access_letter", state="queued").latest("pk"))
    for link, names in ((reset, ("password1", "password2")), (welcome, ("password", "repeated"))):
        cache.clear()
        client, form = opened(link)
        assert client.get(form).status_code == 200
        codes = hammer(client, "post", form, 100, lambda n, names=names: dict.fromkeys(names, f"{n}"))  # type: ignore[misc]
        assert 429 in codes and codes[0] in (200, 422), form


@pytest.mark.security("pretix CVE-2023-44463")
def test_pretix_cve_2023_44463_a_made_up_forwarded_address_does_not_reset_the_count(world: World) -> None:
    cache.clear()
    codes = [
        Client()
        .post(
            "/account/login/",
            {"login": f"u{n}", "password": "wrong"},
            HTTP_X_FORWARDED_FOR=f"10.0.0.{n}",
            HTTP_X_REAL_IP=f"10.1.0.{n}",
        )
        .status_code
        for n in range(40)
    ]
    assert 429 in codes


@pytest.mark.security("Odoo CVE-2021-44460")
def test_a_closed_login_with_the_right_password_is_answered_like_a_wrong_one(world: World) -> None:
    cache.clear()
    answers = [
        Client().post("/account/login/", {"login": world.user("inactive").username, "password": password})
        for password in (PASSWORD, "wrong")
    ]
    assert {answer.status_code for answer in answers} == {200}
    pages = {re.sub(r'value="[^"]{40,}"', "", answer.content.decode()) for answer in answers}
    assert len(pages) == 1


@pytest.mark.security("anti-automation")
def test_guessing_the_own_password_is_limited_too(world: World) -> None:
    client = client_of(world, BY_NAME["owner"])
    codes = hammer(client, "post", "/account/password/change/", 20,
                   lambda n: {"oldpassword": f"wrong{n}", "password1": ANOTHER, "password2": ANOTHER})  # fmt: skip
    assert 429 in codes


@pytest.mark.security("passwords")
@pytest.mark.parametrize(
    ("password", "is_taken"),
    [("kurz1", False), ("passwort12", True), ("1234567890", False), ("ownerzqadakanari", False),
     ("ein langer Satz ohne Zahl", True), ("x" * 64 + " lang genug", True)],
)  # fmt: skip
def test_passwords_are_long_not_composed(password: str, is_taken: bool, world: World) -> None:
    client = client_of(world, BY_NAME["owner"])
    cache.clear()
    values = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    assert (client.post("/account/password/change/", values).status_code == 302) == is_taken


def at_once(threads: int, act: Callable[[], object]) -> list[object]:
    """Run it in many threads behind a barrier; what each returned or was refused with."""
    barrier, outcomes = threading.Barrier(threads), list[object]()

    def run() -> None:
        barrier.wait()
        try:
            outcomes.append(act())
        except (DomainError, ManualDraft.DoesNotExist) as refusal:
            outcomes.append(refusal)
        finally:
            connections.close_all()

    running = [threading.Thread(target=run) for _ in range(threads)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    return outcomes


@pytest.mark.security("Shopware CVE-2025-7954")
def test_shopware_cve_2025_7954_a_document_is_cancelled_once_by_eight_at_once(committed_world: World) -> None:
    invoice = Invoice.objects.get(pk=committed_world.ids["ada"]["invoice_id"])
    before = Invoice.objects.count()
    outcomes = at_once(8, lambda: cancel_invoice(invoice, bill_again=False, reason="x", on=TODAY, actor=CLARA))
    assert refusals_among(outcomes) == 7
    assert Invoice.objects.count() == before + 1
    assert Correction.objects.filter(original=invoice, is_full=True).count() == 1


@pytest.mark.security("Paymenter 42520216")
def test_paymenter_42520216_a_draft_becomes_one_invoice_with_eight_at_once(committed_world: World) -> None:
    draft = ManualDraft.objects.get(pk=committed_world.ids["bob"]["draft_id"])
    before = Invoice.objects.count()
    ManualDraft.objects.filter(pk=draft.pk).update(replaces=None)
    outcomes = at_once(8, lambda: issue_draft(draft, on=TODAY, actor=CLARA))
    assert refusals_among(outcomes) == 7
    assert Invoice.objects.count() == before + 1
    numbers = list(Invoice.objects.values_list("seller_id", "number"))
    assert len(numbers) == len(set(numbers))


def refusals_among(outcomes: list[object]) -> int:
    assert len(outcomes) == 8  # no thread ended otherwise
    return sum(isinstance(outcome, Exception) for outcome in outcomes)


@pytest.mark.security("Shopware CVE-2025-7954")
@pytest.mark.invariant("I-M5")
def test_a_form_sent_by_eight_at_once_has_one_effect(committed_world: World) -> None:
    fields = {"group": "technical", "name": "x", "email": "race@example.at", "phone": "", "idempotency_key": "r" * 24}
    clients = [client_of(committed_world, BY_NAME["owner"]) for _ in range(8)]
    codes = at_once(8, lambda: clients.pop().post("/konto/kontakte/neu/", fields).status_code)
    assert set(codes) == {302}
    assert Contact.objects.filter(email="race@example.at").count() == 1


@pytest.mark.security("anti-automation")
def test_links_that_one_address_opens_at_once_are_all_counted(committed_world: World) -> None:
    cache.clear()
    path, answered = f"/zugang/{'z' * 43}/", list[int]()
    at_once(8, lambda: answered.extend(Client().get(path).status_code for _ in range(6)))
    assert len(answered) == 48 and answered.count(302) <= 30
