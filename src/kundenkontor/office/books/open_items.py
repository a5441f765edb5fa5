"""Offene-Posten-Liste of any day, as page and as CSV."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenkontor.invoicing.books.queries import (
    OpenItemRow,
    iterate_open_items_on,
    open_item_sums,
    open_items_on,
)
from kundenkontor.kernel.formats import format_decimal, format_money
from kundenkontor.office.books.frame import DayForm, asked, tabs, url_of
from kundenkontor.web.components import Bar, Tile
from kundenkontor.web.forms import reader_language
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.tables import Column, csv_of, rows_of

PAGE_SIZE = 100


ITEM_COLUMNS = [
    Column(
        gettext_lazy("Number"),
        lambda row: row.number,
        url=lambda row: reverse("office:invoice", args=[row.invoice_id]) if row.invoice_id else "",
    ),
    Column(
        gettext_lazy("Customer"),
        lambda row: row.customer_name,
        url=lambda row: reverse("office:customer", args=[row.customer_id]),
        sub=lambda row: row.customer_number,
    ),
    Column(gettext_lazy("Issued"), lambda row: row.issue_date, "day"),
    Column(gettext_lazy("Due"), lambda row: row.due_date, "day"),
    Column(gettext_lazy("Amount"), lambda row: row.original_amount, "money"),
    Column(gettext_lazy("Open"), lambda row: row.open_amount, "money"),
]


@require_safe
@staff_permission("books.read")
def open_items_list(request: StaffRequest) -> HttpResponseBase:
    """What was open at the end of any day, from the postings up to that day."""
    form = DayForm(asked(request, {"day": request.today}))
    if not form.is_valid():
        return render(request, "office/books/open_items.html", {"form": form, "tabs": tabs("")}, status=422)
    seller_id, day = int(form.cleaned_data["seller"]), form.cleaned_data["day"]
    if request.GET.get("format") == "csv":
        return csv_of(f"offene-posten-{day:%Y%m%d}.csv", ITEM_COLUMNS, iterate_open_items_on(seller_id, day))
    found = open_items_on(seller_id, day, after=_after(request), size=PAGE_SIZE + 1)
    sums = open_item_sums(seller_id, day)
    shown = found[:PAGE_SIZE]
    context = {
        "form": form,
        "tabs": tabs("open-items"),
        "columns": ITEM_COLUMNS,
        "rows": rows_of(ITEM_COLUMNS, shown),
        "sums": sums,
        "tiles": _item_tiles(sums),
        "bars": [
            Bar(_("not due"), sums.not_due),
            Bar(_("1–30 days"), sums.up_to_30),
            Bar(_("31–60 days"), sums.up_to_60),
            Bar(_("over 60 days"), sums.older),
        ],
        "csv_url": url_of(form, format="csv"),
        "next_url": url_of(form, after=_token(shown[-1])) if len(found) > PAGE_SIZE else "",
        "first_url": url_of(form) if request.GET.get("after") else "",
    }
    return render(request, "office/books/open_items.html", context)


def _token(row: OpenItemRow) -> str:
    return f"{row.due_date.isoformat()}.{row.id}"


def _after(request: StaffRequest) -> tuple[date, int]:
    """The last row of the page before; anything else is the first page."""
    day, _dot, id_ = request.GET.get("after", "").partition(".")
    try:
        return date.fromisoformat(day), int(id_[:18])
    except ValueError:
        return date.min, 0


def _item_tiles(sums: Any) -> list[Tile]:
    language = reader_language()
    return [
        Tile(_("Open receivables"), format_money(sums.receivables, "EUR", language), lead=True),
        Tile(_("Of these overdue"), format_money(sums.receivables - sums.not_due, "EUR", language)),
        Tile(_("Owed to customers"), format_money(sums.balances, "EUR", language)),
        Tile(_("Items"), format_decimal(sums.items, language, places=0)),
    ]
