"""One-off work and goods that join a customer's next invoice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import OuterRef, Subquery
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kundenkontor.billing.models import Charge, OneOffItem
from kundenkontor.billing.one_offs.commands import add_one_off, discard_one_off
from kundenkontor.billing.words import ONE_OFF_STATES
from kundenkontor.catalog.models import Product
from kundenkontor.contracts.models import Contract
from kundenkontor.kernel.formats import format_period
from kundenkontor.kernel.money import ZERO
from kundenkontor.office.desk.choices import customer_search, pick_customer
from kundenkontor.office.desk.form_pages import FormPage, serve_form
from kundenkontor.office.desk.submits import submit_once
from kundenkontor.office.invoices.draft_forms import refuse_negative_price
from kundenkontor.office.invoices.invoices import tabs
from kundenkontor.parties.models import Customer
from kundenkontor.web.addresses import address_of
from kundenkontor.web.components import Badge, Fact, Link, Links
from kundenkontor.web.forms import DayField, MoneyField, TextField, reader_language, whole_number
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Action, Column, ListPage, render_list


def _in_state(rows: Any, state: str) -> Any:
    if state == "billed":
        return rows.filter(charges__isnull=False)
    if state == "discarded":
        return rows.filter(discarded_at__isnull=False)
    return rows.filter(charges__isnull=True, discarded_at__isnull=True)


def badge_of(item: OneOffItem) -> Badge:
    """What became of an item; needs the annotation of ``one_offs``."""
    if getattr(item, "billed_in", None):
        return Badge("good", str(ONE_OFF_STATES["billed"]))
    if item.discarded_at:
        return Badge("neutral", str(ONE_OFF_STATES["discarded"]))
    return Badge("info", str(ONE_OFF_STATES["waiting"]))


def _invoice_of(item: Any) -> Links:
    return Links([(item.billed_number, address_of("office:invoice", item.billed_in))] if item.billed_in else [])


COLUMNS = [
    Column(gettext_lazy("Service"), lambda row: row.name, sub=lambda row: row.description),
    Column(
        gettext_lazy("Customer"),
        lambda row: row.customer.name,
        url=lambda row: address_of("office:customer", row.customer_id),
    ),
    Column(gettext_lazy("Period"), lambda row: format_period(row.service_start, row.service_end, reader_language())),
    Column(gettext_lazy("State"), lambda row: [badge_of(row)], "badges", sub=_invoice_of),
    Column(gettext_lazy("Quantity"), lambda row: row.quantity, "number"),
    Column(gettext_lazy("Net price"), lambda row: row.net_price, "money"),
]


@require_safe
@staff_permission("billing.read")
def one_offs(request: StaffRequest) -> HttpResponseBase:
    """All one-off items, and what became of them."""
    filters = (
        Filter("q", gettext_lazy("Customer"), customer_search(), "search"),
        Filter("state", gettext_lazy("State"), _in_state, "choice", ONE_OFF_STATES),
    )
    listing = Listing(
        request.GET, filters=filters, sorts={"new": Sort(gettext_lazy("Added"), ("id",))}, default_sort="-new"
    )
    charge = Charge.objects.filter(one_off_item=OuterRef("pk")).order_by("pk")
    rows = OneOffItem.objects.select_related("customer").annotate(
        billed_in=Subquery(charge.values("invoice_id")[:1]),
        billed_number=Subquery(charge.values("invoice__number")[:1]),
    )
    about = ListPage(
        _("One-off items"),
        _("Work and goods billed once, with the next run that reaches their first day."),
        _("No one-off item."),
        "einmalposten.csv",
        action=Action(_("Add a one-off item"), reverse("office:one-off-new"), "billing.run"),
        tabs=tabs(request, "one-offs"),
    )
    return render_list(request, about, listing, rows, COLUMNS, template="office/invoices/one_offs.html")


class OneOffForm(forms.Form):
    name = TextField(label=gettext_lazy("Service"), max_length=200)
    description = TextField(label=gettext_lazy("Description"), max_length=500, required=False)
    quantity = MoneyField(label=gettext_lazy("Quantity"), places=4, currency="", initial=Decimal("1.00"))
    net_price = MoneyField(label=gettext_lazy("Net price"), places=6)
    discount_percent = MoneyField(
        label=gettext_lazy("Discount"), currency="%", required=False, minimum=ZERO, initial=ZERO
    )
    service_start = DayField(label=gettext_lazy("Service from"))
    service_end = DayField(label=gettext_lazy("Service to"))
    contract = forms.ModelChoiceField(
        Contract.objects.none(), label=gettext_lazy("Contract"), required=False, empty_label="–"
    )
    product = forms.ModelChoiceField(
        Product.objects.none(), label=gettext_lazy("Product"), required=False, empty_label="–"
    )

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contract"].queryset = Contract.objects.filter(customer=customer)  # type: ignore[attr-defined]
        products = Product.objects.filter(seller_id=customer.seller_id, is_active=True).order_by("name")
        self.fields["product"].queryset = products  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        start, end, quantity = (values.get(name) for name in ("service_start", "service_end", "quantity"))
        refuse_negative_price(self)
        if start and end and end < start:
            self.add_error("service_end", _("The period ends before it begins."))
        if quantity is not None and not quantity:
            self.add_error("quantity", _("The quantity must not be nothing."))
        if (values.get("discount_percent") or 0) > 100:
            self.add_error("discount_percent", _("A discount is at most 100 %."))
        return values


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("billing.run")
def new(request: StaffRequest) -> HttpResponseBase:
    """Add an item for a customer; without one, ask for whom."""
    wished = whole_number(request.GET.get("customer", ""))
    if not wished:
        return _pick(request)
    customer = get_object_or_404(Customer, pk=wished)
    initial = {"service_start": request.today, "service_end": request.today}
    posted = request.POST if request.method == "POST" else None
    about = FormPage(
        _("Add a one-off item"),
        _("Add it to the next invoice"),
        reverse("office:one-offs"),
        lead=_("It joins the next run that reaches its first day, and can be discarded until then."),
        crumbs=[Link(_("One-off items"), reverse("office:one-offs")), Link(customer.name)],
        facts=[Fact(_("Customer"), str(customer), reverse("office:customer", args=[customer.pk]))],
        done=_("The item joins the customer’s next invoice."),
    )

    def act(values: dict[str, Any]) -> str:
        values["discount_percent"] = values["discount_percent"] or ZERO
        add_one_off(customer, **values, on=request.today, actor=request.actor)
        return reverse("office:one-offs")

    return serve_form(request, OneOffForm(posted, customer=customer, initial=initial), about, act)


def _pick(request: StaffRequest) -> HttpResponseBase:
    text = request.GET.get("q", "")
    context = {
        "text": text,
        "customers": pick_customer(text),
        "title": _("Add a one-off item"),
        "lead": _("For which customer?"),
        "button": _("Choose"),
        "link": reverse("office:one-off-new"),
        "crumbs": [Link(_("One-off items"), reverse("office:one-offs")), Link(_("Add a one-off item"))],
    }
    return render(request, "office/desk/pick_customer.html", context)


@require_POST
@staff_permission("billing.run")
def discard(request: StaffRequest, item_id: int) -> HttpResponseBase:
    """Take an item back before it is billed."""
    item = get_object_or_404(OneOffItem, pk=item_id)

    def act() -> str:
        discard_one_off(item, on=request.today, actor=request.actor)
        return _("The item was discarded.")

    return submit_once(request, reverse("office:one-offs"), act)
