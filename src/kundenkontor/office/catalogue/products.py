"""Products and their list prices."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from kundenkontor.catalog.commands import add_price, change_product, create_product
from kundenkontor.catalog.models import Price, Product
from kundenkontor.catalog.words import GROUPS, OFFERS, VALIDITIES, period_name
from kundenkontor.contracts.models import Contract
from kundenkontor.kernel.money import ZERO
from kundenkontor.office.desk.choices import period_choices, seller_choices, seller_filters
from kundenkontor.office.desk.form_pages import FormPage, serve_form
from kundenkontor.office.desk.price_fields import PriceFields
from kundenkontor.parties.models import Seller
from kundenkontor.taxes.models import TaxRate
from kundenkontor.web.components import Badge, Fact, Link, Tone
from kundenkontor.web.edits import EditForm
from kundenkontor.web.forms import DayField, MoneyField, TextField
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Action, Column, ListPage, render_list
from kundenkontor.web.statuses import badge

SORTS = {"name": Sort(gettext_lazy("Name"), ("name", "id")), "code": Sort(gettext_lazy("Code"), ("code", "id"))}


def search(rows: QuerySet[Product], text: str) -> QuerySet[Product]:
    return rows.filter(Q(name__icontains=text) | Q(code__istartswith=text))


def in_state(rows: QuerySet[Product], state: str) -> QuerySet[Product]:
    return rows.filter(is_active=state == "active")


def group_name(product: Product) -> str:
    return str(GROUPS[product.group])


def product_badges(product: Product) -> list[Badge]:
    """What is particular about a product."""
    badges = [] if product.is_divisible else [Badge("neutral", _("indivisible"))]
    return badges if product.is_active else [*badges, Badge("neutral", str(OFFERS["inactive"]))]


@require_safe
@staff_permission("products.read")
def products(request: StaffRequest) -> HttpResponseBase:
    """All products."""
    columns = [
        Column(
            gettext_lazy("Name"),
            lambda row: row.name,
            url=lambda row: reverse("office:product", args=[row.pk]),
            sub=lambda row: row.code,
            sort="name",
        ),
        Column(gettext_lazy("Group"), group_name),
        Column(gettext_lazy("Seller"), lambda row: row.seller.name),
        Column(gettext_lazy("Contracts"), lambda row: row.contract_count, "number"),
        Column(gettext_lazy("Status"), product_badges, "badges"),
    ]
    about = ListPage(
        _("Products and prices"),
        _("Everything is billed centrally, whatever the product: hosting, domains, certificates, storage, add-ons."),
        _("No products yet"),
        "products.csv",
        empty_hint=_("An import makes the products it names."),
        action=Action(_("New product"), reverse("office:product-new"), "products.write"),
    )
    filters = [
        Filter("q", gettext_lazy("Search"), search, "search"),
        Filter("group", gettext_lazy("Group"), lambda rows, v: rows.filter(group=v), "choice", GROUPS),
        Filter("state", gettext_lazy("Status"), in_state, "choice", OFFERS),
        *seller_filters(),
    ]
    listing = Listing(request.GET, filters=filters, sorts=SORTS, default_sort="name")
    rows = Product.objects.select_related("seller").annotate(contract_count=Count("contracts"))
    return render_list(request, about, listing, rows, columns)


@require_safe
@staff_permission("products.read")
def product(request: StaffRequest, product_id: int) -> HttpResponse:
    """One product with its list prices."""
    found = get_object_or_404(Product.objects.select_related("seller"), pk=product_id)
    prices = Price.objects.filter(product=found).order_by("period_months", "-valid_from")
    facts = [
        Fact(_("Code"), found.code),
        Fact(_("Group"), group_name(found)),
        Fact(_("Seller"), found.seller.name),
        Fact(_("Cut periods"), _("billed by days") if found.is_divisible else _("billed as a whole (indivisible)")),
        Fact(_("Contracts"), Contract.objects.filter(product=found).count()),
    ]
    context = {
        "product": found,
        "facts": facts,
        "badges": product_badges(found),
        "prices": [(price, period_name(price.period_months), validity_badge(price, request.today)) for price in prices],
        "crumbs": [Link(_("Products and prices"), reverse("office:products")), Link(found.name)],
    }
    return render(request, "office/catalogue/product.html", context)


VALIDITY_TONES: dict[str, Tone] = {"future": "info", "now": "good", "past": "neutral"}


def validity_badge(row: Price | TaxRate, today: date) -> Badge:
    """Whether a price or a rate holds today."""
    is_past = row.valid_to is not None and row.valid_to < today
    state = "future" if row.valid_from > today else "past" if is_past else "now"
    return badge(state, VALIDITIES, VALIDITY_TONES)


class ProductForm(EditForm):
    seller = forms.ChoiceField(label=gettext_lazy("Seller"))
    code = TextField(label=gettext_lazy("Code"), max_length=50)
    name = TextField(label=gettext_lazy("Name on the invoice"), max_length=200)
    group = forms.ChoiceField(label=gettext_lazy("Group"), choices=GROUPS)
    is_indivisible = forms.BooleanField(
        label=gettext_lazy("Indivisible"),
        required=False,
        help_text=gettext_lazy("A cut period costs as much as a whole one, as with domains."),
    )
    is_active = forms.BooleanField(label=gettext_lazy("On offer"), required=False, initial=True)

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, is_new=is_new, **kwargs)
        seller = self.fields["seller"]
        assert isinstance(seller, forms.ChoiceField)
        seller.choices = seller_choices()
        for name in ("is_active",) if is_new else ("seller", "code"):
            del self.fields[name]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("products.write")
def product_new(request: StaffRequest) -> HttpResponse:
    """Make a product."""
    url = reverse("office:products")
    crumbs = [Link(_("Products and prices"), url), Link(_("New product"))]
    about = FormPage(_("New product"), _("Create product"), url, crumbs=crumbs, done=_("The product is created."))

    def act(data: dict[str, Any]) -> str:
        made = create_product(
            get_object_or_404(Seller, pk=data["seller"]),
            code=data["code"],
            name=data["name"],
            group=data["group"],
            is_divisible=not data["is_indivisible"],
            on=request.today,
            actor=request.actor,
        )
        return reverse("office:product", args=[made.pk])

    return serve_form(request, ProductForm(request.POST or None, is_new=True), about, act)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("products.write")
def product_edit(request: StaffRequest, product_id: int) -> HttpResponse:
    """Change a product for what is billed from now on."""
    found = get_object_or_404(Product, pk=product_id)
    url = reverse("office:product", args=[found.pk])
    about = FormPage(
        _("Change product"),
        _("Save changes"),
        url,
        lead=_("Counts for what is billed from now on. Issued documents keep their words."),
        crumbs=[Link(_("Products and prices"), reverse("office:products")), Link(found.name, url), Link(_("Change"))],
        done=_("The changes are saved."),
    )

    def act(data: dict[str, Any]) -> str:
        is_divisible = not data.pop("is_indivisible")
        change_product(found, **data, is_divisible=is_divisible, on=request.today, actor=request.actor)
        return url

    initial = {
        "name": found.name,
        "group": found.group,
        "is_indivisible": not found.is_divisible,
        "is_active": found.is_active,
    }
    form = ProductForm(request.POST or None, is_new=False, initial=initial)
    return serve_form(request, form, about, act, compared=[found])


class ListPriceForm(PriceFields):
    period_months = forms.TypedChoiceField(label=gettext_lazy("Period"), coerce=int)
    set_up_fee = MoneyField(
        label=gettext_lazy("Set-up fee"),
        minimum=ZERO,
        required=False,
        help_text=gettext_lazy("Always net, VAT is added."),
    )
    valid_from = DayField(label=gettext_lazy("Holds from"))
    valid_to = DayField(
        label=gettext_lazy("Holds until"), required=False, help_text=gettext_lazy("Empty: until the next price.")
    )
    field_order = ["period_months", "amount", "price_kind", "set_up_fee", "valid_from", "valid_to"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        period = self.fields["period_months"]
        assert isinstance(period, forms.ChoiceField)
        period.choices = period_choices()


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("products.write")
def product_price(request: StaffRequest, product_id: int) -> HttpResponse:
    """Let a list price begin on a day."""
    found = get_object_or_404(Product, pk=product_id)
    url = reverse("office:product", args=[found.pk])
    about = FormPage(
        _("New list price"),
        _("Set list price"),
        url,
        lead=_("The price before it ends the day before. Running contracts keep the price they agreed on."),
        crumbs=[
            Link(_("Products and prices"), reverse("office:products")),
            Link(found.name, url),
            Link(_("New list price")),
        ],
        done=_("The list price is set."),
    )

    def act(data: dict[str, Any]) -> str:
        add_price(
            found,
            period_months=data["period_months"],
            amount=data["amount"],
            is_gross=data["price_kind"] == "gross",
            set_up_fee=data["set_up_fee"] or ZERO,
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
            on=request.today,
            actor=request.actor,
        )
        return url

    form = ListPriceForm(request.POST or None, initial={"valid_from": request.today, "period_months": 12})
    return serve_form(request, form, about, act)
