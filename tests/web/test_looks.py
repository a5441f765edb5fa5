"""The gallery and the sign-in pages in a real browser: axe, widths, keyboard, no JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.proof.browser.checks import in_every_size_and_scheme

pytestmark = [pytest.mark.browser, pytest.mark.commits]
PATHS = (
    "/web/gallery/?wrong=1&state=open",
    "/account/login/",
    "/account/password/reset/",
    "/account/password/reset/done/",
)


def open_page(browser: Browser, url: str, **options: Any) -> Page:
    page = browser.new_context(locale="de-AT", **options).new_page()
    page.goto(url)
    return page


def test_pages_pass_axe_and_fit_the_window(browser: Browser, web_server: Any) -> None:
    page = browser.new_context(base_url=web_server.url, locale="de-AT", bypass_csp=True).new_page()
    for path in PATHS:
        assert in_every_size_and_scheme(page, path) == [], path
    page.context.close()


def test_the_policy_on_content_is_never_broken(browser: Browser, web_server: Any) -> None:
    page = browser.new_context().new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{web_server.url}/web/gallery/")
    page.wait_for_selector(".kk-chart canvas")
    page.wait_for_selector("progress[value='312']", timeout=60_000)  # htmx has asked again
    page.context.close()
    assert complaints == []


def test_selected_rows_are_counted_and_summed(browser: Browser, web_server: Any) -> None:
    page = open_page(browser, f"{web_server.url}/web/gallery/")
    bar = page.locator("[data-selection-text]")
    assert bar.inner_text() == "1 ausgewählt, 141,2 kB"
    page.check("input[data-select-all]")
    assert bar.inner_text() == "5 ausgewählt, 404,8 kB"
    page.uncheck("input[data-select-all]")
    assert not page.locator(".kk-selection").is_visible()
    page.context.close()


def test_without_javascript_menu_bar_and_numbers_are_there(browser: Browser, web_server: Any) -> None:
    size = {"width": 390, "height": 844}
    page = open_page(browser, f"{web_server.url}/web/gallery/", viewport=size, java_script_enabled=False)
    page.click(".kk-menu > summary")
    assert page.locator(".kk-menu a[aria-current=page]").inner_text() == "Rechnungen"
    assert page.locator(".kk-selection button").first.is_visible()
    assert page.locator(".kk-chart table").is_visible()
    page.context.close()


def test_the_keyboard_reaches_the_content_first_and_closes_a_menu(browser: Browser, web_server: Any) -> None:
    page = open_page(browser, f"{web_server.url}/web/gallery/", viewport={"width": 390, "height": 844})
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "kk-skip"
    page.focus(".kk-menu > summary")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('.kk-menu').open")
    page.keyboard.press("Escape")
    assert not page.evaluate("document.querySelector('.kk-menu').open")
    page.context.close()
