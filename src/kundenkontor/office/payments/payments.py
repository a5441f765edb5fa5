"""Payments by hand: list, one with its allocation, detail, booking."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kundenkontor.invoicing.books.parts import period_of
from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.errors import DomainError
from kundenkontor.kernel.formats import format_date, format_decimal, format_money
from kundenkontor.kernel.money import CENT, ZERO
from kundenkontor.ledger.models import JournalEntry
from kundenkontor.office.desk.choices import customer_search, pick_customer, seller_filters
from kundenkontor.office.desk.periods import period_name
from kundenkontor.office.desk.submits import submit_once
from kundenkontor.parties.facts import tax_facts
from kundenkontor.parties.models import Customer
from kundenkontor.payments.allocating import Allocations, allocate
from kundenkontor.payments.commands import IncomingPayment, book_payments, receive_payments
from kundenkontor.payments.errors import ItemNotFound, PaymentOdd, ReceiptUnusual
from kundenkontor.payments.models import Allocation, Payment
from kundenkontor.payments.oddities import find_oddities
from kundenkontor.payments.proposals import Proposal, left_over, propose
from kundenkontor.payments.queries import balance_item_ids, is_unusual_day, with_state
from kundenkontor.payments.words import METHODS, STATES
from kundenkontor.receivables.models import OpenItem
from kundenkontor.receivables.queries import items_written_off, list_open_receivables
from kundenkontor.web.components import Fact, Link
from kundenkontor.web.forms import DayField, MoneyField, TextField, add_refusal, reader_language, whole_number
from kundenkontor.web.gate.once import once
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Action, Column, ListPage, render_list
from kundenkontor.web.statuses import payment_badge

SHOWN_ITEMS = 100
SORTS = {
    "new": Sort(gettext_lazy("Recorded"), ("id",)),
    "date": Sort(gettext_lazy("Received"), ("received_on", "id")),
    "amount": Sort(gettext_lazy("Amount"), ("amount", "id")),
}


def payment_url(payment: Payment) -> str:
    return reverse("office:payment", args=[payment.pk])


COLUMNS = [
    Column(
        gettext_lazy("Customer"),
        lambda row: row.customer.name,
        url=payment_url,
        sub=lambda row: row.customer.number,
    ),
    Column(gettext_lazy("Received"), lambda row: row.received_on, "day", sort="date"),
    Column(gettext_lazy("Way"), lambda row: str(METHODS[row.method])),
    Column(gettext_lazy("Reference"), lambda row: row.reference),
    Column(gettext_lazy("State"), lambda row: [payment_badge(row.state)], "badges"),
    Column(gettext_lazy("Amount"), lambda row: row.amount, "money", sort="amount"),
]


@require_safe
@staff_permission("payments.read")
def payments(request: StaffRequest) -> HttpResponseBase:
    """Every payment, the newest first."""
    filters = [
        Filter("q", gettext_lazy("Customer"), customer_search(), "search"),
        Filter("state", gettext_lazy("State"), lambda rows, v: rows.filter(state=v), "choice", STATES),
        Filter("since", gettext_lazy("Received from"), lambda rows, v: rows.filter(received_on__gte=v), "day"),
        Filter("until", gettext_lazy("Received to"), lambda rows, v: rows.filter(received_on__lte=v), "day"),
        *seller_filters(),
    ]
    listing = Listing(request.GET, filters=filters, sorts=SORTS, default_sort="-new")
    about = ListPage(
        _("Payments"),
        _("Money that was received and booked by hand. An invoice is paid once its payment is booked."),
        _("No payment yet."),
        "zahlungen.csv",
        action=Action(_("Record a payment"), reverse("office:payment-new"), "payments.write"),
        tabs=tabs("payments"),
    )
    return render_list(request, about, listing, with_state(Payment.objects.select_related("customer")), COLUMNS)


def tabs(current: str) -> list[Link]:
    """Payments, many at once, and what is open."""
    return [
        Link(_("Payments"), reverse("office:payments"), current == "payments"),
        Link(_("Record many"), reverse("office:payments-many"), current == "many"),
        Link(_("Open items"), reverse("office:open-items"), current == "open-items"),
    ]


def ask_about_day(form: forms.Form, customer: Customer | None, day: date | None, today: date) -> bool:
    """Whether a day is unusual for the customer; then the form wants a tick."""
    is_unusual = bool(customer and day and is_unusual_day(customer.pk, day, today))
    if is_unusual and not form.cleaned_data.get("is_confirmed"):
        form.add_error("is_confirmed", str(ReceiptUnusual(customer=str(customer))))
    return is_unusual


class PaymentForm(forms.Form):
    """A payment and, per open item, how much of it it settles; all empty: by reference, then by age."""

    amount = MoneyField(label=gettext_lazy("Amount received"), minimum=CENT)
    received_on = DayField(
        label=gettext_lazy("Booked by the bank on"),
        help_text=gettext_lazy("The day on which the bank booked the credit, not the value date. VAT follows it."),
    )
    succeeded_on = DayField(
        label=gettext_lazy("Taken by the provider on"),
        required=False,
        help_text=gettext_lazy("Cards and providers only: the day on which the customer’s payment succeeded there."),
    )
    method = forms.ChoiceField(label=gettext_lazy("Way"), choices=METHODS)
    reference = TextField(
        label=gettext_lazy("Reference"),
        max_length=140,
        required=False,
        help_text=gettext_lazy("As it stands on the bank statement; document numbers in it are settled first."),
    )
    payer = TextField(label=gettext_lazy("Paid by"), max_length=140, required=False)
    is_waiting = forms.BooleanField(
        label=gettext_lazy("Only note as received, book later"),
        required=False,
        help_text=gettext_lazy("The invoice stays open until the payment is booked."),
    )
    is_confirmed = forms.BooleanField(label=gettext_lazy("The day is right"), required=False)
    is_meant = forms.BooleanField(label=gettext_lazy("It is right; book it all the same"), required=False)

    def __init__(self, *args: Any, items: list[OpenItem], customer: Customer, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items, self.customer, self.today = items, customer, today
        self.asks = False
        for item in items:
            label = _("Settles of {number}").format(number=item.number)
            self.fields[f"item_{item.pk}"] = MoneyField(label=label, required=False, minimum=ZERO)
            self.fields[f"item_{item.pk}"].widget.attrs["class"] = "form-control kk-amount"

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        day = values.get("succeeded_on") or values.get("received_on")
        self.asks = ask_about_day(self, self.customer, day, self.today)
        return values

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """All but the items; the questions only where they are asked."""
        asked = {"is_confirmed": self.asks, "is_meant": self.is_odd}
        return [self[name] for name in self.base_fields if asked.get(name, True)]

    @property
    def is_odd(self) -> bool:
        """Whether the page asks about the payment, or was answered."""
        return self.is_bound and ("is_meant" in self.errors or bool(self.cleaned_data.get("is_meant")))

    def refuse_odd(self) -> None:
        """Raises PaymentOdd, unless somebody has said that it is right."""
        values = self.cleaned_data
        said = self.customer, values["amount"], values["reference"]
        if not values["is_meant"] and (odd := find_oddities(*said, self._proposal())):
            raise PaymentOdd(odd)

    def _proposal(self) -> Proposal:
        """What booking would settle: what was typed, or what it would choose by itself."""
        values, chosen = self.cleaned_data, self.chosen
        if chosen is None:
            return propose([(self.customer, values["amount"], values["reference"])])[0]
        numbers = {item.pk: item.number for item in self.items}
        return Proposal([(numbers[pk], part) for pk, part in chosen], left_over(values["amount"], chosen))

    @property
    def chosen(self) -> Allocations | None:
        """What was typed per item, or None where nothing was; nought is typed, too."""
        values = [(item.pk, self.cleaned_data.get(f"item_{item.pk}")) for item in self.items]
        typed = [(pk, value) for pk, value in values if value is not None]
        return [(pk, value) for pk, value in typed if value] if typed else None


def _asked_customer(request: StaffRequest) -> tuple[Customer | None, Invoice | None]:
    """For whom: the customer named, or that of the invoice named."""
    if invoice_id := whole_number(request.GET.get("invoice", "")):
        invoice = get_object_or_404(Invoice.objects.select_related("customer", "open_item"), pk=invoice_id)
        return invoice.customer, invoice
    if customer_id := whole_number(request.GET.get("customer", "")):
        return get_object_or_404(Customer, pk=customer_id), None
    return None, None


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("payments.write")
def new(request: StaffRequest) -> HttpResponseBase:
    """Record a payment of one customer: "suggest" fills in what it settles, "book" books it."""
    customer, invoice = _asked_customer(request)
    if customer is None:
        return _pick(request)
    items = list(list_open_receivables(customer.pk)[:SHOWN_ITEMS])
    about: dict[str, Any] = {"items": items, "customer": customer, "today": request.today}
    form = PaymentForm(request.POST if request.method == "POST" else None, **about, initial=_initial(request, invoice))
    if request.method == "POST" and form.is_valid():
        if request.POST.get("step") == "suggest":
            form = _suggested(request, form)
        else:
            try:
                with once(request) as answer:
                    form.refuse_odd()
                    answer.location = payment_url(_record(request, customer, form))
                    is_booked = not form.cleaned_data["is_waiting"]
                    messages.success(request, _("The payment is booked.") if is_booked else _("The payment is noted."))
                return redirect(answer.location)
            except DomainError as refusal:
                add_refusal(form, refusal)
    context = {
        "customer": customer,
        "form": form,
        "plain_fields": form.plain_fields,
        "rows": [(item, form[f"item_{item.pk}"]) for item in items],
        "facts": _rest_facts(form),
        "crumbs": [Link(_("Payments"), reverse("office:payments")), Link(customer.name)],
    }
    return render(request, "office/payments/new.html", context, status=422 if form.errors else 200)


def _initial(request: StaffRequest, invoice: Invoice | None) -> dict[str, Any]:
    initial: dict[str, Any] = {"received_on": request.today, "method": "transfer"}
    if invoice is not None:
        initial |= {"amount": invoice.open_item.open_amount, "reference": invoice.number}
        initial[f"item_{invoice.open_item.pk}"] = invoice.open_item.open_amount
    return initial


def _record(request: StaffRequest, customer: Customer, form: PaymentForm) -> Payment:
    """Raises ItemNotFound where something was typed for an item that is no longer open."""
    values = form.cleaned_data
    typed = {name for name, text in request.POST.items() if name.startswith("item_") and str(text).strip()}
    if typed - set(form.fields):
        raise ItemNotFound()
    incoming = IncomingPayment(
        customer,
        values["amount"],
        values["received_on"],
        method=values["method"],
        reference=values["reference"],
        payer=values["payer"],
        allocations=form.chosen,
        is_waiting=values["is_waiting"],
        succeeded_on=values["succeeded_on"],
        is_confirmed=values["is_confirmed"],
    )
    return receive_payments([incoming], on=request.today, actor=request.actor)[0]


def _suggested(request: StaffRequest, form: PaymentForm) -> PaymentForm:
    """The same form with the allocation that booking would choose by itself."""
    values, data = form.cleaned_data, request.POST.copy()
    parts = dict(allocate(values["amount"], values["reference"], form.items))
    for item in form.items:
        part = parts.get(item.pk)
        data[f"item_{item.pk}"] = format_decimal(part, reader_language()) if part else ""
    filled = PaymentForm(data, items=form.items, customer=form.customer, today=form.today)
    filled.is_valid()
    return filled


def _rest_facts(form: PaymentForm) -> list[Fact]:
    """What is left over of a payment as it is typed now."""
    if not form.is_bound or form.errors or form.chosen is None:
        return []
    amount, language = form.cleaned_data["amount"], reader_language()
    rest = left_over(amount, form.chosen)
    note = _("Stays as a balance, to offset or to refund.") if rest > 0 else ""
    return [
        Fact(_("Settles"), format_money(amount - rest, "EUR", language)),
        Fact(_("Left over"), format_money(rest, "EUR", language), note=note),
    ]


def _pick(request: StaffRequest) -> HttpResponseBase:
    text = request.GET.get("q", "")
    context = {
        "text": text,
        "customers": pick_customer(text),
        "title": _("Record a payment"),
        "lead": _("From which customer?"),
        "button": _("Choose"),
        "link": reverse("office:payment-new"),
        "crumbs": [Link(_("Payments"), reverse("office:payments")), Link(_("Record a payment"))],
    }
    return render(request, "office/desk/pick_customer.html", context)


@require_safe
@staff_permission("payments.read")
def payment(request: StaffRequest, payment_id: int) -> HttpResponseBase:
    """One payment: state, what it settles, what was undone."""
    queryset = with_state(Payment.objects.select_related("customer", "booking__entry", "reversal"))
    found = get_object_or_404(queryset, pk=payment_id)
    allocations = Allocation.objects.filter(payment=found).select_related("open_item").order_by("pk")
    allocations = allocations.annotate(document_id=F("open_item__invoice"))
    undone = {row.reverses_id for row in allocations}
    state = str(getattr(found, "state", ""))
    context = {
        "payment": found,
        "state": state,
        "badge": payment_badge(state),
        "facts": _facts(found, state),
        "lost": _lost_documents(found),
        "allocations": [(row, row.reverses_id is None and row.pk not in undone) for row in allocations],
        "crumbs": [Link(_("Payments"), reverse("office:payments")), Link(found.customer.name)],
    }
    return render(request, "office/payments/detail.html", context)


def _lost_documents(found: Payment) -> QuerySet[Invoice]:
    """Written off, and perhaps what a payment is for that left something over."""
    left = OpenItem.objects.filter(pk__in=balance_item_ids(found), open_amount__gt=0)
    lost = Invoice.objects.filter(customer_id=found.customer_id, open_item__in=items_written_off())
    return lost.order_by("pk") if left.exists() else Invoice.objects.none()


def _facts(found: Payment, state: str) -> list[Fact]:
    language = reader_language()
    facts = [
        Fact(_("Customer"), str(found.customer), reverse("office:customer", args=[found.customer_id])),
        Fact(_("Amount"), format_money(found.amount, found.currency, language)),
        Fact(_("Booked by the bank on"), format_date(found.received_on, language)),
        Fact(_("Way"), str(METHODS[found.method])),
        Fact(_("Reference"), found.reference or "–"),
        Fact(_("Recorded by"), found.recorded_by),
    ]
    if found.succeeded_on:
        facts.append(Fact(_("Taken by the provider on"), format_date(found.succeeded_on, language)))
    if hasattr(found, "booking"):
        facts += [Fact(_("Booked on"), format_date(found.booking.booked_on, language)), *_days(found.booking.entry)]
    if state == "reversed":
        reversal = found.reversal
        day = format_date(reversal.reversed_on, language)
        facts.append(Fact(_("Reversed on"), day, note=f"{reversal.reason} ({reversal.reversed_by})"))
        left = format_date(reversal.returned_on, language) if reversal.returned_on else _("never arrived")
        facts.append(Fact(_("Returned on"), left))
    return facts


def _days(entry: JournalEntry) -> list[Fact]:
    """For VAT, and where that month was declared already, in the books."""
    language = reader_language()
    found = [Fact(_("Counts for VAT on"), format_date(entry.tax_day, language))]
    if entry.entry_date != entry.tax_day:
        period = period_of(entry.tax_day, tax_facts(entry.seller_id))
        note = _("Corrects the return of {month}.").format(month=period_name(*period))
        found.append(Fact(_("Posted on"), format_date(entry.entry_date, language), note=note))
    return found


@require_POST
@staff_permission("payments.write")
def book(request: StaffRequest, payment_id: int) -> HttpResponseBase:
    """Book a payment that was only noted as received."""
    found = get_object_or_404(Payment, pk=payment_id)

    def act() -> str:
        book_payments([found], on=request.today, actor=request.actor)
        return _("The payment is booked.")

    return submit_once(request, payment_url(found), act)
