"""Large bodies and many downloads."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kundenkontor.kernel import limits
from kundenkontor.web.gate import loads
from kundenkontor.web.gate.loads import Lane
from tests.portal.builders import House, client_of, house, login
from tests.proof.rights.routes import all_routes


@pytest.fixture
def home(db: None) -> House:
    return house()


def test_a_lane_has_places_for_all_and_some_for_one() -> None:
    lane = Lane(places=3, of_one=2)
    assert [lane.enter(who) for who in ("ada", "ada", "ada", "bob", "eve")] == [True, True, False, True, False]
    lane.leave("ada")
    assert lane.enter("eve") and not lane.enter("bob")


def open_download(client: Client, home: House) -> Any:
    selection = client.post("/rechnungen/auswahl/", {"invoice": [home.invoices[0].pk], "action": "xml"})["Location"]
    return client.get(selection)


@pytest.mark.security("V15.2.2")
def test_a_login_has_three_downloads_at_once_and_the_next_when_one_is_over(home: House) -> None:
    ada = client_of(login("ada", home.ada))
    opened = [open_download(ada, home) for _ in range(limits.STREAMS_OF_A_LOGIN)]
    refused = open_download(ada, home)
    assert [answer.status_code for answer in opened] == [200] * limits.STREAMS_OF_A_LOGIN
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
    assert "Zu viele Übertragungen" in refused.content.decode()
    assert open_download(client_of(login("second", home.ada)), home).status_code == 200

    opened.pop().getvalue()  # read to its end

    assert open_download(ada, home).status_code == 200


class Unread(io.RawIOBase):
    """A body of which nobody may read a byte."""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("the body was read")


def post_unread(client: Client, path: str, size: int) -> Any:
    return client.generic("POST", path, b"", CONTENT_LENGTH=str(size), **{"wsgi.input": Unread()})  # type: ignore[arg-type]


@pytest.mark.security("V5.2.1")
def test_a_large_body_is_refused_unread_on_every_route_that_takes_no_uploads(home: House) -> None:
    ada = Client(enforce_csrf_checks=True)
    ada.force_login(login("ada", home.ada))
    for path in ("/account/login/", "/zugang/", "/konto/daten/", "/preferences/theme/", "/office/imports/new/"):
        assert post_unread(ada, path, limits.BODY_BYTES + 1).status_code == 413, path
    assert post_unread(Client(), "/office/imports/new/", limits.BODY_BYTES + 1).status_code == 302
    assert post_unread(Client(), "/account/login/", 10**12).status_code == 413


def test_routes_take_uploads_exactly_where_their_form_has_a_file() -> None:
    source = Path(loads.__file__).parents[2]
    readers = [path.read_text().count("request.FILES or") for path in source.rglob("*.py")]
    declared = [route.name for route in all_routes() if route.access and route.access.takes_uploads]
    assert sorted(declared) == ["office:import-new", "office:seller-edit", "office:seller-new"]
    assert sum(readers) == len(declared)
