"""Wherever a reader is, the navigation says where that is."""

from __future__ import annotations

import re

from kundenkontor.web.areas import entries_of, navigation_of
from tests.proof.rights.routes import all_routes

FACES = {"staff": "office", "customer": "portal"}


def current_entries(face: str, address: str) -> list[str]:
    """The addresses of the entries that are marked for a reader who may see everything."""
    everything = frozenset(entry.permission for entry in entries_of(face))
    groups = navigation_of(face, everything, re.sub("<[^>]+>", "1", address), mode="demo")
    return [entry.url for _, entries in groups for entry in entries if entry.is_current]


def test_every_page_stands_under_one_entry_of_the_navigation() -> None:
    pages = [(FACES[route.access.kind], route.address) for route in all_routes()
             if route.access and route.access.kind in FACES]  # fmt: skip
    assert len(pages) > 100
    assert [page for page in pages if len(current_entries(*page)) != 1] == []


def test_a_page_beside_the_first_one_of_a_desk_belongs_to_that_desk() -> None:
    assert current_entries("office", "/office/books/limits/") == ["/office/books/outgoing/"]
