"""Evidence for the adviser: checks of VAT ids, what payments and balances settled, and what was written off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenkontor.kernel.formats import format_date
from kundenkontor.kernel.money import ZERO
from kundenkontor.ledger.models import Posting
from kundenkontor.office.books.frame import tabs
from kundenkontor.office.desk.choices import customer_search, seller_filters
from kundenkontor.payments.models import Allocation
from kundenkontor.payments.words import METHODS
from kundenkontor.receivables.models import WriteOff
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
    Column(
        gettext_lazy("Checked on"),
        lambda row: row.checked_on,
        "day",
        sub=lambda row: row.checked_by,
        sub_label=gettext_lazy("Checked by"),
        sort="date",
    ),
    Column(
        gettext_lazy("Outcome"),
        lambda row: str(CHECK_OUTCOMES[row.outcome]),
        sub=lambda row: str(CHECK_WAYS[row.way]),
        sub_label=gettext_lazy("Way"),
    ),
    Column(gettext_lazy("Evidence"), lambda row: row.evidence),
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


def _signed(row: Any) -> Decimal:
    """What takes another row back is negative."""
    return Decimal(-row.amount if row.reverses_id else row.amount)


def _listing(request: StaffRequest, day: str) -> Listing:
    """Rows of open items, by customer, seller and the day on which they count for VAT."""
    filters = [
        Filter("q", gettext_lazy("Customer"), customer_search(), "search"),
        Filter("since", gettext_lazy("From"), lambda rows, v: rows.filter(**{f"{day}__gte": v}), "day"),
        Filter("until", gettext_lazy("Until"), lambda rows, v: rows.filter(**{f"{day}__lte": v}), "day"),
        *seller_filters("open_item__seller_id"),
    ]
    sorts = {
        "new": Sort(gettext_lazy("Recorded"), ("id",)),
        "date": Sort(gettext_lazy("Counts for VAT on"), (day, "id")),
    }
    return Listing(request.GET, filters=filters, sorts=sorts, default_sort="-new")


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
    Column(gettext_lazy("Settled"), _signed, "money"),
]


@require_safe
@staff_permission("payments.read")
def settlements(request: StaffRequest) -> HttpResponseBase:
    """A row per document that money settled; what was undone stands against it."""
    listing = _listing(request, "entry__tax_day")
    about = ListPage(
        _("What payments settled"),
        _("A row per payment and document. What was undone is negative; what is left of a payment is a balance."),
        _("Nothing was settled yet."),
        "zahlungszuordnung.csv",
        tabs=tabs("settlements"),
    )
    rows = Allocation.objects.select_related("payment", "balance_item", "open_item__customer", "entry")
    return render_list(request, about, listing, rows.annotate(document_id=F("open_item__invoice")), SETTLED_COLUMNS)


LOSS_COLUMNS = [
    Column(
        gettext_lazy("Number"),
        lambda row: row.open_item.number,
        url=lambda row: reverse("office:invoice", args=[row.document_id]) if row.document_id else "",
    ),
    Column(
        gettext_lazy("Customer"), lambda row: row.open_item.customer.name, sub=lambda row: row.open_item.customer.number
    ),
    Column(gettext_lazy("Counts for VAT on"), lambda row: row.happened_on, "day", sort="date"),
    Column(gettext_lazy("Reason"), lambda row: row.reason),
    Column(gettext_lazy("Recorded by"), lambda row: row.recorded_by),
    Column(gettext_lazy("VAT"), lambda row: row.tax or ZERO, "money"),
    Column(gettext_lazy("Written off"), _signed, "money"),
]


@require_safe
@staff_permission("books.read")
def written_off(request: StaffRequest) -> HttpResponseBase:
    """Every loss with the VAT in it, and what is owed again of it (§ 17 UStG DE, § 16 UStG AT)."""
    listing = _listing(request, "happened_on")
    about = ListPage(
        _("Written off"),
        _("What could not be collected. What is owed again is negative. With VAT on receipt its VAT was never due."),
        _("Nothing was written off yet."),
        "ausgebucht.csv",
        empty_hint=_("An open document is written off on its page."),
        tabs=tabs("written-off"),
    )
    return render_list(request, about, listing, _with_vat(WriteOff.objects.all()), LOSS_COLUMNS)


def _with_vat(rows: QuerySet[WriteOff]) -> QuerySet[WriteOff]:
    """``tax``: the VAT that each booked, ``document_id``: what it was lost of."""
    is_lost = Q(debit_account__role="vat_payable")
    postings = Posting.objects.filter(is_lost | Q(credit_account__role="vat_payable"), entry_id=OuterRef("entry_id"))
    signed = Sum(Case(When(is_lost, then=F("amount")), default=-F("amount")))
    sums = postings.order_by().values("entry_id").annotate(sum=signed).values("sum")
    tax = Subquery(sums, output_field=DecimalField(max_digits=14, decimal_places=2))
    return rows.select_related("open_item__customer").annotate(tax=tax, document_id=F("open_item__invoice"))
