"""Making and changing contracts: data, price from a day on, end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from kundenkontor.contracts.billed import billed_of
from kundenkontor.contracts.commands import (
    change_contract,
    change_price,
    create_contract,
    end_contract,
    withdraw_price,
)
from kundenkontor.contracts.models import Contract, ContractPrice
from kundenkontor.contracts.periods import DAY
from kundenkontor.kernel.formats import format_date, format_money
from kundenkontor.kernel.money import ZERO
from kundenkontor.office.contracts.contracts import active_products
from kundenkontor.office.desk.choices import period_choices
from kundenkontor.office.desk.form_pages import FormPage, GroupedForm, crumbs_of, serve_form
from kundenkontor.office.desk.price_fields import PriceFields, price_of
from kundenkontor.office.desk.submits import submit_once
from kundenkontor.parties.models import Customer
from kundenkontor.web.components import Fact, Link
from kundenkontor.web.edits import EditForm
from kundenkontor.web.forms import DayField, MoneyField, TextField, reader_language
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest

HUNDRED = Decimal(100)


class ContractForm(GroupedForm, EditForm, PriceFields):
    groups = (
        (gettext_lazy("Service"), ("number", "product", "description", "identifier", "quantity")),
        (gettext_lazy("Term"), ("start_date", "period_months", "cut_over_date")),
        (gettext_lazy("Price"), ("amount", "price_kind", "set_up_fee", "discount_percent", "discount_until")),
        (gettext_lazy("References"), ("order_number", "buyer_reference", "cost_centre")),
    )
    number = TextField(label=gettext_lazy("Contract number"), max_length=30)
    product = forms.ChoiceField(label=gettext_lazy("Product"))
    description = TextField(label=gettext_lazy("Description on the invoice"), max_length=500, required=False)
    identifier = TextField(
        label=gettext_lazy("Identifier"),
        max_length=253,
        required=False,
        help_text=gettext_lazy("For example the domain."),
    )
    quantity = MoneyField(label=gettext_lazy("Quantity"), places=4, minimum=Decimal("0.0001"), currency="")
    start_date = DayField(label=gettext_lazy("Start"))
    period_months = forms.TypedChoiceField(label=gettext_lazy("Period"), coerce=int)
    cut_over_date = DayField(
        label=gettext_lazy("Cut-over date"),
        required=False,
        help_text=gettext_lazy("Periods that begin before it were billed elsewhere."),
    )
    set_up_fee = MoneyField(
        label=gettext_lazy("Set-up fee"),
        minimum=ZERO,
        required=False,
        help_text=gettext_lazy("Always net, VAT is added."),
    )
    discount_percent = MoneyField(label=gettext_lazy("Discount"), minimum=ZERO, currency="%", required=False)
    discount_until = DayField(
        label=gettext_lazy("Discount until"),
        required=False,
        help_text=gettext_lazy("Counts for periods that begin until then. Empty: without end."),
    )
    order_number = TextField(label=gettext_lazy("Order number (BT-13)"), max_length=100, required=False)
    buyer_reference = TextField(label=gettext_lazy("Buyer reference (BT-10)"), max_length=100, required=False)
    cost_centre = TextField(label=gettext_lazy("Cost centre (BT-133)"), max_length=100, required=False)

    def __init__(self, *args: Any, seller_id: int, contract: Contract | None = None, **kwargs: Any) -> None:
        super().__init__(*args, is_new=contract is None, **kwargs)
        product, period = self.fields["product"], self.fields["period_months"]
        assert isinstance(product, forms.ChoiceField) and isinstance(period, forms.ChoiceField)
        product.choices, period.choices = active_products(seller_id), period_choices()
        if contract is not None:
            known = [value for value, _label in product.choices]
            if str(contract.product_id) not in known:
                product.choices = [*product.choices, (str(contract.product_id), contract.product.name)]
            for name in ("number", "amount", "price_kind"):
                del self.fields[name]

    def clean_discount_percent(self) -> Decimal:
        value: Decimal = self.cleaned_data["discount_percent"] or ZERO
        if value > HUNDRED:
            raise forms.ValidationError(_("A discount is at most 100 percent."))
        return value

    def clean_set_up_fee(self) -> Decimal:
        return self.cleaned_data["set_up_fee"] or ZERO


def values_of(data: dict[str, Any]) -> dict[str, Any]:
    """The form's values as columns."""
    values = {name: value for name, value in data.items() if name not in ("number", "amount", "price_kind", "product")}
    return values | {"product_id": int(data["product"])}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("contracts.write")
def contract_new(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Make a contract of a customer."""
    customer = get_object_or_404(Customer, pk=customer_id)
    initial = {"quantity": Decimal(1), "period_months": 12, "start_date": request.today, "price_kind": "net"}
    form = ContractForm(request.POST or None, seller_id=customer.seller_id, initial=initial)
    title = _("New contract")
    about = FormPage(
        title,
        _("Create contract"),
        reverse("office:customer-tab", args=[customer.pk, "contracts"]),
        lead=_("For {customer}").format(customer=customer),
        crumbs=crumbs_of(customer, title),
        done=_("The contract is created. The next billing run bills it."),
    )

    def act(data: dict[str, Any]) -> str:
        made = create_contract(
            customer, data["number"], values_of(data), price_of(data), on=request.today, actor=request.actor
        )
        return reverse("office:contract", args=[made.pk])

    return serve_form(request, form, about, act)


def find_contract(contract_id: int) -> Contract:
    return get_object_or_404(Contract.objects.select_related("customer", "product"), pk=contract_id)


def page_of(contract: Contract, title: str, button: str, **more: Any) -> FormPage:
    """A form page below a contract."""
    url = reverse("office:contract", args=[contract.pk])
    crumbs = [Link(_("Contracts"), reverse("office:contracts")), Link(contract.number, url), Link(title)]
    return FormPage(title, button, url, crumbs=crumbs, lead=more.pop("lead", contract.identifier), **more)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("contracts.write")
def contract_edit(request: StaffRequest, contract_id: int) -> HttpResponse:
    """Change a contract; what billed periods rest on is refused with the reason."""
    contract = find_contract(contract_id)
    names = [name for name in ContractForm.base_fields if name not in ("number", "amount", "price_kind", "product")]
    initial = {name: getattr(contract, name) for name in names} | {"product": str(contract.product_id)}
    form = ContractForm(request.POST or None, seller_id=contract.seller_id, contract=contract, initial=initial)
    until = billed_of(contract.pk).until
    warning = ""
    if until:
        text = _("Billed until {day}: product, period and start stay. The rest counts from the next period.")
        warning = text.format(day=format_date(until, reader_language()))
    about = page_of(
        contract, _("Change contract"), _("Save changes"), warning=warning, done=_("The changes are saved.")
    )

    def act(data: dict[str, Any]) -> str:
        change_contract(contract, values_of(data), on=request.today, actor=request.actor)
        return about.cancel_url

    return serve_form(request, form, about, act, compared=[contract])


class NewPriceForm(PriceFields):
    valid_from = DayField(
        label=gettext_lazy("Holds from"), help_text=gettext_lazy("Counts for periods that begin on or after this day.")
    )
    field_order = ["valid_from", "amount", "price_kind"]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("contracts.write")
def contract_price(request: StaffRequest, contract_id: int) -> HttpResponse:
    """Let a new price hold from a day on."""
    contract = find_contract(contract_id)
    current = ContractPrice.objects.filter(contract=contract).order_by("-valid_from").first()
    until = billed_of(contract.pk).until
    first = max(until + DAY if until else contract.start_date, contract.start_date)
    kind = "gross" if current and current.is_gross else "net"
    form = NewPriceForm(request.POST or None, initial={"valid_from": first, "price_kind": kind})
    about = page_of(
        contract,
        _("Change price"),
        _("Set new price"),
        facts=_price_facts(current, until),
        done=_("The new price is set. Billed periods keep theirs."),
    )

    def act(data: dict[str, Any]) -> str:
        change_price(contract, price_of(data), valid_from=data["valid_from"], on=request.today, actor=request.actor)
        return about.cancel_url

    return serve_form(request, form, about, act)


def _price_facts(current: ContractPrice | None, until: date | None) -> list[Fact]:
    language = reader_language()
    facts = []
    if current:
        since = _("since {day}").format(day=format_date(current.valid_from, language))
        facts.append(Fact(_("Price now"), format_money(current.amount, "EUR", language), note=since))
    if until:
        facts.append(Fact(_("Billed until"), format_date(until, language)))
    return facts


@require_POST
@staff_permission("contracts.write")
def contract_price_withdraw(request: StaffRequest, contract_id: int, price_id: int) -> HttpResponseBase:
    """Take back a price that nothing was billed by."""

    def act() -> str:
        price = get_object_or_404(
            ContractPrice.objects.select_related("contract"), pk=price_id, contract_id=contract_id
        )
        withdraw_price(price, on=request.today, actor=request.actor)
        return _("The price is taken back.")

    return submit_once(request, reverse("office:contract", args=[contract_id]), act)


class EndForm(EditForm):
    decides = ("end_date",)
    end_date = DayField(
        label=gettext_lazy("Last day of service"), required=False, help_text=gettext_lazy("Empty: runs on without end.")
    )
    credits_rest = forms.BooleanField(
        label=gettext_lazy("Days already billed after the end are credited by a correction of the invoice"),
        required=False,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("contracts.write")
def contract_end(request: StaffRequest, contract_id: int) -> HttpResponse:
    """Set the last day of service, or take it back."""
    contract = find_contract(contract_id)
    until = billed_of(contract.pk).until
    form = EndForm(request.POST or None, initial={"end_date": contract.end_date or until})
    if until is None:
        del form.fields["credits_rest"]
    cut = _("The period in which the contract ends is billed by days.")
    whole = _("This product is indivisible: the last period is billed as a whole.")
    about = page_of(
        contract,
        _("End contract"),
        _("Set end"),
        lead=cut if contract.product.is_divisible else whole,
        facts=_price_facts(None, until),
        done=_("The end is set."),
    )

    def act(data: dict[str, Any]) -> str:
        credits_rest = data.get("credits_rest", False)
        end_contract(contract, data["end_date"], credits_rest=credits_rest, on=request.today, actor=request.actor)
        return about.cancel_url

    return serve_form(request, form, about, act, compared=[contract])
