"""What holds for the answer of every route: headers, CSRF, no exemption, no secret in an address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from kundenkontor.config.database.postgres import Cluster
from tests.proof.conftest import Populated, rolled_back
from tests.proof.rights.matrix import client_of
from tests.proof.rights.people import BY_NAME
from tests.proof.rights.reading import content_of
from tests.proof.rights.routes import Route, all_routes
from tests.proof.rights.world import World

TAG = re.compile(r"<([a-zA-Z][\w-]*)\b([^>]*)>")
ADDRESS = re.compile(r"""\s(?:href|src|srcset|action|formaction|data|poster|hx-[a-z]+)=["']([^"']*)["']""")
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style[^>]*>|\sstyle=\"|\son[a-z]+=\"|javascript:")
SOURCE = Path(__file__).resolve().parents[3] / "src" / "kundenkontor"
CACHEABLE = ("portal:download", "portal:invoice-pdf", "portal:invoice-xml", "office:invoice-file")


@dataclass(frozen=True)
class Answer:
    login: str
    route: Route
    headers: Mapping[str, str]
    content: bytes

    @property
    def page(self) -> str:
        """Its text, if it is a page."""
        return self.content.decode() if self.headers.get("Content-Type", "").startswith("text/html") else ""


@pytest.fixture(scope="module")
def answers(
    populated: Populated, shared_copy: str, cluster: Cluster, django_db_blocker: DjangoDbBlocker
) -> list[Answer]:
    """Every GET of these logins on Ada's objects, sent once for all that is asked of the answers."""
    with django_db_blocker.unblock(), rolled_back(cluster, shared_copy):
        logins = ("signed_out", "owner", "administrator")
        return [one for login in logins for one in answers_to(login, populated.world)]


def answers_to(login: str, world: World) -> Iterator[Answer]:
    client = client_of(world, BY_NAME[login])
    for route in all_routes():
        if "GET" in route.methods:
            answer = client.get(route.url(world, "own"))
            yield Answer(login, route, answer.headers, content_of(answer))


@pytest.mark.security("Headers on every URL")
@pytest.mark.feature("M43")
def test_every_answer_carries_the_security_headers(answers: list[Answer]) -> None:
    wrong = []
    for answer in answers:
        headers = answer.headers
        policy = headers.get("Content-Security-Policy", "")
        is_private = (
            headers["Cache-Control"] in ("no-store", "private, no-cache") or "no-store" in headers["Cache-Control"]
        )
        if "private, no-cache" in headers["Cache-Control"] and answer.route.name not in CACHEABLE:
            is_private = False
        if not (
            "default-src 'self'" in policy
            and "frame-ancestors 'none'" in policy
            and "unsafe" not in policy
            and headers.get("X-Content-Type-Options") == "nosniff"
            and headers.get("X-Frame-Options") == "DENY"
            and headers.get("Referrer-Policy") in ("same-origin", "no-referrer")
            and is_private
        ):
            wrong.append(f"{answer.route.address}: {dict(headers)}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.security("Headers on every URL")
def test_no_page_holds_a_script_or_style_that_the_policy_would_block(answers: list[Answer]) -> None:
    wrong = []
    for answer in answers:
        inline = INLINE.findall(answer.page)
        if inline:
            wrong.append(f"{answer.route.address}: {inline[:3]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.feature("M4")
@pytest.mark.feature("M42")
def test_no_page_loads_from_or_sends_to_another_host(answers: list[Answer]) -> None:
    """Scripts, styles, pictures, frames and forms are our own; only a link that a reader clicks may lead elsewhere."""
    wrong = []
    for answer in answers:
        for tag, attributes in TAG.findall(answer.page):
            found = [address for address in ADDRESS.findall(attributes) if is_elsewhere(address)]
            if found and tag.lower() != "a":
                wrong.append(f"{answer.route.address}: <{tag}> {found}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.feature("M42")
def test_no_style_or_script_of_ours_names_another_host() -> None:
    """Fonts and pictures in style sheets come from here as well; scripts ask nobody else."""
    wrong = []
    for file in [*SOURCE.glob("*/static/**/*.css"), *SOURCE.glob("*/static/**/*.js")]:
        found = re.findall(r"""(?:url\(|import |fetch\(|src=)\s*["']?((?:https?:)?//[^\s"')]+)""", file.read_text())
        wrong += [f"{file.name}: {address}" for address in found]
    assert wrong == []


def is_elsewhere(address: str) -> bool:
    return bool(re.match(r"(?i)\s*(?:[a-z][a-z0-9+.-]*:|[/\\]{2})", address)) and not address.startswith("data:image/")


@pytest.mark.security("CSRF")
@pytest.mark.parametrize("name", ["signed_out", "owner", "administrator"])
def test_every_post_without_a_token_is_refused(name: str, world: World) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if name != "signed_out":
        client.force_login(world.user(name))
    for route in all_routes():
        if "POST" in route.methods:
            assert client.post(route.url(world, "own"), {"a": "1"}).status_code == 403, route.address


@pytest.mark.security("CSRF")
def test_no_view_is_exempt_from_the_token() -> None:
    found = [str(file) for file in SOURCE.rglob("*.py") if re.search(r"csrf_exempt|requires_csrf", file.read_text())]
    assert found == []


@pytest.mark.security("Secrets in URLs")
def test_no_page_links_to_an_address_with_a_secret(answers: list[Answer]) -> None:
    wrong = []
    for answer in answers:
        links = re.findall(r'(?:href|action|src)="([^"]*)"', answer.page)
        secrets = [link for link in links if re.search(r"(?i)password=|token=|sessionid|csrf", link)]
        wrong += [f"{answer.route.address}: {link}" for link in secrets]
    assert not wrong, "\n".join(wrong)


@pytest.mark.security("crawl for .git, .env")
@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/.env",
        "/static/../.env",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/var/postgres",
        "/admin/",
        "/debug/",
        "/server-status",
        "/legal/../settings.py",
        "/static/..%5c..%5c.env",
    ],
)
def test_what_lies_beside_the_product_is_not_served(path: str, world: World) -> None:
    for name in ("signed_out", "administrator"):
        answer = client_of(world, BY_NAME[name]).get(path)
        assert answer.status_code in (400, 404) or answer.headers.get("Location", "").startswith("/account/login/")


@pytest.mark.security("TRACE")
def test_trace_and_odd_methods_are_not_taken(world: World) -> None:
    for name in ("signed_out", "owner"):
        client = client_of(world, BY_NAME[name])
        for method in ("TRACE", "CONNECT", "PROPFIND"):
            for path in ("/account/login/", "/rechnungen/"):
                answer = client.generic(method, path)
                assert answer.status_code in (403, 405) or answer.headers.get("Location") == "/account/login/"


@pytest.mark.security("FOSSBilling CVE-2026-27604")
@pytest.mark.parametrize("role", ["system", "cli", "cron", "guest", "superuser"])
def test_fossbilling_cve_2026_27604_no_internal_role_exists_over_http(role: str, world: World) -> None:
    """Actors such as "system" are labels of the trail; no policy knows them, and no header or field makes one."""
    from kundenkontor.access.policy import CUSTOMER_PERMISSIONS, STAFF_PERMISSIONS

    assert role not in STAFF_PERMISSIONS and role not in CUSTOMER_PERMISSIONS
    client = client_of(world, BY_NAME["owner"])
    headers: tuple[dict[str, Any], ...] = ({"HTTP_X_ROLE": role}, {"HTTP_X_REMOTE_USER": role}, {"REMOTE_USER": role})
    for extra in headers:
        assert client.get("/office/", **extra).status_code == 404
