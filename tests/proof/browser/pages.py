"""Which pages there are: every route of the URLconf that answers a GET with HTML, for the logins that may see it."""

from __future__ import annotations

from dataclasses import dataclass

from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.proof.browser.sample import Sample, file_name
from tests.proof.rights.routes import Route, all_routes

# whom a declaration lets in, first the login whose pages are crawled
VIEWER = {"public": "", "signed_in": "kunde", "customer": "kunde", "staff": "admin"}
# a file, and only of some mails
NO_PAGE = ("office:mailbox-attachment",)
WORD_CHOICES = 3
# pages that other logins see differently: many customer numbers, no buttons
ALSO = {
    "agentur": ("portal:account", "portal:services", "portal:invoices", "portal:payments"),
    "otto": ("office:home", "office:invoices", "office:customers", "office:customer", "office:billing-runs"),
    "clara": ("office:home",),
}


@dataclass(frozen=True)
class CrawledPage:
    """``viewer`` is a demo login, or empty for a signed-out reader."""

    route: str
    path: str
    viewer: str

    @property
    def name(self) -> str:
        return file_name(self.route, self.viewer or "signed-out")

    @property
    def label(self) -> str:
        return f"{self.route} ({self.viewer or 'signed out'})"


def find_pages(sample: Sample) -> tuple[list[CrawledPage], list[str]]:
    """All pages, and what is wrong: routes that cannot be filled, pages that do not answer."""
    pages: list[CrawledPage] = []
    wrong: list[str] = []
    clients = {name: _client(sample, name) for name in ("", "kunde", "admin", *ALSO)}
    for route in all_routes():
        viewers = [VIEWER[route.access.kind] if route.access else "admin"]
        viewers += [name for name, routes in ALSO.items() if route.name in routes]
        for viewer in viewers:
            _look(route, viewer, sample, clients[viewer], pages, wrong)
    return pages, wrong


def _client(sample: Sample, viewer: str) -> Client:
    client = Client(raise_request_exception=False)
    if viewer:
        client.force_login(sample.users[viewer])
    else:
        client.get(reverse("portal:access-link", args=[sample.words["token"][0]]))
    return client


def _look(
    route: Route, viewer: str, sample: Sample, client: Client, pages: list[CrawledPage], wrong: list[str]
) -> None:
    if route.name in NO_PAGE or (route.methods and "GET" not in route.methods):
        return
    try:
        path = address(route, sample)
    except LookupError as error:
        wrong.append(f"{route.name}: {error}")
        return
    answer = client.get(path)
    answer.close()  # a file that was opened for streaming
    is_page = answer.headers.get("Content-Type", "").startswith("text/html")
    if answer.status_code in (301, 302, 405):
        return
    if answer.status_code != 200:
        wrong.append(f"{route.name}: {path} answers {answer.status_code}")
    elif is_page and b"<html" in answer.content[:2000]:
        pages.append(CrawledPage(route.name, path, viewer))


def address(route: Route, sample: Sample) -> str:
    """The path of a route with its parameters filled. Raises LookupError."""
    for choice in range(WORD_CHOICES):
        filled = {one: sample.object_for(one, route.name, choice) for one in route.parameters}
        try:
            return reverse(route.name, kwargs=filled)
        except NoReverseMatch:  # a word that this route does not take
            continue
    raise LookupError(f"no word of the sample fits {route.address}")
