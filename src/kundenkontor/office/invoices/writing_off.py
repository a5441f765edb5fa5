"""Writing off what cannot be collected, and taking it back; the sums are shown before they are booked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Sum
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.writing_off.commands import take_back_write_off, write_off_invoice
from kundenkontor.invoicing.writing_off.queries import expected_losses, left_of
from kundenkontor.kernel.formats import format_money, format_rate
from kundenkontor.kernel.money import CENT
from kundenkontor.office.desk.form_pages import FormPage, serve_form
from kundenkontor.office.invoices.invoices import crumbs_of, invoice_url
from kundenkontor.parties.facts import tax_facts
from kundenkontor.receivables.claims import CLAIMS
from kundenkontor.receivables.models import WriteOff
from kundenkontor.receivables.queries import list_balances
from kundenkontor.web.components import Fact
from kundenkontor.web.forms import DayField, MoneyField, TextField, reader_language
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest


class WriteOffForm(forms.Form):
    lost_on = DayField(
        label=gettext_lazy("Uncollectible since"),
        help_text=gettext_lazy(
            "The day on which it became clear, for example that of the insolvency: VAT is corrected in its month."
        ),
    )
    reason = TextField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("For your records and the events; it is not printed."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("payments.write_off")
def write_off(request: StaffRequest, invoice_id: int) -> HttpResponseBase:
    """Ausbuchen: all that is open of a document."""
    found = get_object_or_404(Invoice.objects.select_related("customer", "open_item"), pk=invoice_id)
    about = FormPage(
        _("Write off {number}").format(number=found.number),
        _("Write off what is open"),
        invoice_url(found),
        lead=_("Nothing more is expected and nobody is reminded. The claim itself stays: money may still arrive."),
        crumbs=crumbs_of(found, _("Write off")),
        facts=_losses(found, request.today),
        warning=_balance_of(found),
        done=_("The receivable is written off."),
    )

    def act(values: dict[str, Any]) -> str:
        write_off_invoice(
            found, reason=values["reason"], lost_on=values["lost_on"], on=request.today, actor=request.actor
        )
        return invoice_url(found)

    return serve_form(request, WriteOffForm(request.POST or None, initial={"lost_on": request.today}), about, act)


def _balance_of(found: Invoice) -> str:
    """What we owe the customer would settle it."""
    balance = list_balances(found.customer_id).aggregate(sum=Sum("open_amount"))["sum"]
    text = _("The customer has a balance of {amount}: offset it first.")
    return text.format(amount=format_money(balance, "EUR", reader_language())) if balance else ""


def _losses(found: Invoice, today: date) -> list[Fact]:
    """What is lost and which VAT is no longer due, before the button."""
    item, language = found.open_item, reader_language()
    facts = [
        Fact(_("Customer"), str(found.customer)),
        Fact(_("Still open"), format_money(item.open_amount, item.currency, language)),
    ]
    if CLAIMS[item.kind].sign < 0 or not item.open_amount:
        return facts
    is_cash = tax_facts(found.seller_id).has("cash_accounting", found.issue_date)
    for key, amount in expected_losses(found, item).items():
        if key.role == "bad_debt":
            facts.append(Fact(_("Loss, net"), format_money(amount, "EUR", language)))
        elif key.role == "vat_payable":
            label = _("VAT {rate} {country} of it").format(
                rate=format_rate(key.vat_rate, language), country=key.country
            )
            is_due = not (is_cash and key.country == found.seller.country)
            note = _("is corrected in the return") if is_due else _("was never due: it follows receipts")
            facts.append(Fact(label, format_money(amount, "EUR", language), note=note))
    return facts


class TakeBackForm(forms.Form):
    """What happened, because it decides in which month VAT changes."""

    what = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        choices=[
            ("arrived", gettext_lazy("Money arrived after all, or a correction follows: it is owed again")),
            ("mistake", gettext_lazy("It was written off by mistake")),
        ],
        widget=forms.RadioSelect,
        initial="arrived",
    )
    amount = MoneyField(label=gettext_lazy("Amount"), minimum=CENT)
    arrived_on = DayField(
        label=gettext_lazy("Arrived on"),
        required=False,
        help_text=gettext_lazy("The day on which the bank booked it: its VAT is due again. Empty: today."),
    )
    reason = TextField(label=gettext_lazy("Reason"), max_length=300)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("payments.write_off")
def take_back(request: StaffRequest, loss_id: int) -> HttpResponseBase:
    """What was written off is owed again, in part or whole; a payment is booked next."""
    loss = get_object_or_404(WriteOff, pk=loss_id, reverses=None)
    found = get_object_or_404(Invoice.objects.select_related("customer"), open_item=loss.open_item_id)
    left = left_of(loss)
    about = FormPage(
        _("Take back a write-off"),
        _("Take back"),
        invoice_url(found),
        lead=_("The amount is open again. Book the payment next."),
        crumbs=crumbs_of(found, _("Take back a write-off")),
        facts=[
            Fact(_("Customer"), str(found.customer)),
            Fact(_("Written off"), format_money(left, "EUR", reader_language())),
        ],
        done=_("It is owed again."),
    )

    def act(values: dict[str, Any]) -> str:
        has_arrived = values["what"] == "arrived"
        _take_back(request, loss, values, values["arrived_on"] or request.today if has_arrived else None)
        payment = f"{reverse('office:payment-new')}?invoice={found.pk}"
        return payment if has_arrived and "payments.write" in request.permissions else invoice_url(found)

    return serve_form(request, TakeBackForm(request.POST or None, initial={"amount": left}), about, act)


def _take_back(request: StaffRequest, loss: WriteOff, values: dict[str, Any], arrived_on: date | None) -> None:
    amount: Decimal = values["amount"]
    take_back_write_off(
        loss, amount, reason=values["reason"], arrived_on=arrived_on, on=request.today, actor=request.actor
    )
