"""A list page of the office: the columns are named once and make both the table and its CSV file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render

from kundenkontor.web.components import Badge, Link, Tile
from kundenkontor.web.forms import reader_language
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.exports import Cell, csv_response
from kundenkontor.web.lists.filters import Listing
from kundenkontor.web.lists.paging import KeysetPage

Kind = Literal["text", "money", "day", "badges", "number"]
CSV_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``value`` of a row is shown and exported; ``sub`` stands below it, ``url`` links it.

    The first column of a table is its title: the whole row leads where its ``url`` does. ``sort`` names a sort of the
    listing. Kind ``badges``: the value is a list of Badge.
    """

    label: Any
    value: Callable[[Any], Any]
    kind: Kind = "text"
    url: Callable[[Any], str] | None = None
    sub: Callable[[Any], Any] | None = None
    sort: str = ""


class ShownCell(NamedTuple):
    """A cell ready for the template, which takes it apart: a page has hundreds of them."""

    is_title: bool
    label: str
    kind: Kind
    value: Any
    url: str
    sub: Any


@dataclass(frozen=True, slots=True)
class Action:
    """The page's primary button; left out where the reader lacks the permission."""

    label: Any
    url: str
    permission: str
    icon: str = "plus"


@dataclass(slots=True)
class ListPage:
    """What a list page says around its table."""

    title: Any
    lead: Any
    empty: Any
    file_name: str
    empty_hint: Any = ""
    action: Action | None = None
    tiles: Sequence[Tile] = ()
    tabs: Sequence[Link] = ()
    crumbs: Sequence[Link] = ()
    note: Any = ""
    extra: dict[str, Any] = field(default_factory=dict)


def rows_of(columns: Sequence[Column], rows: Iterable[Any]) -> list[list[ShownCell]]:
    """The cells of every row."""
    heads = [(index == 0, str(column.label), column) for index, column in enumerate(columns)]  # translated once
    return [[_cell(*head, row) for head in heads] for row in rows]


def _cell(is_title: bool, label: str, column: Column, row: Any) -> ShownCell:
    url = column.url(row) if column.url else ""
    sub = column.sub(row) if column.sub else ""
    return ShownCell(is_title, label, column.kind, column.value(row), url, sub)


def render_list(
    request: StaffRequest,
    about: ListPage,
    listing: Listing,
    queryset: QuerySet[Any],
    columns: Sequence[Column],
    *,
    template: str = "web/lists/list.html",
) -> HttpResponseBase:
    """One page of the list, or with ``?format=csv`` all of its rows as a file."""
    rows = listing.apply(queryset)
    if request.GET.get("format") == "csv":
        return csv_of(about.file_name, columns, rows.order_by(*listing.order).iterator(chunk_size=CSV_CHUNK))
    page = KeysetPage(rows, order=listing.order, after=listing.after, before=listing.before)
    context = {
        "about": about,
        "listing": listing,
        "columns": columns,
        "rows": rows_of(columns, page.rows),
        "page": page,
        "csv_url": listing.url(format="csv"),
        "may_act": about.action is not None and about.action.permission in request.permissions,
        **about.extra,
    }
    return render(request, template, context)


def csv_of(file_name: str, columns: Sequence[Column], rows: Iterable[Any]) -> HttpResponseBase:
    """The same columns as a file; states are words, and what stands below a title has a column of its own."""
    head = [str(label) for column in columns for label in _heads(column)]
    language = reader_language()
    return csv_response(file_name, head, (list(_export(columns, row)) for row in rows), language)


def _heads(column: Column) -> list[Any]:
    return [column.label, f"{column.label} (2)"] if column.sub else [column.label]


def _export(columns: Sequence[Column], row: Any) -> Iterator[Cell]:
    for column in columns:
        yield _plain(column.value(row))
        if column.sub:
            yield _plain(column.sub(row))


def _plain(value: Any) -> Cell:
    if value is None or isinstance(value, Decimal | date | datetime | int):
        return value
    if isinstance(value, list):
        return ", ".join(one.label if isinstance(one, Badge) else str(one) for one in value)
    return str(value)
