"""Everything about one customer, on tabs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Max, Model, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kundenkontor.access.links import VALID_FOR
from kundenkontor.access.models import Membership
from kundenkontor.billing.models import ISSUING, OneOffItem, ParkedCustomer
from kundenkontor.contracts.models import Contract
from kundenkontor.delivery.models import Delivery
from kundenkontor.events.models import Event
from kundenkontor.events.names import event_words
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.queries import with_document
from kundenkontor.kernel.formats import format_date, format_money
from kundenkontor.kernel.money import ZERO
from kundenkontor.kernel.vat_ids import normal_vat_id
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.office.billing.parked import ParkedRow, row_of
from kundenkontor.office.customers.customers import kind_badge, vat_id_badge
from kundenkontor.office.desk.papers import paper_url
from kundenkontor.office.desk.statuses import (
    count_documents,
    delivery_badge,
    login_badge,
    mail_badge,
    open_item_badge,
    with_states,
)
from kundenkontor.office.desk.vies import note_on
from kundenkontor.parties.models import Customer, CustomerDataRequest
from kundenkontor.parties.words import LANGUAGES
from kundenkontor.payments.models import Payment
from kundenkontor.payments.queries import with_state
from kundenkontor.receivables.models import OpenItem
from kundenkontor.receivables.queries import list_open_receivables
from kundenkontor.taxes.models import VatIdCheck, VatIdQuestion
from kundenkontor.taxes.words import CHECK_OUTCOMES
from kundenkontor.web.components import Badge, Fact, Link, Tile, Tone
from kundenkontor.web.forms import reader_language
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.paging import KeysetPage
from kundenkontor.web.statuses import badge, document_badges, payment_badge

SHOWN = 50
M = TypeVar("M", bound=Model)


@require_safe
@staff_permission("customers.read")
def customer(request: StaffRequest, customer_id: int, tab: str = "overview") -> HttpResponse:
    """One customer: what is known, what runs, what was billed, paid, sent and changed."""
    found = get_object_or_404(Customer.objects.select_related("seller", "totals"), pk=customer_id)
    if tab not in TABS or TABS[tab][1] not in request.permissions:
        raise Http404
    context = {
        "customer_row": found,
        "kind": kind_badge(found),
        "tab": tab,
        "tabs": _tabs(request, found, tab),
        "crumbs": [Link(_("Customers"), reverse("office:customers")), Link(str(found))],
        **TABS[tab][2](request, found),
    }
    return render(request, f"office/customers/{tab}.html", context)


def _tabs(request: StaffRequest, found: Customer, current: str) -> list[Link]:
    labels = {
        "overview": _("Overview"),
        "contracts": _("Contracts"),
        "documents": _("Documents"),
        "payments": _("Payments"),
        "mails": _("Mails"),
        "events": _("Events"),
    }
    return [
        Link(labels[name], customer_url(found.pk, name), name == current)
        for name, (_counts, permission, _load) in TABS.items()
        if permission in request.permissions
    ]


def customer_url(customer_id: int, tab: str = "overview") -> str:
    """The page of a customer."""
    if tab == "overview":
        return reverse("office:customer", args=[customer_id])
    return reverse("office:customer-tab", args=[customer_id, tab])


def _overview(request: StaffRequest, found: Customer) -> dict[str, Any]:
    checks = VatIdCheck.objects.filter(customer=found).order_by("-id")[:5]
    memberships = Membership.objects.filter(customer=found).select_related("user").order_by("id")
    return {
        "link_days": VALID_FOR.days,
        "tiles": _tiles(found),
        "facts": _facts(found),
        "billing_facts": _billing_facts(found),
        "vat_id_state": vat_id_badge(found),
        "contacts": found.contacts.order_by("group", "id"),
        "memberships": [(row, login_badge(row.user)) for row in memberships],
        "wish": CustomerDataRequest.objects.filter(customer=found, decided_at=None).first(),
        "parked": _parked(found),
        "one_offs": OneOffItem.objects.filter(customer=found, discarded_at=None, charges=None).order_by("id"),
        "question": _question(found),
        "checks": [(row, vat_id_check_badge(row)) for row in checks],
    }


CHECK_TONES: dict[str, Tone] = {"valid": "good", "invalid": "bad", "unavailable": "neutral"}


def vat_id_check_badge(check: VatIdCheck) -> Badge:
    """What came of a check of the VAT id."""
    return badge(check.outcome, CHECK_OUTCOMES, CHECK_TONES)


def _question(found: Customer) -> str:
    """What became of asking VIES about the VAT id that the customer has; "" where nobody asked or it answered."""
    rows = VatIdQuestion.objects.filter(customer=found, vat_id=normal_vat_id(found.vat_id)).exclude(state="done")
    question = rows.first() if found.vat_id_state == "unchecked" else None
    given_up = _("VIES gave no answer for three days. Please ask again, or confirm the VAT id with evidence.")
    return note_on(question, given_up)


def _parked(found: Customer) -> list[ParkedRow]:
    """Why the customer was put aside, as far as the last run that did so says."""
    rows = ParkedCustomer.objects.filter(customer=found)
    last = rows.aggregate(last=Max("run_id"))["last"]
    states = ["previewed", *ISSUING, "finished"]
    rows = rows.filter(run_id=last, run__state__in=states, is_released=False).select_related("customer", "run")
    return [row_of(one) for one in rows]


def _tiles(found: Customer) -> list[Tile]:
    language, totals = reader_language(), getattr(found, "totals", None)
    overdue = list_open_receivables(found.pk).first()
    next_due = _("next due on {day}").format(day=format_date(overdue.due_date, language)) if overdue else ""

    def amount(name: str) -> str:
        return format_money(getattr(totals, name, ZERO), "EUR", language)

    documents = totals.documents if totals else 0
    contracts = Contract.objects.filter(customer=found).count()
    return [
        Tile(_("Open"), amount("open_amount"), note=next_due, url=customer_url(found.pk, "payments"), lead=True),
        Tile(_("Balance of the customer"), amount("balance_amount")),
        Tile(_("Invoiced in all"), amount("invoiced_amount"), url=customer_url(found.pk, "documents"),
             note=count_documents(documents)),
        Tile(_("Contracts"), contracts, url=customer_url(found.pk, "contracts")),
    ]  # fmt: skip


def _facts(found: Customer) -> list[Fact]:
    person = f"{found.first_name} {found.last_name}".strip()
    facts = [
        Fact(_("Customer number"), found.number, note=found.seller.name),
        Fact(_("Name"), found.name, note=person if found.company else ""),
        Fact(_("Address"), address(found.street, found.postal_code, found.city, found.country)),
        Fact(_("E-mail"), found.email or "–"),
        Fact(_("Phone"), found.phone or "–"),
        Fact(_("Language"), LANGUAGES[found.language]),
    ]
    if found.has_invoice_address:
        name = ", ".join(part for part in (found.invoice_name, found.invoice_care_of, found.invoice_department) if part)
        place = address(found.invoice_street, found.invoice_postal_code, found.invoice_city, found.invoice_country)
        facts.append(Fact(_("Invoices go to"), place, note=name))
    return facts


def address(street: str, postal_code: str, city: str, country: str) -> str:
    """An address in one line."""
    return ", ".join(part for part in (street, f"{postal_code} {city}".strip(), country) if part)


def _billing_facts(found: Customer) -> list[Fact]:
    terms = found.payment_terms_days
    days = found.seller.payment_terms_days if terms is None else terms
    vat_id = _("No VAT id given") if found.vat_id_waived else "–"
    return [
        *([] if found.vat_id else [Fact(_("VAT id"), vat_id)]),
        Fact(_("Invoices"), _("One collective invoice per month") if found.is_collective else _("One per contract")),
        Fact(_("Payment term"), _("{days} days").format(days=days), note="" if terms else _("as the seller has it")),
        Fact(_("Order number (BT-13)"), found.order_number or "–"),
        Fact(_("Buyer reference (BT-10)"), found.buyer_reference or "–"),
        Fact(_("Cost centre (BT-19)"), found.cost_centre or "–"),
    ]


def _contracts(request: StaffRequest, found: Customer) -> dict[str, Any]:
    rows = Contract.objects.filter(customer=found).select_related("product")
    page = _newest_first(request, rows)
    return {"page": page, "today": request.today}


def _documents(request: StaffRequest, found: Customer) -> dict[str, Any]:
    page = _newest_first(request, with_states(Invoice.objects.filter(customer=found), request.today))
    return {"page": page, "rows": [(row, document_badges(row)) for row in page.rows]}


def _payments(request: StaffRequest, found: Customer) -> dict[str, Any]:
    items = with_document(OpenItem.objects.filter(customer=found, open_amount__gt=0)).order_by("due_date", "id")
    payments: QuerySet[Any] = with_state(Payment.objects.filter(customer=found))
    page = _newest_first(request, payments)
    rows = [(row, payment_badge(row.state)) for row in page.rows]
    shown = [(item, open_item_badge(item, request.today)) for item in items[:SHOWN]]
    return {"page": page, "rows": rows, "items": shown}


def _mails(request: StaffRequest, found: Customer) -> dict[str, Any]:
    sent = OutgoingMail.objects.filter(customer_id=found.pk)
    page = _newest_first(request, sent)
    deliveries = Delivery.objects.filter(customer_id=found.pk).select_related("mail").order_by("-id")[:SHOWN]
    return {
        "page": page,
        "rows": [(row, mail_badge(row.state)) for row in page.rows],
        "deliveries": [
            (row, delivery_badge(row.state, row.mail.state if row.mail else ""), paper_url(row)) for row in deliveries
        ],
    }


def _events(request: StaffRequest, found: Customer) -> dict[str, Any]:
    return {"page": _newest_first(request, Event.objects.filter(customer_id=found.pk)), "event_words": event_words}


def _newest_first(request: StaffRequest, rows: QuerySet[M]) -> KeysetPage[M]:
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    return KeysetPage(rows, order=("-id",), after=after, before=before)


Load = Callable[[StaffRequest, Customer], dict[str, Any]]
# tab -> (whether it is paged, the permission it needs, what it shows)
TABS: dict[str, tuple[bool, str, Load]] = {
    "overview": (False, "customers.read", _overview),
    "contracts": (True, "contracts.read", _contracts),
    "documents": (True, "invoices.read", _documents),
    "payments": (True, "payments.read", _payments),
    "mails": (True, "outbox.read", _mails),
    "events": (True, "events.read", _events),
}
