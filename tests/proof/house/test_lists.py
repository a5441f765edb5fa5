"""Lists are made of columns: the head of a table that sorts and turns pages is written by nobody."""

from __future__ import annotations

import re

import pytest

from tests.proof.house.imports import SOURCE

TURNS_PAGES = re.compile(r"kk\.(pager|filtered)\(")
BY_HAND = re.compile(r"<thead|<th\b|kk\.sort_head")


@pytest.mark.parametrize("face", ["office", "portal"])
def test_a_template_that_turns_pages_writes_no_table(face: str) -> None:
    pages = [file for file in (SOURCE / face / "templates").rglob("*.html") if TURNS_PAGES.search(file.read_text())]
    assert len(pages) >= 3
    assert [str(file.relative_to(SOURCE)) for file in pages if BY_HAND.search(file.read_text())] == []


def test_no_screen_turns_pages_of_filtered_rows_past_its_columns() -> None:
    pages = [file for face in ("office", "portal") for file in (SOURCE / face).rglob("*.py")]
    past = [str(file.relative_to(SOURCE)) for file in pages if "order=listing.order" in file.read_text()]
    assert past == []
