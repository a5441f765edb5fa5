"""The portal in a real browser: axe and widths on every page, and one customer's way, with and without JavaScript."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect

from kundenkontor.access.models import User
from tests.portal.builders import House, client_of, house, login
from tests.proof.browser.checks import wide_and_light_then_narrow_and_dark
from tests.support.browser import sign_in
from tests.support.builders import CLARA, TODAY
from tests.support.papers import render_invoices
from tests.support.patience import CEILING

pytestmark = [pytest.mark.browser, pytest.mark.commits]


@pytest.fixture(autouse=True)
def stored_files(settings: Any) -> None:
    """The web server is a process of its own: it stores where the settings say, and so does this test."""
    settings.STORED_FILES_DIR = django_settings.VAR_DIR / "files"


@pytest.fixture
def home(web_server: Any) -> House:
    return house()


def open_as(browser: Browser, web_server: Any, user: User, **options: Any) -> Page:
    page = browser.new_context(base_url=web_server.url, locale="de-AT", **options).new_page()
    sign_in(page, user)
    return page


@pytest.mark.slow
def test_pages_pass_axe_and_fit_the_window(browser: Browser, web_server: Any, home: House) -> None:
    page = open_as(browser, web_server, login("ada", home.ada), bypass_csp=True)
    invoice, contract = home.invoices[0].pk, home.contracts[0].pk
    for path in ("/", "/rechnungen/", f"/rechnungen/{invoice}/", "/rechnungen/zeitraum/", "/dienste/",
                 f"/dienste/{contract}/", "/zahlungen/", "/tickets/", "/konto/", "/konto/daten/",
                 "/konto/kontakte/neu/", "/hilfe/", "/hilfe/adressdaten-aendern/"):  # fmt: skip
        assert wide_and_light_then_narrow_and_dark(page, path) == [], path
    page.context.close()


@pytest.mark.feature("M34", "M35")
@pytest.mark.parametrize("scripts", [True, False])
def test_a_customer_finds_invoices_by_domain_selects_them_and_takes_the_zip(
    browser: Browser, web_server: Any, home: House, scripts: bool
) -> None:
    render_invoices([one.pk for one in home.invoices], on=TODAY, actor=CLARA)
    page = open_as(browser, web_server, login("ada", home.ada), java_script_enabled=scripts, accept_downloads=True)
    page.goto("/rechnungen/?q=gruene-wiese.at")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto("/rechnungen/")
    for box in page.locator("input[name=invoice]").all():
        box.check()
    if scripts:
        expect(page.locator("[data-selection-text]")).to_have_text(re.compile(r"^2 ausgewählt, \d"))
    with page.expect_download() as started:
        page.get_by_role("button", name="PDF als ZIP").click()
    with zipfile.ZipFile(started.value.path()) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 3
    page.context.close()


@pytest.mark.feature("M34")
def test_the_archive_is_the_same_whether_the_kernel_sends_the_files_or_python_does(
    web_server: Any, home: House
) -> None:
    """Over the real socket: whole, as a range out of the middle of a file, and after a HEAD on the same connection."""
    ada = client_of(login("ada", home.ada))
    render_invoices([one.pk for one in home.invoices], on=TODAY, actor=CLARA)
    form = {"since": "2026-11-01", "until": "2026-11-30", "kinds": "pdf+xml"}
    address = ada.post(reverse("portal:period"), form)["Location"]
    content = ada.get(address).getvalue()
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in ada.cookies.items())
    connection = HTTPConnection(web_server.url.removeprefix("http://"), timeout=CEILING)

    def answer(method: str, **headers: str) -> tuple[int, int, bytes]:
        connection.request(method, address, headers={"Cookie": cookie, **headers})
        response = connection.getresponse()
        return response.status, int(response.headers["Content-Length"]), response.read()

    assert answer("HEAD") == (200, len(content), b"")
    assert answer("GET") == (200, len(content), content)
    middle = len(content) // 2
    assert answer("GET", Range=f"bytes={middle}-{middle + 99}") == (206, 100, content[middle : middle + 100])
    assert answer("GET", Range="bytes=-30000") == (206, 30_000, content[-30_000:])
    connection.close()


@pytest.mark.feature("S17", "S19")
def test_own_data_stand_left_with_edit_at_their_foot_and_the_tiles_right(
    browser: Browser, web_server: Any, home: House
) -> None:
    page = open_as(browser, web_server, login("ada", home.ada), viewport={"width": 1280, "height": 900})
    page.goto("/")
    card, edit = box_of(page.locator(".kk-own")), box_of(page.get_by_role("link", name="Bearbeiten"))
    tiles = [box_of(page.locator(".kk-tile", has_text=name).first) for name in ("Dienste", "Rechnungen", "Tickets")]
    facts = [box_of(fact) for fact in page.locator(".kk-own dl > div").all()]
    assert all(tile.x >= card.right for tile in tiles)
    assert all(tile.y < card.bottom and tile.bottom > card.y for tile in tiles)
    assert card.x <= edit.x and edit.right <= card.right and edit.bottom <= card.bottom
    assert edit.y >= max(fact.bottom for fact in facts)
    assert edit.x - card.x <= 40
    page.get_by_role("link", name="Bearbeiten").click()
    expect(page).to_have_url(re.compile("/konto/$"))
    page.context.close()


@dataclass(frozen=True)
class Box:
    """Where something stands on the page."""

    x: float
    y: float
    right: float
    bottom: float


def box_of(found: Locator) -> Box:
    box = found.bounding_box()
    assert box is not None
    return Box(box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"])


@pytest.mark.feature("M19", "M37")
def test_the_way_from_the_start_page_to_a_new_address(browser: Browser, web_server: Any, home: House) -> None:
    page = open_as(browser, web_server, login("ada", home.ada), viewport={"width": 1280, "height": 844})
    page.goto("/")
    page.get_by_role("link", name="Bearbeiten").click()
    page.get_by_role("link", name="Daten ändern", exact=True).click()
    page.get_by_label("Straße und Hausnummer").first.fill("Neue Gasse 9")
    page.get_by_role("button", name="Für alle künftigen Rechnungen speichern").click()
    expect(page.get_by_role("status")).to_contain_text("künftigen Rechnungen")
    expect(page.locator("#content")).to_contain_text("Neue Gasse 9")
    page.goto("/rechnungen/")
    link = page.locator("td a[target]").first
    assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener")
    page.context.close()
