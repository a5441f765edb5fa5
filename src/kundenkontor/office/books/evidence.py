"""Evidence for the adviser: checks of VAT ids, and what payments and balances settled."""

from __future__ import annotations

from django.db.models import F
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenkontor.kernel.formats import format_date
from kundenkontor.office.books.frame import tabs
from kundenkontor.office.desk.choices import customer_search, seller_filters
from kundenkontor.payments.models import Allocation
from kundenkontor.payments.words import METHODS
from kundenkontor.taxes.models import VatIdCheck
from kundenkontor.taxes.words import CHECK_OUTCOMES, CHECK_WAYS
from kundenkontor.web.forms import reader_language
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Column, ListPage, render_list

CHECK_COLUMNS = [
    Column(
        gettext_lazy("Customer"),
        lambda row: row.customer.name,
        url=lambda row: reverse("office:customer", args=[row.customer_id]),
        sub=lambda row: row.customer.number,
    ),
    Column(gettext_lazy("VAT id"), lambda row: row.vat_id),
    Column(gettext_lazy("Checked on"), lambda row: row.checked_on, "day", sort="date"),
    Column(gettext_lazy("Outcome"), lambda row: str(CHECK_OUTCOMES[row.outcome])),
    Column(gettext_lazy("Way"), lambda row: str(CHECK_WAYS[row.way])),
    Column(gettext_lazy("Evidence"), lambda row: row.evidence),
    Column(gettext_lazy("Checked by"), lambda row: row.checked_by),
]


@require_safe
@staff_permission("vat_ids.read")
def vat_id_checks(request: StaffRequest) -> HttpResponseBase:
    """Every check of a VAT id, as proof for reverse charge (§ 18e UStG DE, Art. 28 Abs. 2 BMR AT)."""
    filters = [
        Filter("q", gettext_lazy("Customer"), customer_search(), "search"),
        Filter("outcome", gettext_lazy("Outcome"), lambda rows, v: rows.filter(outcome=v), "choice", CHECK_OUTCOMES),
        Filter("since", gettext_lazy("From"), lambda rows, v: rows.filter(checked_on__gte=v), "day"),
        Filter("until", gettext_lazy("Until"), lambda rows, v: rows.filter(checked_on__lte=v), "day"),
        *seller_filters("customer__seller_id"),
    ]
    sorts = {
        "new": Sort(gettext_lazy("Recorded"), ("id",)),
        "date": Sort(gettext_lazy("Checked on"), ("checked_on", "id")),
    }
    listing = Listing(request.GET, filters=filters, sorts=sorts, default_sort="-new")
    about = ListPage(
        _("Checks of VAT ids"),
        _("The evidence for documents without VAT: when, how and with which outcome each VAT id was checked."),
        _("No VAT id was checked yet."),
        "uid-pruefungen.csv",
        tabs=tabs("checks"),
    )
    return render_list(request, about, listing, VatIdCheck.objects.select_related("customer"), CHECK_COLUMNS)


def _source(row: Allocation) -> str:
    return str(METHODS[row.payment.method]) if row.payment else _("Balance of the customer")


def _reference(row: Allocation) -> str:
    if row.payment is not None:
        return row.payment.reference
    return row.balance_item.number if row.balance_item else ""


def _bank_day(row: Allocation) -> str:
    return format_date(row.payment.received_on, reader_language()) if row.payment else ""


SETTLED_COLUMNS = [
    Column(
        gettext_lazy("Settles"),
        lambda row: row.open_item.number,
        url=lambda row: reverse("office:invoice", args=[row.document_id]) if row.document_id else "",
    ),
    Column(
        gettext_lazy("Customer"), lambda row: row.open_item.customer.name, sub=lambda row: row.open_item.customer.number
    ),
    Column(gettext_lazy("Way"), _source, sub=_reference, sub_label=gettext_lazy("Reference")),
    Column(
        gettext_lazy("Counts for VAT on"),
        lambda row: row.entry.tax_day,
        "day",
        sub=_bank_day,
        sub_label=gettext_lazy("Booked by the bank on"),
        sort="date",
    ),
    Column(gettext_lazy("Paid in all"), lambda row: row.payment and row.payment.amount, "money"),
    Column(gettext_lazy("Settled"), lambda row: -row.amount if row.reverses_id else row.amount, "money"),
]


@require_safe
@staff_permission("payments.read")
def settlements(request: StaffRequest) -> HttpResponseBase:
    """A row per document that money settled; what was undone stands against it."""
    filters = [
        Filter("q", gettext_lazy("Customer"), customer_search(), "search"),
        Filter("since", gettext_lazy("From"), lambda rows, v: rows.filter(entry__tax_day__gte=v), "day"),
        Filter("until", gettext_lazy("Until"), lambda rows, v: rows.filter(entry__tax_day__lte=v), "day"),
        *seller_filters("open_item__seller_id"),
    ]
    sorts = {
        "new": Sort(gettext_lazy("Recorded"), ("id",)),
        "date": Sort(gettext_lazy("Counts for VAT on"), ("entry__tax_day", "id")),
    }
    listing = Listing(request.GET, filters=filters, sorts=sorts, default_sort="-new")
    about = ListPage(
        _("What payments settled"),
        _("A row per payment and document. What was undone is negative; what is left of a payment is a balance."),
        _("Nothing was settled yet."),
        "zahlungszuordnung.csv",
        tabs=tabs("settlements"),
    )
    rows = Allocation.objects.select_related("payment", "balance_item", "open_item__customer", "entry")
    return render_list(request, about, listing, rows.annotate(document_id=F("open_item__invoice")), SETTLED_COLUMNS)
