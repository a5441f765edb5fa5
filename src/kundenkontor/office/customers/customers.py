"""Customers: the list with its search, and making or changing one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from kundenkontor.office.desk.choices import customers_found, seller_choices, seller_filters
from kundenkontor.office.desk.form_pages import CountryField, FormPage, GroupedForm, serve_form
from kundenkontor.parties.customer_commands import STAFF_CHANGEABLE, change_customer, create_customer
from kundenkontor.parties.models import Customer, Seller
from kundenkontor.parties.words import CUSTOMER_KINDS, LANGUAGES, VAT_ID_STATES
from kundenkontor.receivables.words import BALANCES
from kundenkontor.web.components import Badge, Link, Tone
from kundenkontor.web.edits import EditForm
from kundenkontor.web.forms import EmailField, TextField
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Action, Column, ListPage, render_list

SORTS = {
    "name": Sort(gettext_lazy("Name"), ("sort_key", "id")),
    "number": Sort(gettext_lazy("Number"), ("number", "id")),
    "new": Sort(gettext_lazy("Customer since"), ("created_on", "id")),
}


def of_kind(rows: QuerySet[Customer], kind: str) -> QuerySet[Customer]:
    return rows.filter(is_taxable_person=kind == "business", is_consumer=kind == "consumer")


def with_money(rows: QuerySet[Customer], state: str) -> QuerySet[Customer]:
    return rows.filter(**{f"totals__{state}_amount__gt": 0})


def listing_of(request: StaffRequest) -> Listing:
    filters = [
        Filter("q", gettext_lazy("Search"), customers_found, "search"),
        Filter("kind", gettext_lazy("Kind"), of_kind, "choice", CUSTOMER_KINDS),
        Filter(
            "vat",
            gettext_lazy("VAT id"),
            lambda rows, v: rows.filter(vat_id_state=v),
            "choice",
            VAT_ID_STATES,
        ),
        Filter("money", gettext_lazy("Amounts"), with_money, "choice", BALANCES),
        *seller_filters(),
    ]
    return Listing(request.GET, filters=filters, sorts=SORTS, default_sort="name")


def open_amount(customer: Customer) -> Any:
    totals = getattr(customer, "totals", None)
    return totals.open_amount if totals else 0


def kind_badge(customer: Customer) -> Badge:
    """What the customer is for the tax, in a word."""
    kind = "consumer" if customer.is_consumer else "business" if customer.is_taxable_person else "other"
    return Badge("neutral", str(CUSTOMER_KINDS[kind]))


VAT_ID_TONES: dict[str, Tone] = {"unchecked": "warn", "checked": "good", "invalid": "bad"}


def vat_id_badge(customer: Customer) -> Badge | None:
    """The state of the VAT id; none without one."""
    state = customer.vat_id_state
    return Badge(VAT_ID_TONES[state], str(VAT_ID_STATES[state])) if state in VAT_ID_TONES else None


def _vat_id(customer: Customer) -> list[Badge]:
    state = vat_id_badge(customer)
    return [state] if state else []


def columns() -> list[Column]:
    return [
        Column(
            gettext_lazy("Name"),
            lambda row: row.name,
            url=lambda row: reverse("office:customer", args=[row.pk]),
            sub=lambda row: row.number,
            sort="name",
        ),
        Column(gettext_lazy("Place"), lambda row: f"{row.country} {row.postal_code} {row.city}".strip()),
        Column(gettext_lazy("E-mail"), lambda row: row.email),
        Column(gettext_lazy("Kind"), lambda row: kind_badge(row).label),
        Column(gettext_lazy("VAT id"), _vat_id, "badges"),
        Column(gettext_lazy("Open"), open_amount, "money"),
    ]


@require_safe
@staff_permission("customers.read")
def customers(request: StaffRequest) -> HttpResponseBase:
    """All customers."""
    about = ListPage(
        _("Customers"),
        _("Find a customer by number, name, e-mail or domain."),
        _("No customers yet"),
        "customers.csv",
        empty_hint=_("Import your customers, or enter the first one by hand."),
        action=Action(_("New customer"), reverse("office:customer-new"), "customers.write"),
    )
    return render_list(request, about, listing_of(request), Customer.objects.select_related("totals"), columns())


class CustomerForm(GroupedForm, EditForm):
    """All fields of a customer."""

    groups = (
        (gettext_lazy("Name"), ("seller", "number", "company", "first_name", "last_name")),
        (gettext_lazy("Address"), ("street", "postal_code", "city", "country")),
        (gettext_lazy("Contact"), ("email", "phone", "language")),
        (gettext_lazy("Tax"), ("kind", "vat_id", "vat_id_waived")),
        (
            gettext_lazy("Deviating invoice address"),
            (
                "has_invoice_address", "invoice_name", "invoice_care_of", "invoice_department", "invoice_street",
                "invoice_postal_code", "invoice_city", "invoice_country",
            ),
        ),
        (
            gettext_lazy("Billing"),
            ("is_collective", "payment_terms_days", "order_number", "buyer_reference", "cost_centre"),
        ),
    )  # fmt: skip
    seller = forms.ChoiceField(label=gettext_lazy("Seller"))
    number = TextField(label=gettext_lazy("Customer number"), max_length=20)
    company = TextField(label=gettext_lazy("Company"), max_length=200, required=False)
    first_name = TextField(label=gettext_lazy("First name"), max_length=100, required=False)
    last_name = TextField(label=gettext_lazy("Last name"), max_length=100, required=False)
    street = TextField(label=gettext_lazy("Street and number"), max_length=200, required=False)
    postal_code = TextField(label=gettext_lazy("Postal code"), max_length=20, required=False)
    city = TextField(label=gettext_lazy("City"), max_length=100, required=False)
    country = CountryField(label=gettext_lazy("Country"), help_text=gettext_lazy("It decides the tax. Example: AT"))
    email = EmailField(label=gettext_lazy("E-mail"), required=False, max_length=254)
    phone = TextField(label=gettext_lazy("Phone"), max_length=50, required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of customer"),
        choices=CUSTOMER_KINDS,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("An association or authority without business is neither."),
    )
    vat_id = TextField(
        label=gettext_lazy("VAT id"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("A changed VAT id is unchecked: billing waits until it is checked."),
    )
    vat_id_waived = forms.BooleanField(
        label=gettext_lazy("No VAT id given"),
        required=False,
        help_text=gettext_lazy("Lets invoices above EUR 10,000 pass without a VAT id (§ 11 UStG)."),
    )
    has_invoice_address = forms.BooleanField(
        label=gettext_lazy("Send invoices to another address"),
        required=False,
        help_text=gettext_lazy("Name and own address stay on the document and decide the tax."),
    )
    invoice_name = TextField(label=gettext_lazy("Recipient"), max_length=200, required=False)
    invoice_care_of = TextField(label=gettext_lazy("c/o"), max_length=200, required=False)
    invoice_department = TextField(label=gettext_lazy("Department"), max_length=200, required=False)
    invoice_street = TextField(label=gettext_lazy("Street or P.O. box"), max_length=200, required=False)
    invoice_postal_code = TextField(label=gettext_lazy("Postal code"), max_length=20, required=False)
    invoice_city = TextField(label=gettext_lazy("City"), max_length=100, required=False)
    invoice_country = CountryField(label=gettext_lazy("Country"), required=False)
    is_collective = forms.BooleanField(
        label=gettext_lazy("One collective invoice per month"),
        required=False,
        help_text=gettext_lazy("Otherwise one invoice per contract."),
    )
    payment_terms_days = forms.IntegerField(
        label=gettext_lazy("Payment term in days"),
        min_value=0,
        max_value=365,
        required=False,
        help_text=gettext_lazy("Empty: the seller's term."),
    )
    order_number = TextField(label=gettext_lazy("Order number (BT-13)"), max_length=100, required=False)
    buyer_reference = TextField(label=gettext_lazy("Buyer reference (BT-10)"), max_length=100, required=False)
    cost_centre = TextField(label=gettext_lazy("Cost centre (BT-19)"), max_length=100, required=False)

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, is_new=is_new, **kwargs)
        if is_new:
            seller = self.fields["seller"]
            assert isinstance(seller, forms.ChoiceField)
            seller.choices = seller_choices()
        else:
            del self.fields["seller"], self.fields["number"]


def values_of(data: dict[str, Any]) -> dict[str, Any]:
    """The form's values as columns."""
    values = {name: data[name] for name in STAFF_CHANGEABLE if name in data}
    return values | {"is_taxable_person": data["kind"] == "business", "is_consumer": data["kind"] == "consumer"}


def initial_of(customer: Customer) -> dict[str, Any]:
    """The columns as the form shows them."""
    kind = "consumer" if customer.is_consumer else "business" if customer.is_taxable_person else "other"
    return {name: getattr(customer, name) for name in STAFF_CHANGEABLE} | {"kind": kind}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("customers.write")
def customer_new(request: StaffRequest) -> HttpResponse:
    """Enter a customer by hand."""
    form = CustomerForm(request.POST or None, is_new=True, initial={"language": "de", "kind": "business"})
    url = reverse("office:customers")
    crumbs = [Link(_("Customers"), url), Link(_("New customer"))]
    about = FormPage(_("New customer"), _("Create customer"), url, crumbs=crumbs, done=_("The customer is created."))

    def act(data: dict[str, Any]) -> str:
        seller = get_object_or_404(Seller, pk=data["seller"])
        made = create_customer(seller, data["number"], values_of(data), on=request.today, actor=request.actor)
        return reverse("office:customer", args=[made.pk])

    return serve_form(request, form, about, act)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("customers.write")
def customer_edit(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Change everything about a customer but its number."""
    customer = get_object_or_404(Customer, pk=customer_id)
    form = CustomerForm(request.POST or None, is_new=False, initial=initial_of(customer))
    url = reverse("office:customer", args=[customer.pk])
    crumbs = [Link(_("Customers"), reverse("office:customers")), Link(str(customer), url), Link(_("Change"))]
    about = FormPage(
        _("Change customer"),
        _("Save changes"),
        url,
        lead=_("Changes count for all future invoices. Issued documents stay as they are."),
        crumbs=crumbs,
        done=_("The changes are saved."),
    )

    def act(data: dict[str, Any]) -> str:
        change_customer(customer, values_of(data), on=request.today, actor=request.actor)
        return url

    return serve_form(request, form, about, act, compared=[customer])
