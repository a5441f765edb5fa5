"""Lists of both faces: columns are named once, and make the table and a CSV file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render

from kundenkontor.web.components import Badge, Link, Links, Tile
from kundenkontor.web.forms import reader_language
from kundenkontor.web.gate.requests import SignedInRequest
from kundenkontor.web.lists.exports import Cell, csv_response
from kundenkontor.web.lists.filters import Listing
from kundenkontor.web.lists.paging import KeysetPage

Kind = Literal["text", "money", "day", "badges", "number", "links"]
CSV_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``value`` of a row is shown and exported, and linked by ``url``.

    ``sub``, a text or Links, stands below it; in a file it has a column of its own, under ``sub_label``. The first
    column of a table is its title: the whole row leads where its ``url`` does. ``sort`` names a sort of the listing.
    The value of kind ``badges`` is a list of Badge, that of kind ``links`` is Links.
    """

    label: Any
    value: Callable[[Any], Any]
    kind: Kind = "text"
    url: Callable[[Any], str] | None = None
    sub: Callable[[Any], Any] | None = None
    sub_label: Any = ""
    sort: str = ""


class ShownCell(NamedTuple):
    """A cell ready for the template, which takes it apart: a page has hundreds of them."""

    is_title: bool
    label: str
    kind: Kind
    value: Any
    url: str
    sub: Any
    links: Links | None


@dataclass(frozen=True, slots=True)
class Action:
    """The page's primary button; left out where the reader lacks the permission."""

    label: Any
    url: str
    permission: str
    icon: str = "plus"


@dataclass(slots=True)
class ListPage:
    """What a list page of the office says around its table."""

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
    value = column.value(row)
    text, links = ("", sub) if isinstance(sub, Links) else (sub, value if column.kind == "links" else None)
    return ShownCell(is_title, label, column.kind, value, url, text, links)


def list_context(
    listing: Listing,
    rows: QuerySet[Any],
    columns: Sequence[Column],
    look_up: Callable[[list[Any]], list[Any]] = list,
) -> dict[str, Any]:
    """What a template shows of one page of filtered ``rows``: ``cells``, and the ``rows`` that they show.

    ``look_up`` makes the rows of the columns out of those of the page, all at once: a query per row would be many.
    """
    page = KeysetPage(rows, order=listing.order, after=listing.after, before=listing.before)
    shown = look_up(page.rows)
    return {"listing": listing, "page": page, "columns": columns, "cells": rows_of(columns, shown), "rows": shown}


def render_list(
    request: SignedInRequest,
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
    context = {
        "about": about,
        "crumbs": about.crumbs,
        "csv_url": listing.url(format="csv"),
        "may_act": about.action is not None and about.action.permission in request.permissions,
        **about.extra,
    }
    return render(request, template, list_context(listing, rows, columns) | context)


def csv_of(file_name: str, columns: Sequence[Column], rows: Iterable[Any]) -> HttpResponseBase:
    """The same columns as a file; states are words, and what stands below a title has a column of its own."""
    return csv_response(file_name, *exported(columns, rows), reader_language())


def exported(columns: Sequence[Column], rows: Iterable[Any]) -> tuple[list[str], Iterator[list[Cell]]]:
    """Head and rows of a file; a generator is read as the file is sent."""
    head = [str(label) for column in columns for label in _heads(column)]
    return head, (list(_export(columns, row)) for row in rows)


def _heads(column: Column) -> list[Any]:
    return [column.label, column.sub_label or f"{column.label} (2)"] if column.sub else [column.label]


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
