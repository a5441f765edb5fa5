"""Numbered pages, for rows whose number is known anyway: a report that is computed, the lines of one document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import QueryDict

from kundenkontor.web.forms import whole_number

T = TypeVar("T")


class CountedPage(Generic[T]):
    """The page that ``?page=`` names; one that does not exist is the nearest one."""

    def __init__(self, query: QueryDict, rows: Sequence[T] | QuerySet[Any, T], *, size: int) -> None:
        self.count = rows.count() if isinstance(rows, QuerySet) else len(rows)
        self.pages = max(1, -(-self.count // size))
        self.page = min(max(whole_number(query.get("page", "")), 1), self.pages)
        self.rows: list[T] = list(rows[(self.page - 1) * size : self.page * size])
        self._query = query

    @property
    def previous_url(self) -> str:
        """ "" on the first page."""
        return self._url(self.page - 1) if self.page > 1 else ""

    @property
    def next_url(self) -> str:
        """ "" on the last page."""
        return self._url(self.page + 1) if self.page < self.pages else ""

    def _url(self, page: int) -> str:
        query = self._query.copy()
        query["page"] = str(page)
        return f"?{query.urlencode()}"
