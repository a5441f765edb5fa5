"""Zahlungen: what arrived, what was booked, and what it settled (M25)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenkontor.invoicing.queries import with_document
from kundenkontor.payments.models import Payment
from kundenkontor.payments.queries import Settled, list_payments, settled_by
from kundenkontor.payments.words import METHODS
from kundenkontor.receivables.models import CustomerTotals
from kundenkontor.receivables.queries import list_balances
from kundenkontor.web.components import Badge
from kundenkontor.web.gate.policy import customer_permission
from kundenkontor.web.gate.requests import PortalRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.paging import KeysetPage
from kundenkontor.web.statuses import payment_badge

BALANCES = 20
SORTS = {"date": Sort(gettext_lazy("Date"), ("id",))}
FILTERS = (
    Filter("since", gettext_lazy("From"), lambda rows, day: rows.filter(received_on__gte=day), kind="day"),
    Filter("until", gettext_lazy("Until"), lambda rows, day: rows.filter(received_on__lte=day), kind="day"),
    Filter("reference", gettext_lazy("Reference"), lambda rows, words: rows.filter(reference__icontains=words)),
)


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment with the documents it settled."""

    payment: Payment
    badge: Badge
    way: str
    settled: list[Settled]


@customer_permission("payments.read")
@require_safe
def payments(request: PortalRequest) -> HttpResponseBase:
    customer = request.customer
    listing = Listing(request.GET, filters=FILTERS, sorts=SORTS, default_sort="-date")
    found = listing.apply(list_payments(customer.pk)).select_related("booking", "reversal")
    page = KeysetPage(found, order=listing.order, after=listing.after, before=listing.before)
    context = {
        "listing": listing,
        "page": page,
        "rows": payment_rows(page.rows),
        "totals": CustomerTotals.objects.filter(customer=customer).first() or CustomerTotals(),
        "balances": list(with_document(list_balances(customer.pk))[:BALANCES]),
    }
    return render(request, "portal/payments/payments.html", context)


def payment_rows(payments: list[Any]) -> list[PaymentRow]:
    """Rows with what each payment settled: one more query for the page."""
    settled = settled_by(payment.pk for payment in payments)
    return [
        PaymentRow(one, payment_badge(one.state), str(METHODS[one.method]), settled.get(one.pk, [])) for one in payments
    ]
