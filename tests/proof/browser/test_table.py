"""``make screenshots``: every page in every form, as pictures in var/screenshots and a table without an empty cell."""

from __future__ import annotations

import os
import shutil
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.proof.browser import checks
from tests.proof.browser.pages import CrawledPage, find_pages
from tests.proof.browser.sample import Sample
from tests.proof.browser.table import Table
from tests.proof.browser.texts import wrong_language
from tests.proof.browser.views import SIZES, View, opened
from tests.support.browser import WebServer

PROJECT = Path(__file__).resolve().parents[3]
PICTURES = PROJECT / "var" / "screenshots"
VIEWS = [View(*one) for one in product(("de", "en"), ("desktop", "phone"), ("light", "dark"))]
HIGHEST = 6000  # pixels of a window
# the pictures of README.md
SHOWN = PROJECT / "docs" / "screenshots"
SHOWCASE = {
    "account.png": "de-desktop-light/kunde-portal-account.png",
    "invoices.png": "de-desktop-light/agentur-portal-invoices.png",
    "invoice-phone.png": "de-phone-light/kunde-portal-invoice.png",
    "office.png": "en-desktop-light/admin-office-home.png",
    "billing-run.png": "de-desktop-dark/admin-office-billing-run.png",
}
LANGUAGE_COLUMNS = {"de": "German", "en": "English"}


@pytest.mark.screenshots
@pytest.mark.browser
@pytest.mark.commits
@pytest.mark.slow
def test_every_page_in_every_form(browser: Browser, demo_server: tuple[WebServer, Sample]) -> None:
    server, sample = demo_server
    pages, wrong = find_pages(sample)
    wanted = os.environ.get("PAGES")  # a part of a page's name, while working on it
    pages = [one for one in pages if not wanted or wanted in one.label]
    table, words = Table(), {}
    for view in VIEWS:
        shutil.rmtree(PICTURES / view.name, ignore_errors=True)
    for view in VIEWS:
        print(f"{view.name}: {len(pages)} pages", flush=True)
        for page, one in opened(browser, server.url, sample, pages, view):
            words[one] = look_at(page, one, view, table)
        write_report(table, wrong)
    for page, one in opened(browser, server.url, sample, pages, View("en", "phone", "dark", has_script=False)):
        page.goto(one.path)
        table.note(one.label, "no JavaScript", checks.without_script(page, words[one]))
    copy_showcase()
    print(f"\n{write_report(table, wrong)}\n{len(pages)} pages; pictures in {PICTURES.relative_to(PROJECT)}")

    assert [*table.problems(), *wrong] == []
    assert table.empty_cells() == []


def look_at(page: Page, one: CrawledPage, view: View, table: Table) -> str:
    """Take the picture, fill the cells of this view; return the text of the page's content."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(one.path)
    text: str = page.evaluate(checks.MAIN_TEXT)
    picture = PICTURES / view.name / f"{one.name}.png"
    take_picture(page, view, picture)
    table.note(one.label, LANGUAGE_COLUMNS[view.language], wrong_language(page, view.language))
    table.note(one.label, view.device, checks.phone(page) if view.device == "phone" else checks.desktop(page))
    if view.scheme == "dark":
        table.note(one.label, "dark", checks.dark(page))
    if view.language == "de":
        table.note(one.label, "axe", [f"{view.device} {view.scheme}: {found}" for found in checks.axe(page)])
    if view == VIEWS[0]:
        table.note(one.label, "keyboard", checks.keyboard(page))
    table.note(one.label, view.device, errors)
    return text


def take_picture(page: Page, view: View, picture: Path) -> None:
    """The whole page in one window, so that what sticks to the window's edges is not cut off."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    size = SIZES[view.device]
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], min(height, HIGHEST))})
    page.screenshot(path=picture, full_page=True)
    page.set_viewport_size(size)


def write_report(table: Table, wrong: list[str]) -> str:
    """What is known so far, in var/screenshots/table.txt."""
    report = "\n".join([*table.lines(), *wrong])
    (PICTURES / "table.txt").write_text(report + "\n")
    return report


def copy_showcase() -> None:
    """Into docs/screenshots what this run took of it."""
    SHOWN.mkdir(exist_ok=True)
    for name, picture in SHOWCASE.items():
        if (PICTURES / picture).exists():
            shutil.copy(PICTURES / picture, SHOWN / name)
