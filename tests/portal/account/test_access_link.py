"""The link of the access letter: once, 14 days, and its token stands nowhere."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from kundenkontor.access.links import make_link
from kundenkontor.access.models import AccessLink
from kundenkontor.config.logs import without_secrets
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.web.sign_in.password_reset import send_reset_links
from tests.portal.builders import login
from tests.support.builders import ada, alpenhost

pytestmark = pytest.mark.django_db
GOOD = {"password": "Regenschirm-77-blau", "repeated": "Regenschirm-77-blau"}


@pytest.mark.feature("M5")
@pytest.mark.security("resets")
def test_the_link_sets_the_password_once_and_leaves_the_address() -> None:
    user = login("ada", ada(alpenhost()))
    token, browser = make_link(user), Client()
    opened = browser.get(f"/zugang/{token}/")
    assert opened["Location"] == "/zugang/"
    page = browser.get("/zugang/")
    assert "Ihr Benutzername ist ada" in page.content.decode() and token not in page.content.decode()
    assert browser.post("/zugang/", GOOD)["Location"] == "/account/login/?brand=alpenhost"
    user.refresh_from_db()
    assert user.check_password(GOOD["password"])
    assert OutgoingMail.objects.get(recipient=user.email).subject == "Ihr Passwort wurde geändert"
    other = Client()
    other.get(f"/zugang/{token}/")
    again = other.get("/zugang/")
    assert again.status_code == 410 and "schon benutzt" in again.content.decode()


def test_opening_uses_nothing_up_and_an_old_or_invented_link_is_said_in_words() -> None:
    user = login("ada", ada(alpenhost()))
    token = make_link(user)
    for _ in range(3):
        Client().get(f"/zugang/{token}/", follow=True)
    assert AccessLink.objects.get().used_at is None
    AccessLink.objects.update(expires_at=utc_now() - timedelta(seconds=1))
    for wished in (token, "invented"):
        answer = Client().get(f"/zugang/{wished}/", follow=True)
        assert answer.status_code == 410 and "älter als 14 Tage" in answer.content.decode()
    assert Client().get("/zugang/").status_code == 410


@pytest.mark.parametrize(
    ("password", "repeated", "said"),
    [("kurz", "kurz", "kurz"), ("Regenschirm-77-blau", "anders", "verschieden"), ("password123", "password123", "")],
)
def test_a_bad_password_leaves_the_link_usable(password: str, repeated: str, said: str) -> None:
    user = login("ada", ada(alpenhost()))
    browser = Client()
    browser.get(f"/zugang/{make_link(user)}/")
    answer = browser.post("/zugang/", {"password": password, "repeated": repeated})
    assert answer.status_code == 422 and said in answer.content.decode()
    assert browser.post("/zugang/", GOOD).status_code == 302


@pytest.mark.invariant("I-L2")
def test_a_log_line_blanks_the_token() -> None:
    assert "abcDEF123" not in without_secrets("GET /zugang/abcDEF123/ 302")


@pytest.mark.invariant("I-A4")
@pytest.mark.security("resets")
def test_a_welcome_link_ends_when_the_password_is_set_another_way() -> None:
    """Whoever reads an old welcome mail must not take the login over from its owner."""
    cache.clear()
    user, owner, reader = login("ada", ada(alpenhost())), Client(), Client()
    reader.get(f"/zugang/{make_link(user)}/")
    send_reset_links(user.email)
    found = re.search(r"/account/password/reset/key/\S+", OutgoingMail.objects.latest("pk").body)
    assert found is not None
    form = owner.get(found[0])["Location"]
    owner.post(form, {"password1": GOOD["password"], "password2": GOOD["password"]})
    assert (
        reader.post("/zugang/", {"password": "Ein ganz anderes 12", "repeated": "Ein ganz anderes 12"}).status_code
        == 410
    )
    user.refresh_from_db()
    assert user.check_password(GOOD["password"])

    reader.get(f"/zugang/{make_link(user)}/")
    owner.post("/account/login/", {"login": "ada", "password": GOOD["password"]})
    new = "Kirschbaum-12-gelb"
    owner.post("/account/password/change/", {"oldpassword": GOOD["password"], "password1": new, "password2": new})
    assert reader.get("/zugang/").status_code == 410


@pytest.mark.invariant("I-L2")
def test_the_session_keeps_which_link_it_was_and_not_its_token() -> None:
    token, browser = make_link(login("ada", ada(alpenhost()))), Client()
    browser.get(f"/zugang/{token}/")
    assert browser.get("/zugang/").status_code == 200
    assert token not in str(dict(browser.session))
