"""Rows of an import report, a page at a time; a report is computed, so pages are counted, not keyed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kundenkontor.imports.words import FILES

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row of a file: where it stands, whom it is about, what would change and what is wrong."""

    file: Any
    line: int
    number: str
    changes: Any
    problems: Any


@dataclass(frozen=True, slots=True)
class RowsPage:
    """``previous`` and ``next`` are page numbers, or 0."""

    rows: list[ShownRow]
    page: int
    pages: int
    show: str

    @property
    def previous(self) -> int:
        return self.page - 1

    @property
    def next(self) -> int:
        return self.page + 1 if self.page < self.pages else 0


def page_of_rows(query: Mapping[str, str], rows: Sequence[tuple[str, int, str, Any, Any]]) -> RowsPage:
    """The page that ``?page=`` names; a page that does not exist is the nearest one."""
    pages = max(1, -(-len(rows) // PAGE_SIZE))
    wished = query.get("page", "1")
    page = min(max(int(wished), 1), pages) if wished.isascii() and wished.isdigit() and len(wished) < 9 else 1
    part = rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    shown = [ShownRow(FILES[file], line, number, changes, problems) for file, line, number, changes, problems in part]
    return RowsPage(shown, page, pages, query.get("show", ""))
