"""Deferred income at a year's end: per year, and line by line as a file."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenkontor.invoicing.books.deferral import deferred_lines, deferred_sums, iterate_deferred_lines
from kundenkontor.office.books.frame import DayForm, asked, tabs, url_of
from kundenkontor.taxes.words import VAT_CASES
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.tables import Column, csv_of, rows_of

PAGE_SIZE = 100
SUM_COLUMNS = [
    Column(gettext_lazy("Belongs to"), lambda row: str(row.year)),
    Column(gettext_lazy("Case"), lambda row: str(VAT_CASES.get(row.category, row.category))),
    Column(gettext_lazy("Country"), lambda row: row.country),
    Column(gettext_lazy("Rate %"), lambda row: row.rate, "number"),
    Column(gettext_lazy("To be deferred"), lambda row: row.deferred, "money"),
]
LINE_COLUMNS = [
    Column(
        gettext_lazy("Number"), lambda row: row.number, url=lambda row: reverse("office:invoice", args=[row.invoice_id])
    ),
    Column(gettext_lazy("Issued"), lambda row: row.issue_date, "day"),
    Column(gettext_lazy("Customer"), lambda row: row.customer_number),
    Column(gettext_lazy("Item"), lambda row: row.item_name),
    Column(gettext_lazy("Service from"), lambda row: row.period_start, "day"),
    Column(gettext_lazy("Service to"), lambda row: row.period_end, "day"),
    Column(gettext_lazy("Net"), lambda row: row.net_amount, "money"),
    Column(gettext_lazy("To be deferred"), lambda row: row.deferred, "money"),
]


@require_safe
@staff_permission("books.read")
def deferral(request: StaffRequest) -> HttpResponseBase:
    """What documents dated until a day charge for days after it."""
    form = DayForm(asked(request, {"day": date(request.today.year, 12, 31)}))
    if not form.is_valid():
        return render(request, "office/books/deferral.html", {"form": form, "tabs": tabs("")}, status=422)
    seller_id, day = int(form.cleaned_data["seller"]), form.cleaned_data["day"]
    if request.GET.get("format") == "csv":
        return csv_of(f"abgrenzung-{day:%Y%m%d}.csv", LINE_COLUMNS, iterate_deferred_lines(seller_id, day))
    if request.GET.get("format") == "sums":
        return csv_of(f"abgrenzung-summen-{day:%Y%m%d}.csv", SUM_COLUMNS, deferred_sums(seller_id, day))
    found = deferred_lines(seller_id, day, after=_after(request), size=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    token = f"{shown[-1].invoice_id}.{shown[-1].position}" if shown else ""
    context = {
        "form": form,
        "tabs": tabs("deferral"),
        "sum_columns": SUM_COLUMNS,
        "sums": rows_of(SUM_COLUMNS, deferred_sums(seller_id, day)),
        "columns": LINE_COLUMNS,
        "rows": rows_of(LINE_COLUMNS, shown),
        "csv_url": url_of(form, format="csv"),
        "sums_url": url_of(form, format="sums"),
        "next_url": url_of(form, after=token) if len(found) > PAGE_SIZE else "",
        "first_url": url_of(form) if request.GET.get("after") else "",
    }
    return render(request, "office/books/deferral.html", context)


def _after(request: StaffRequest) -> tuple[int, int]:
    """The last row of the page before; anything else is the first page."""
    id_, _dot, position = request.GET.get("after", "").partition(".")
    try:
        return int(id_[:18]), int(position[:4])
    except ValueError:
        return 0, 0
