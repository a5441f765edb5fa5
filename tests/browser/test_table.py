"""``make screenshots``: every page in every form, as pictures in var/screenshots and a table without an empty cell."""

from __future__ import annotations

import os
import shutil
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import checks
from tests.browser.pages import CrawledPage, find_pages
from tests.browser.sample import Sample
from tests.browser.table import Table
from tests.browser.texts import wrong_language
from tests.browser.views import View, opened
from tests.support.browser import WebServer

PROJECT = Path(__file__).resolve().parents[2]
PICTURES = PROJECT / "var" / "screenshots"
VIEWS = [View(*one) for one in product(("de", "en"), ("desktop", "phone"), ("light", "dark"))]
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
        for page, one in opened(browser, server.url, sample, pages, view):
            words[one] = look_at(page, one, view, table)
    for page, one in opened(browser, server.url, sample, pages, View("en", "phone", "dark", has_script=False)):
        page.goto(one.path)
        table.note(one.label, "no JavaScript", checks.without_script(page, words[one]))
    report = "\n".join([*table.lines(), *wrong])
    (PICTURES / "table.txt").write_text(report + "\n")
    print(f"\n{report}\n{len(pages)} pages; pictures in {PICTURES.relative_to(PROJECT)}")

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
    picture.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=picture, full_page=True)
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
