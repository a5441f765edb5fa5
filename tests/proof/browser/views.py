"""Ways of looking at the pages: language, device, colour scheme, with or without JavaScript."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.conf import settings
from playwright.sync_api import Browser, Page, ViewportSize

from kundenkontor.access.models import User
from tests.proof.browser.pages import CrawledPage
from tests.proof.browser.sample import Sample, session_of

SIZES: dict[str, ViewportSize] = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 800}}


@dataclass(frozen=True)
class View:
    language: str
    device: str
    scheme: str
    has_script: bool = True

    @property
    def name(self) -> str:
        return f"{self.language}-{self.device}-{self.scheme}"


def opened(
    browser: Browser, url: str, sample: Sample, pages: Iterable[CrawledPage], view: View
) -> Iterator[tuple[Page, CrawledPage]]:
    """A browser page per login, which opens one crawled page after the other."""
    User.objects.update(language=view.language)
    for viewer, group in groupby(sorted(pages, key=lambda one: one.viewer), key=lambda one: one.viewer):
        context = browser.new_context(**_options(url, view))
        context.add_cookies(_cookies(sample, viewer, view))
        if not viewer:
            context.request.get(f"/zugang/{sample.words['token'][0]}/")
        page = context.new_page()
        for one in group:
            yield page, one
        context.close()


def _options(url: str, view: View) -> dict[str, Any]:
    return {
        "base_url": url,
        "locale": "de-AT" if view.language == "de" else "en-GB",
        "viewport": SIZES[view.device],
        "color_scheme": view.scheme,
        "java_script_enabled": view.has_script,
        "reduced_motion": "reduce",
    }


def _cookies(sample: Sample, viewer: str, view: View) -> list[Any]:
    here = {"domain": "localhost", "path": "/"}
    cookies = [{"name": settings.LANGUAGE_COOKIE_NAME, "value": view.language, **here}]
    if viewer:
        session = session_of(sample.users[viewer])
        cookies.append({"name": settings.SESSION_COOKIE_NAME, "value": session, **here})
    return cookies
