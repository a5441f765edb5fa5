"""Every page in a real browser, in the fast form; the full table is made by ``make screenshots``."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.proof.browser import checks
from tests.proof.browser.pages import CrawledPage, find_pages
from tests.proof.browser.sample import Sample
from tests.proof.browser.views import SIZES, View, opened
from tests.support.browser import WebServer


@pytest.mark.browser
@pytest.mark.commits
@pytest.mark.slow
def test_every_page_loads_without_an_error_and_fits_desktop_and_phone(
    browser: Browser, demo_server: tuple[WebServer, Sample]
) -> None:
    server, sample = demo_server
    pages, wrong = find_pages(sample)
    for page, one in opened(browser, server.url, sample, pages, View("de", "desktop", "light")):
        wrong += [f"{one.label}: {problem}" for problem in look_at(page, one)]

    assert wrong == [], "\n".join(wrong)


def look_at(page: Page, one: CrawledPage) -> list[str]:
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.set_viewport_size(SIZES["desktop"])
    page.goto(one.path)
    found = checks.desktop(page)
    page.set_viewport_size(SIZES["phone"])
    return [*found, *checks.phone(page), *said]
