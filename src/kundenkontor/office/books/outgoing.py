"""Rechnungsausgangsbuch and Offene-Posten-Liste, as page and as CSV."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenkontor.invoicing.books.queries import (
    OpenItemRow,
    iterate_open_items_on,
    list_outgoing_book,
    open_item_sums,
    open_items_on,
    outgoing_book_sums,
)
from kundenkontor.invoicing.models import VatBreakdown
from kundenkontor.kernel.formats import format_decimal, format_money, format_rate
from kundenkontor.kernel.money import ZERO
from kundenkontor.office.books.sums import SUM_COLUMNS, sum_rows
from kundenkontor.office.desk.choices import seller_choices
from kundenkontor.parties.models import Seller
from kundenkontor.payments.queries_receipts import vat_on_receipt
from kundenkontor.taxes.words import VAT_CASES
from kundenkontor.web.components import Bar, Link, Tile
from kundenkontor.web.forms import DayField, reader_language
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.paging import KeysetPage
from kundenkontor.web.lists.tables import Column, csv_of, rows_of

PAGE_SIZE = 100


class SellerForm(forms.Form):
    seller = forms.ChoiceField(label=gettext_lazy("Seller"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "filter_%s"
        choices = seller_choices()
        self.fields["seller"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["seller"].widget = forms.HiddenInput()
            self.fields["seller"].initial = choices[0][0]


class PeriodForm(SellerForm):
    since = DayField(label=gettext_lazy("From"))
    until = DayField(label=gettext_lazy("Until"))


class DayForm(SellerForm):
    day = DayField(label=gettext_lazy("Day"))


def _buyer(row: VatBreakdown) -> str:
    content = row.invoice.customer_snapshot.content
    return str(content.get("company") or f"{content.get('first_name', '')} {content.get('last_name', '')}".strip())


def vat_case(category: str) -> str:
    return str(VAT_CASES.get(category, category))


def _rounding(row: VatBreakdown) -> Decimal:
    """BT-114, once per document, so that the column adds up to what customers owe."""
    return row.invoice.signed(row.invoice.rounding_amount) if row.position == 1 else ZERO


def _gross(row: VatBreakdown) -> Decimal:
    return row.invoice.signed(row.taxable_amount + row.tax_amount)


BOOK_COLUMNS = [
    Column(
        gettext_lazy("Number"),
        lambda row: row.invoice.number,
        url=lambda row: reverse("office:invoice", args=[row.invoice_id]),
    ),
    Column(gettext_lazy("Issued"), lambda row: row.invoice.issue_date, "day"),
    Column(gettext_lazy("Customer"), _buyer, sub=lambda row: row.invoice.customer.number),
    Column(gettext_lazy("VAT id"), lambda row: row.invoice.customer_snapshot.content.get("vat_id", "")),
    Column(gettext_lazy("Case"), lambda row: vat_case(row.category)),
    Column(gettext_lazy("Country"), lambda row: row.country),
    Column(gettext_lazy("Rate %"), lambda row: row.rate, "number"),
    Column(gettext_lazy("Net"), lambda row: row.invoice.signed(row.taxable_amount), "money"),
    Column(gettext_lazy("VAT"), lambda row: row.invoice.signed(row.tax_amount), "money"),
    Column(gettext_lazy("Gross"), _gross, "money"),
    Column(gettext_lazy("Rounding"), _rounding, "money"),
    Column(gettext_lazy("Payable"), lambda row: _gross(row) + _rounding(row), "money"),
]


def _whole_case(row: VatBreakdown) -> str:
    return f"{vat_case(row.category)} {format_rate(row.rate, reader_language())}\u00a0{row.country}".strip()


def _numbers(row: VatBreakdown) -> str:
    """Customer number and VAT id, as they are on the document."""
    return f"{row.invoice.customer.number} {row.invoice.customer_snapshot.content.get('vat_id', '')}".strip()


# on a page case, rate and country are one column, and the VAT id stands below the name
SHOWN_COLUMNS = [
    *BOOK_COLUMNS[:2],
    Column(gettext_lazy("Customer"), _buyer, sub=_numbers),
    Column(gettext_lazy("Case"), _whole_case),
    *BOOK_COLUMNS[7:10],
]


@require_safe
@staff_permission("books.read")
def outgoing_book(request: StaffRequest) -> HttpResponseBase:
    """A row per document and VAT rate of a period, with the sums for UVA, ZM and OSS."""
    first = request.today.replace(day=1)
    form = PeriodForm(_asked(request, {"since": first, "until": request.today}))
    if not form.is_valid():
        return render(request, "office/books/outgoing.html", {"form": form, "tabs": tabs("")}, status=422)
    seller = get_object_or_404(Seller, pk=form.cleaned_data["seller"])
    since, until = form.cleaned_data["since"], form.cleaned_data["until"]
    rows = list_outgoing_book(seller.pk, since, until)
    if request.GET.get("format") == "csv":
        name = f"rechnungsausgangsbuch-{since:%Y%m%d}-{until:%Y%m%d}.csv"
        return csv_of(name, BOOK_COLUMNS, rows.iterator(chunk_size=1000))
    page = KeysetPage(
        rows,
        order=("invoice_id", "position"),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE_SIZE,
    )
    sums = outgoing_book_sums(seller.pk, seller.country, since, until)
    received = vat_on_receipt(seller.pk, seller.country, since, until)
    if request.GET.get("format") == "sums":
        name = f"rechnungsausgangsbuch-summen-{since:%Y%m%d}-{until:%Y%m%d}.csv"
        return csv_of(name, SUM_COLUMNS, sum_rows(sums, received))
    context = {
        "form": form,
        "tabs": tabs("outgoing"),
        "columns": SHOWN_COLUMNS,
        "rows": rows_of(SHOWN_COLUMNS, page.rows),
        "sums": sums,
        "vat_return": [(vat_case(row.category), row) for row in sums.vat_return],
        "received": received,
        "tiles": _book_tiles(sums),
        **_links(form, page),
    }
    return render(request, "office/books/outgoing.html", context)


def tabs(current: str) -> list[Link]:
    return [
        Link(_("Outgoing invoices book"), reverse("office:outgoing-book"), current == "outgoing"),
        Link(_("Open items on a day"), reverse("office:open-items-list"), current == "open-items"),
    ]


def _asked(request: StaffRequest, defaults: dict[str, date]) -> dict[str, str]:
    """What the form of a book was asked for; a seller and a period where nothing was said yet."""
    choices = seller_choices()
    field = DayField()
    days = {name: field.prepare_value(day) for name, day in defaults.items()}
    given = {"seller": choices[0][0] if choices else "", **days}
    return given | {name: request.GET[name] for name in given if request.GET.get(name)}


def _book_tiles(sums: Any) -> list[Tile]:
    language = reader_language()
    return [
        Tile(_("Net"), format_money(sums.taxable_amount, "EUR", language), lead=True),
        Tile(_("VAT"), format_money(sums.tax_amount, "EUR", language)),
        Tile(_("Rounding"), format_money(sums.rounding_amount, "EUR", language)),
        Tile(_("Payable"), format_money(sums.amount_due, "EUR", language)),
        Tile(_("Documents"), format_decimal(sums.documents, language, places=0)),
    ]


def _links(form: forms.Form, page: KeysetPage[Any]) -> dict[str, str]:
    asked = {name: form.data[name] for name in form.fields}

    def url(**more: str) -> str:
        return "?" + urlencode(asked | more)

    return {
        "csv_url": url(format="csv"),
        "sums_url": url(format="sums"),
        "previous_url": url(before=page.previous_token) if page.previous_token else "",
        "next_url": url(after=page.next_token) if page.next_token else "",
        "first_url": "" if page.is_first else url(),
    }


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
    form = DayForm(_asked(request, {"day": request.today}))
    if not form.is_valid():
        return render(request, "office/books/open_items.html", {"form": form, "tabs": tabs("")}, status=422)
    seller_id, day = int(form.cleaned_data["seller"]), form.cleaned_data["day"]
    if request.GET.get("format") == "csv":
        return csv_of(f"offene-posten-{day:%Y%m%d}.csv", ITEM_COLUMNS, iterate_open_items_on(seller_id, day))
    found = open_items_on(seller_id, day, after=_after(request), size=PAGE_SIZE + 1)
    sums = open_item_sums(seller_id, day)
    shown = found[:PAGE_SIZE]
    asked = {name: form.data[name] for name in form.fields}
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
        "csv_url": "?" + urlencode(asked | {"format": "csv"}),
        "next_url": "?" + urlencode(asked | {"after": _token(shown[-1])}) if len(found) > PAGE_SIZE else "",
        "first_url": "?" + urlencode(asked) if request.GET.get("after") else "",
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
