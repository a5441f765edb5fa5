"""Rechnungsausgangsbuch with the sums of the returns, as page and as CSV."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenkontor.invoicing.books.queries import list_outgoing_book, outgoing_book_sums
from kundenkontor.invoicing.books.sums import return_sums
from kundenkontor.invoicing.models import VatBreakdown
from kundenkontor.invoicing.papers.freezing import form_of
from kundenkontor.kernel.formats import format_date, format_decimal, format_money, format_rate
from kundenkontor.kernel.money import ZERO
from kundenkontor.office.books.frame import PeriodForm, asked, page_urls, tabs, url_of
from kundenkontor.office.books.sums import (
    DIFFERENCE_COLUMNS,
    SHOWN_SUMS,
    SUM_COLUMNS,
    VAT_ID,
    Section,
    difference_rows,
    sections,
    sum_rows,
)
from kundenkontor.parties.facts import tax_facts
from kundenkontor.parties.models import Seller
from kundenkontor.taxes.words import VAT_CASES
from kundenkontor.web.components import Tile
from kundenkontor.web.forms import reader_language, reader_style
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.paging import KeysetPage
from kundenkontor.web.lists.tables import Column, csv_of, rows_of

PAGE_SIZE = 100


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


def _kind(row: VatBreakdown) -> str:
    """As it is titled: a cancellation is a correction of all there is."""
    invoice = row.invoice
    return form_of(invoice, invoice.correction if invoice.sign < 0 else None).title[reader_style()]


def _corrected(row: VatBreakdown) -> str:
    return row.invoice.correction.original.number if row.invoice.sign < 0 else ""


BOOK_COLUMNS = [
    Column(
        gettext_lazy("Number"),
        lambda row: row.invoice.number,
        url=lambda row: reverse("office:invoice", args=[row.invoice_id]),
    ),
    Column(gettext_lazy("Issued"), lambda row: row.invoice.issue_date, "day"),
    Column(gettext_lazy("Kind"), _kind, sub=_corrected),
    Column(gettext_lazy("Service from"), lambda row: row.invoice.period_start, "day"),
    Column(gettext_lazy("Service to"), lambda row: row.invoice.period_end, "day"),
    Column(gettext_lazy("Due"), lambda row: row.invoice.due_on, "day"),
    Column(gettext_lazy("Customer"), _buyer, sub=lambda row: row.invoice.customer.number),
    Column(gettext_lazy("Country of the customer"), lambda row: row.invoice.customer_snapshot.content["country"]),
    Column(gettext_lazy("VAT id"), lambda row: row.invoice.customer_snapshot.content.get("vat_id", "")),
    Column(gettext_lazy("Case"), lambda row: vat_case(row.category)),
    Column(gettext_lazy("VAT of"), lambda row: row.country),
    Column(gettext_lazy("Rate %"), lambda row: row.rate, "number"),
    Column(gettext_lazy("Net"), lambda row: row.invoice.signed(row.taxable_amount), "money"),
    Column(gettext_lazy("VAT"), lambda row: row.invoice.signed(row.tax_amount), "money"),
    Column(gettext_lazy("Gross"), _gross, "money"),
    Column(gettext_lazy("Rounding"), _rounding, "money"),
    Column(gettext_lazy("Payable"), lambda row: _gross(row) + _rounding(row), "money"),
]


def _whole_case(row: VatBreakdown) -> str:
    return f"{vat_case(row.category)} {format_rate(row.rate, reader_language())}\u00a0{row.country}".strip()


def _service(row: VatBreakdown) -> str:
    return _("service to {day}").format(day=format_date(row.invoice.period_end, reader_language()))


def _numbers(row: VatBreakdown) -> str:
    """Customer number and VAT id, as they are on the document."""
    return f"{row.invoice.customer.number} {row.invoice.customer_snapshot.content.get('vat_id', '')}".strip()


# on a page kind and corrected document stand below the number, the VAT id below the name; case, rate and country are
# one column above the end of the service
SHOWN_COLUMNS = [
    replace(BOOK_COLUMNS[0], sub=lambda row: f"{_kind(row)} {_corrected(row)}".strip()),
    BOOK_COLUMNS[1],
    Column(gettext_lazy("Customer"), _buyer, sub=_numbers),
    Column(gettext_lazy("Case"), _whole_case, sub=_service),
    *BOOK_COLUMNS[12:15],
]


@require_safe
@staff_permission("books.read")
def outgoing_book(request: StaffRequest) -> HttpResponseBase:
    """A row per document and VAT rate of a period, with the sums for UVA, ZM and OSS."""
    first = request.today.replace(day=1)
    form = PeriodForm(asked(request, {"since": first, "until": request.today}))
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
    book, sums = outgoing_book_sums(seller.pk, since, until), return_sums(seller.pk, seller.country, since, until)
    if request.GET.get("format") == "sums":
        name = f"rechnungsausgangsbuch-summen-{since:%Y%m%d}-{until:%Y%m%d}.csv"
        return csv_of(name, SUM_COLUMNS, sum_rows(sums, book, seller.country))
    facts = tax_facts(seller.pk)
    context = {
        "form": form,
        "tabs": tabs("outgoing"),
        "columns": SHOWN_COLUMNS,
        "rows": rows_of(SHOWN_COLUMNS, page.rows),
        "sums": book,
        "is_on_receipt": facts.has("cash_accounting", until),
        "sections": [_shown(section) for section in sections(sums, seller.country)],
        "difference_columns": DIFFERENCE_COLUMNS,
        "difference": rows_of(DIFFERENCE_COLUMNS, difference_rows(sums.difference)),
        "tiles": _book_tiles(book),
        "sums_url": url_of(form, format="sums"),
        **page_urls(form, page),
    }
    return render(request, "office/books/outgoing.html", context)


def _book_tiles(sums: Any) -> list[Tile]:
    language = reader_language()
    return [
        Tile(_("Net"), format_money(sums.taxable_amount, "EUR", language), lead=True),
        Tile(_("VAT"), format_money(sums.tax_amount, "EUR", language)),
        Tile(_("Rounding"), format_money(sums.rounding_amount, "EUR", language)),
        Tile(_("Payable"), format_money(sums.amount_due, "EUR", language)),
        Tile(_("Documents"), format_decimal(sums.documents, language, places=0)),
    ]


def _shown(section: Section) -> tuple[Section, list[Column], Any]:
    """A section with those columns that say something in one of its rows: ZM knows neither rate nor VAT."""
    columns = [column for column in (VAT_ID, *SHOWN_SUMS) if any(column.value(row) for row in section.rows)]
    return section, columns, rows_of(columns, section.rows)
