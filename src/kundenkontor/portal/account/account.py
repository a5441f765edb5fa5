"""Mein Konto: who I am, what runs, what is owed, what it cost (S17)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Min, Q, Sum
from django.db.models.functions import TruncMonth
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from kundenkontor.contracts.periods import add_months
from kundenkontor.contracts.queries import running_services
from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.formats import format_date, format_decimal, format_money
from kundenkontor.kernel.money import ZERO
from kundenkontor.parties.models import Customer
from kundenkontor.portal.rows import COLUMNS, invoice_rows, listed
from kundenkontor.receivables.models import CustomerTotals
from kundenkontor.receivables.queries import list_open_receivables
from kundenkontor.web.components import Bar, Tile
from kundenkontor.web.forms import reader_language
from kundenkontor.web.gate.declared import access_of
from kundenkontor.web.gate.policy import customer_permission
from kundenkontor.web.gate.requests import PortalRequest
from kundenkontor.web.lists.tables import rows_of

LAST_DOCUMENTS = 5
MONTHS = 12


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """The start page; a login without any customer reads a sentence instead."""
    try:
        return account(request)
    except Http404:
        return render(request, "portal/account/no_customer.html")


@customer_permission("account.read")
@require_safe
def account(request: PortalRequest) -> HttpResponseBase:
    customer = request.customer
    totals = CustomerTotals.objects.filter(customer=customer).first() or CustomerTotals()
    last = listed(Invoice.objects.filter(customer=customer), on=request.today).order_by("-id")[:LAST_DOCUMENTS]
    rows = invoice_rows(list(last), customer.pk)
    context = {
        "own": customer,
        "tiles": [_invoices_tile(customer, totals, request.today), _services_tile(request), _tickets_tile(customer)],
        "totals": totals,
        "paid": totals.invoiced_amount - totals.open_amount + totals.balance_amount,
        "rows": rows,
        "columns": COLUMNS,
        "cells": rows_of(COLUMNS, rows),
        "bars": spending_by_month(customer.pk, request.today) if totals.documents else [],
    }
    return render(request, "portal/account/account.html", context)


home.access = access_of(account)  # type: ignore[attr-defined]


def _services_tile(request: PortalRequest) -> Tile:
    counts = running_services(request.customer.pk, request.today)
    if not counts.running:
        return Tile(_("Services"), _("No running services"), url=reverse("portal:services"), icon="package")
    domains = ngettext("%(n)s domain", "%(n)s domains", counts.domains) % {"n": counts.domains}
    packages = ngettext("%(n)s package", "%(n)s packages", counts.packages) % {"n": counts.packages}
    number = format_decimal(counts.running, reader_language(), places=0)
    value = ngettext("%(n)s running", "%(n)s running", counts.running) % {"n": number}
    return Tile(_("Services"), value, f"{domains}, {packages}", reverse("portal:services"), "package")


def _invoices_tile(customer: Customer, totals: CustomerTotals, today: date) -> Tile:
    """Open amount, overdue, count; the empty state in words (S18)."""
    url, label, language = reverse("portal:invoices"), _("Invoices"), reader_language()
    if not totals.documents:
        return Tile(label, _("No invoices yet"), url=url, icon="invoice", lead=True)
    count = ngettext("%(n)s document", "%(n)s documents", totals.documents) % {
        "n": format_decimal(totals.documents, language, places=0)
    }
    if not totals.open_amount:
        return Tile(label, _("Everything is paid"), count, url, "invoice", lead=True)
    value = _("%(amount)s open") % {"amount": format_money(totals.open_amount, "EUR", language)}
    return Tile(label, value, f"{_due_note(customer, today)}, {count}", f"{url}?status=open", "invoice", lead=True)


def _due_note(customer: Customer, today: date) -> str:
    late = Q(due_date__lt=today)
    items = list_open_receivables(customer.pk)
    sums = items.aggregate(amount=Sum("open_amount", filter=late), next=Min("due_date"))
    language = reader_language()
    if sums["amount"]:
        return _("of which %(amount)s overdue") % {"amount": format_money(sums["amount"], "EUR", language)}
    return _("next payment by %(date)s") % {"date": format_date(sums["next"], language)} if sums["next"] else ""


def _tickets_tile(customer: Customer) -> Tile:
    """Until there are tickets, whom to ask."""
    seller = customer.seller
    value = seller.support_contact or seller.email
    return Tile(_("Tickets"), _("We are here for you"), value, reverse("portal:tickets"), "ticket")


def spending_by_month(customer_id: int, today: date) -> list[Bar]:
    """What was invoiced less what was credited, for the last twelve months, oldest first."""
    first = add_months(today.replace(day=1), 1 - MONTHS)
    rows = (
        Invoice.objects.filter(customer_id=customer_id, issue_date__gte=first)
        .annotate(month=TruncMonth("issue_date"))
        .order_by()
        .values("month")
        .annotate(total=Sum(F("sign") * F("amount_due")))
    )
    totals: dict[date, Decimal] = {row["month"]: row["total"] for row in rows}
    months = [add_months(first, n) for n in range(MONTHS)]
    return [Bar(_month(month), totals.get(month, ZERO)) for month in months]


def _month(month: date) -> str:
    return date_format(month, "M y")


@customer_permission("account.read")
@require_safe
def tickets(request: PortalRequest) -> HttpResponseBase:
    """Whom to ask, until requests can be written here."""
    context: dict[str, Any] = {"contact": request.customer.seller}
    return render(request, "portal/account/tickets.html", context)
