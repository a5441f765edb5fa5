"""Hostile text in every field that people write, looked at with a real browser: nothing runs, nothing is injected."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import models
from playwright.sync_api import Browser

from kundenkontor.catalog.models import Product
from kundenkontor.contracts.models import Contract
from kundenkontor.invoicing.models import ManualDraft, ManualDraftLine
from kundenkontor.parties.models import Contact, Customer, Seller
from tests.proof.rights.people import BY_NAME
from tests.proof.rights.routes import Route, all_routes
from tests.proof.rights.world import World
from tests.support.browser import WebServer, running_server, sign_in

HOSTILE = (
    "'\"></title></textarea><script>window.ran=1;alert(1)</script>"
    '<img src=x onerror="window.ran=1;alert(2)" class=injected>'
)
SHORT = '"><img src=x onerror=alert(3) class=injected>'
SHORTEST = "<b class=injected>"
WRITTEN = (Customer, Contact, Contract, Product, Seller, ManualDraft, ManualDraftLine)
# codes, keys and what a constraint or another rule reads
NOT_FREE = (
    "country",
    "language",
    "state",
    "group",
    "zone",
    "colour",
    "unit",
    "nature",
    "qr_mode",
    "short_name",
    "currency",
    "email",
    "website",
    "_url",
    "kind",
    "sort_key",
    "vat_id",
    "created_by",
)


def hostile_columns(model: type[models.Model]) -> dict[str, str]:
    """The longest attack that fits into each free text column."""
    found = {}
    for field in model._meta.local_concrete_fields:
        if isinstance(field, models.CharField | models.TextField) and not field.name.endswith(NOT_FREE):
            length = field.max_length or 10_000
            fits = [text for text in (HOSTILE, SHORT, SHORTEST) if len(text) <= length]
            if fits and not field.unique and field.name != "number" and field.name != "code":
                found[field.name] = fits[0]
    return found


@pytest.fixture
def server(committed_world: World, static_root: Path) -> Iterator[WebServer]:
    for model in WRITTEN:
        model._default_manager.update(**hostile_columns(model))
    with running_server(static_root) as running:
        yield running


def pages_of(kind: str) -> list[Route]:
    files = ("pdf", "xml", "csv", "raw", "download", "progress", "logo", "attachment", "index")
    routes = [one for one in all_routes() if "GET" in one.methods and one.access and one.access.kind == kind]
    return [one for one in routes if not any(word in one.address for word in files)]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.security("Invoice Ninja CVE-2021-3977")
@pytest.mark.parametrize(("name", "kind"), [("owner", "customer"), ("administrator", "staff")])
def test_no_hostile_text_runs_or_becomes_a_node(
    name: str, kind: str, browser: Browser, server: WebServer, committed_world: World
) -> None:
    context = browser.new_context(base_url=server.url, locale="de-DE")
    page, wrong, dialogs = context.new_page(), [], list[str]()

    def note(dialog: Any) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    sign_in(page, committed_world.user(BY_NAME[name].name))
    seen = 0
    for route in pages_of(kind):
        page.goto(route.url(committed_world, "own"), wait_until="domcontentloaded")
        if dialogs or page.evaluate("window.ran === 1 || document.querySelectorAll('.injected').length > 0"):
            wrong.append(f"{route.address}: {dialogs}")
            dialogs.clear()
        seen += page.evaluate("document.body.innerText.includes('class=injected') ? 1 : 0")
    context.close()
    assert not wrong, "\n".join(wrong)
    assert seen > 2
