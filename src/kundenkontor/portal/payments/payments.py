"""Zahlungen: what arrived, what was booked, and what it settled (M25)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenkontor.invoicing.queries import with_document
from kundenkontor.kernel.formats import format_date
from kundenkontor.payments.models import Payment
from kundenkontor.payments.queries import Settled, list_payments, settled_by
from kundenkontor.payments.words import METHODS
from kundenkontor.receivables.models import CustomerTotals
from kundenkontor.receivables.queries import list_balances
from kundenkontor.web.addresses import address_of
from kundenkontor.web.components import Badge, Links
from kundenkontor.web.forms import reader_language
from kundenkontor.web.gate.policy import customer_permission
from kundenkontor.web.gate.requests import PortalRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Column, list_context
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


def _settled(row: PaymentRow) -> Links:
    found = [(one.number, one.invoice_id) for one in row.settled]
    return Links([(number, address_of("portal:invoice", pk) if pk else "") for number, pk in found])


def _since(row: PaymentRow) -> str:
    """When it was booked, or why it was taken back."""
    payment, language = row.payment, reader_language()
    if reversal := getattr(payment, "reversal", None):
        return f"{format_date(reversal.reversed_on, language)}: {reversal.reason}"
    booking = getattr(payment, "booking", None)
    return format_date(booking.booked_on, language) if booking else ""


COLUMNS = [
    Column(gettext_lazy("Date"), lambda row: row.payment.received_on, "day", sort="date"),
    Column(gettext_lazy("Amount"), lambda row: row.payment.amount, "money"),
    Column(gettext_lazy("Way"), lambda row: row.way),
    Column(gettext_lazy("Reference"), lambda row: row.payment.reference),
    Column(gettext_lazy("Settled"), _settled, "links"),
    Column(gettext_lazy("Status"), lambda row: [row.badge], "badges", sub=_since),
]


@customer_permission("payments.read")
@require_safe
def payments(request: PortalRequest) -> HttpResponseBase:
    customer = request.customer
    listing = Listing(request.GET, filters=FILTERS, sorts=SORTS, default_sort="-date")
    found = listing.apply(list_payments(customer.pk)).select_related("booking", "reversal")
    context = {
        "totals": CustomerTotals.objects.filter(customer=customer).first() or CustomerTotals(),
        "balances": list(with_document(list_balances(customer.pk))[:BALANCES]),
    }
    shown = list_context(listing, found, COLUMNS, payment_rows)
    return render(request, "portal/payments/payments.html", shown | context)


def payment_rows(payments: list[Any]) -> list[PaymentRow]:
    """Rows with what each payment settled: one more query for the page."""
    settled = settled_by(payment.pk for payment in payments)
    return [
        PaymentRow(one, payment_badge(one.state), str(METHODS[one.method]), settled.get(one.pk, [])) for one in payments
    ]
