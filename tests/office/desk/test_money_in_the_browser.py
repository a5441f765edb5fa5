"""The clerk's month in a real browser: run, invoice, payment; also without JavaScript and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from playwright.sync_api import Browser, Page

from kundenkontor.access.models import User
from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.clock import utc_now
from tests.proof.browser.checks import SIDEWAYS
from tests.support.billing import bill, hosting
from tests.support.browser import WebServer, sign_in
from tests.support.builders import ada, alpenhost

pytestmark = [pytest.mark.browser, pytest.mark.commits]


@pytest.mark.feature("M59")
def test_a_clerk_bills_and_books_a_payment_on_a_phone_without_javascript(
    browser: Browser, web_server: WebServer, work_off_jobs: Callable[[], None]
) -> None:
    hosting(ada(alpenhost()), "10.00")
    clara = User.objects.create(username="clara", staff_role="clerk", created_at=utc_now(), language="de")
    context = browser.new_context(
        base_url=web_server.url, locale="de-DE", viewport={"width": 390, "height": 844}, java_script_enabled=False
    )
    page = context.new_page()
    sign_in(page, clara)
    page.goto("/office/billing/start/")
    page.get_by_role("button", name="Vorschau berechnen").click()
    work_off_jobs()
    page.reload()
    page.get_by_role("button", name="1 Rechnung ausstellen").click()
    work_off_jobs()
    page.reload()
    assert page.get_by_role("heading", name="Vollständigkeitsbericht").is_visible()

    invoice = Invoice.objects.get()
    page.goto(f"/office/invoices/{invoice.pk}/")
    page.get_by_role("link", name="Zahlung buchen").click()
    page.get_by_role("button", name="Zahlung speichern").click()
    page.goto(f"/office/invoices/{invoice.pk}/")
    assert page.locator(".kk-lead").get_by_text("Bezahlt").is_visible()
    context.close()


PATHS = (
    "billing/", "invoices/", "payments/many/", "open-items/", "books/outgoing/", "books/open-items/", "events/",
    "jobs/",
)  # fmt: skip


def test_nothing_scrolls_sideways(page: Page) -> None:
    seller = alpenhost()
    customer = ada(seller, company="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft")
    hosting(customer, "10.00")
    bill(seller)
    sign_in(page, User.objects.create(username="clara", staff_role="clerk", created_at=utc_now(), language="de"))
    for width, path in product((1280, 390), PATHS):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"/office/{path}")
        assert page.evaluate(SIDEWAYS) <= 0, (path, width)
