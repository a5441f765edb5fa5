"""The master data in a real browser: axe, widths, and a clerk's path with and without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from kundenkontor.access.models import User
from kundenkontor.kernel.clock import utc_now
from kundenkontor.parties.models import Customer
from tests.office.desk.test_master_pages import pages, world
from tests.proof.browser.checks import wide_and_light_then_narrow_and_dark
from tests.support import builders
from tests.support.browser import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.commits]


def clara() -> User:
    return User.objects.create(username="clara", staff_role="administrator", created_at=utc_now(), language="de")


def open_browser(browser: Browser, url: str, user: User, **options: Any) -> Page:
    page = browser.new_context(base_url=url, locale="de-AT", **options).new_page()
    sign_in(page, user)
    return page


def test_every_page_passes_axe_and_fits_the_window(browser: Browser, web_server: Any) -> None:
    user, wanted = clara(), pages(world())
    page = open_browser(browser, web_server.url, user, bypass_csp=True)
    wrong = [(name, one) for name, (url, _) in wanted.items() for one in wide_and_light_then_narrow_and_dark(page, url)]
    page.context.close()
    assert wrong == []


@pytest.mark.parametrize("has_javascript", [True, False])
def test_a_clerk_makes_a_customer_and_corrects_a_mistake(
    browser: Browser, web_server: Any, has_javascript: bool
) -> None:
    builders.alpenhost()
    page = open_browser(browser, web_server.url, clara(), java_script_enabled=has_javascript)
    page.goto("/office/customers/new/")
    page.fill("#id_number", "77001")
    page.fill("#id_company", "Größenwahn & Co KG")
    page.fill("#id_country", "Österreich"[:2])
    page.click("button:has-text('Kunde anlegen')")

    expect(page.locator("#id_company")).to_have_value("Größenwahn & Co KG")
    expect(page.locator("#id_country_error")).to_contain_text("zwei Buchstaben")
    page.fill("#id_country", "AT")
    page.click("button:has-text('Kunde anlegen')")

    expect(page.locator("h1")).to_have_text("Größenwahn & Co KG")
    assert Customer.objects.get(number="77001").country == "AT"
    page.context.close()


def test_vat_ids_are_selected_and_confirmed_without_javascript(browser: Browser, web_server: Any) -> None:
    seller = builders.alpenhost()
    for number in ("2", "3"):
        builders.ada(seller, number=number, country="DE", vat_id="DE136695976", vat_id_state="unchecked")
    page = open_browser(browser, web_server.url, clara(), java_script_enabled=False)
    page.goto("/office/customers/vat-ids/")
    page.check("input[name=customer] >> nth=0")
    page.check("input[name=customer] >> nth=1")
    page.click("button[name=action][value=confirm]")
    page.fill("#id_evidence", "Bescheid vom 1.11.2026")
    page.click("button:has-text('2 UID-Nummern bestätigen')")
    expect(page.locator(".kk-empty-sentence")).to_have_text("Jede UID ist geklärt")
    page.context.close()
    assert Customer.objects.filter(vat_id_state="checked").count() == 2


def test_whoever_leaves_a_form_that_holds_what_was_typed_is_asked_first(browser: Browser, web_server: Any) -> None:
    builders.alpenhost()
    page = open_browser(browser, web_server.url, clara())
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.goto("/office/customers/new/")
    page.reload()  # nothing was typed
    page.click("#id_number")
    page.keyboard.type("77001")
    page.click("aside .kk-nav-item >> nth=0", no_wait_after=True)
    expect(page.locator("#id_number")).to_have_value("77001")
    assert asked == ["beforeunload"] and page.url.endswith("/customers/new/")
    page.click("button:has-text('Kunde anlegen')")  # refused, and shown again with what was typed
    expect(page.locator(".kk-errors")).to_be_visible()
    assert asked == ["beforeunload"]
    page.click("aside .kk-nav-item >> nth=0", no_wait_after=True)
    expect(page.locator("#id_number")).to_have_value("77001")
    assert asked == ["beforeunload"] * 2
    page.context.close()
