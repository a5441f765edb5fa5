"""Rechnungen: all issued documents, found by status, period, type and words; newest first (M11 to M18)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.queries import IS_CREDIT_NOTE, filter_status
from kundenkontor.invoicing.search import search_ids
from kundenkontor.invoicing.words import STATUSES, TYPES
from kundenkontor.parties.models import Customer
from kundenkontor.portal.rows import COLUMNS, invoice_rows, listed
from kundenkontor.receivables.claims import IS_OWED
from kundenkontor.receivables.models import CustomerTotals, OpenItem
from kundenkontor.web.gate.policy import customer_permission
from kundenkontor.web.gate.requests import PortalRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import list_context

# Ids grow with the issue date of a customer's documents: the newest first walks the index (customer, id) backwards.
SORTS = {"date": Sort(gettext_lazy("Date"), ("id",)), "amount": Sort(gettext_lazy("Amount"), ("listed_amount", "id"))}
SHOWN = ("number", "type_code", "sign", "issue_date", "due_date", "amount_due", "currency")  # what a row needs


def _by_type(invoices: QuerySet[Invoice], type_: str) -> QuerySet[Invoice]:
    return invoices.filter(IS_CREDIT_NOTE if type_ == "credit_note" else ~IS_CREDIT_NOTE)


def filters_of(customer: Customer, today: date) -> tuple[Filter, ...]:
    """The filters of the list, which a download of the list uses too."""

    def by_status(invoices: QuerySet[Invoice], status: str) -> QuerySet[Invoice]:
        return filter_status(invoices, status, on=today)

    def by_words(invoices: QuerySet[Invoice], words: str) -> QuerySet[Invoice]:
        found = search_ids(customer.pk, words)
        return invoices if found is None else invoices.filter(pk__in=found)

    return (
        Filter("q", gettext_lazy("Number, domain, word"), by_words, kind="search"),
        Filter("status", gettext_lazy("Status"), by_status, kind="choice", choices=STATUSES),
        Filter("since", gettext_lazy("From"), lambda rows, day: rows.filter(issue_date__gte=day), kind="day"),
        Filter("until", gettext_lazy("Until"), lambda rows, day: rows.filter(issue_date__lte=day), kind="day"),
        Filter("type", gettext_lazy("Type"), _by_type, kind="choice", choices=TYPES),
    )


def listing_of(request: PortalRequest) -> Listing:
    return Listing(request.GET, filters=filters_of(request.customer, request.today), sorts=SORTS, default_sort="-date")


@customer_permission("invoices.read")
@require_safe
def invoices(request: PortalRequest) -> HttpResponseBase:
    customer, listing = request.customer, listing_of(request)
    found = listing.apply(listed(Invoice.objects.filter(customer=customer).only(*SHOWN), on=request.today))
    totals = CustomerTotals.objects.filter(customer=customer).first() or CustomerTotals()
    context: dict[str, Any] = {
        "totals": totals,
        "paid": totals.invoiced_amount - totals.open_amount + totals.balance_amount,
        "overdue_since": _overdue_since(customer, request.today) if totals.open_amount else None,
        "query": listing.url().removeprefix("?"),
        "actions": [
            ("pdf", _("PDF as ZIP"), "download"),
            ("xml", _("XML as ZIP"), "download"),
            ("pdf+xml", _("Both as ZIP"), "download"),
        ],
    }
    shown = list_context(listing, found, COLUMNS, lambda page: invoice_rows(page, customer.pk))
    return render(request, "portal/invoices/invoices.html", shown | context)


def _overdue_since(customer: Customer, today: date) -> date | None:
    """The day after the oldest due date: one row of the index of open items, however many there are."""
    late = OpenItem.objects.filter(IS_OWED, customer=customer, open_amount__gt=0, due_date__lt=today)
    due = late.order_by("due_date").values_list("due_date", flat=True).first()
    return due + timedelta(days=1) if due else None
