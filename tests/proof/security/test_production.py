"""What a provider promises its customers about access: HTTPS only, user name and password, nobody else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.proof.rights.matrix import client_of
from tests.proof.rights.people import BY_NAME, PASSWORD
from tests.proof.rights.reading import content_of
from tests.proof.rights.routes import all_routes
from tests.proof.rights.world import World

SHOWN = (
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME",
    "SESSION_COOKIE_SAMESITE",
    "LANGUAGE_COOKIE_SECURE",
    "DEBUG",
    "SECURE_PROXY_SSL_HEADER",
    "ALLAUTH_TRUSTED_PROXY_COUNT",
    "USE_X_FORWARDED_HOST",
    "ALLOWED_HOSTS",
)


def production_settings(**environment: str) -> dict[str, str]:
    """The product's own settings, read in a process of their own in production mode."""
    code = f"from kundenkontor.config import settings as s\nfor n in {SHOWN!r}: print(n, repr(getattr(s, n)), sep='=')"
    values = {"KUNDENKONTOR_MODE": "production", "SECRET_KEY": "k3" * 40, "BASE_URL": "https://kunden.example"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | values | environment, capture_output=True, text=True, check=True
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


@pytest.mark.feature("M4")
@pytest.mark.feature("M41")
@pytest.mark.feature("M42")
def test_production_speaks_https_only_and_keeps_its_cookies_to_it() -> None:
    found = production_settings()
    assert found["SECURE_SSL_REDIRECT"] == found["SESSION_COOKIE_SECURE"] == found["CSRF_COOKIE_SECURE"] == "True"
    assert found["LANGUAGE_COOKIE_SECURE"] == found["SESSION_COOKIE_HTTPONLY"] == "True"
    assert int(found["SECURE_HSTS_SECONDS"]) >= 365 * 24 * 3600
    assert found["SESSION_COOKIE_NAME"].startswith("'__Host-") and found["CSRF_COOKIE_NAME"].startswith("'__Host-")
    assert found["SESSION_COOKIE_SAMESITE"] == "'Lax'" and found["DEBUG"] == "False"
    assert found["ALLOWED_HOSTS"] == "['kunden.example']" and found["USE_X_FORWARDED_HOST"] == "False"


@pytest.mark.security("Proxy headers")
def test_headers_of_a_proxy_count_only_where_one_was_declared() -> None:
    assert production_settings()["SECURE_PROXY_SSL_HEADER"] == "None"
    assert production_settings()["ALLAUTH_TRUSTED_PROXY_COUNT"] == "0"
    behind = production_settings(BEHIND_PROXY="1")
    assert (behind["SECURE_PROXY_SSL_HEADER"], behind["ALLAUTH_TRUSTED_PROXY_COUNT"]) == (
        "('HTTP_X_FORWARDED_PROTO', 'https')",
        "1",
    )


@pytest.mark.feature("M41")
def test_every_page_over_http_leads_to_https(world: World, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 365 * 24 * 3600
    settings.SECURE_SSL_HOST = "localhost"
    client = client_of(world, BY_NAME["owner"])
    for route in all_routes():
        if "GET" in route.methods and route.name != "health":
            url = route.url(world, "own")
            plain = client.get(url)
            assert (plain.status_code, plain.headers["Location"]) == (301, f"https://localhost{url}"), url
            assert "default-src 'self'" in plain.headers["Content-Security-Policy"], url
            assert plain.headers["Cache-Control"] == "no-store", url
            secure = client.get(url, secure=True)
            content_of(secure)
            assert secure.headers["Strict-Transport-Security"].startswith("max-age=31536000"), url


@pytest.mark.feature("M6")
@pytest.mark.feature("M43")
def test_a_document_is_fetched_with_user_name_and_password_and_not_otherwise(world: World) -> None:
    path = f"/rechnungen/{world.ids['ada']['invoice_id']}/pdf/"
    user = world.user("owner")
    for login, password, status in (
        ("", "", 302),
        (user.username, "", 302),
        (user.username, "wrong", 302),
        ("unknown", PASSWORD, 302),
        (world.user("bob").username, PASSWORD, 404),
        (user.username, PASSWORD, 200),
    ):
        cache.clear()
        client = Client()
        client.post("/account/login/", {"login": login, "password": password})
        answer = client.get(path)
        content = content_of(answer)
        assert answer.status_code == status, login
        assert content.startswith(b"%PDF") == (status == 200)


@pytest.mark.feature("M9")
@pytest.mark.parametrize(("language", "words"), [("de", "Passwort vergessen"), ("en", "Forgot")])
def test_the_link_for_a_forgotten_password_stands_directly_below_the_field(
    language: str, words: str, world: World
) -> None:
    page = Client(headers={"Accept-Language": language}).get("/account/login/").content.decode()
    below = page[page.index('name="password"') :]
    link = re.search(r"<a\b[^>]*>(.*?)</a>", below, re.S)
    assert link and words in link.group(1)
    assert not re.search(r"<(input|button|select)\b", below[1 : link.start()])
