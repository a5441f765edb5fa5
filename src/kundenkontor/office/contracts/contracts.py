"""Contracts: the list, and one with its prices and everything it was billed on."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenkontor.billing.models import Charge, OneOffItem
from kundenkontor.billing.queries import with_last_invoice
from kundenkontor.catalog.models import Product
from kundenkontor.catalog.words import GROUPS, period_name
from kundenkontor.contracts.billed import Billed, billed_of
from kundenkontor.contracts.models import Contract, ContractPrice
from kundenkontor.contracts.words import STATES
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.search import names_domain
from kundenkontor.kernel.formats import format_date, format_money, format_number, format_rate
from kundenkontor.office.desk.choices import MAX_CUSTOMERS, customers_matching, seller_filters
from kundenkontor.web.components import Fact, Link
from kundenkontor.web.forms import reader_language
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.paging import KeysetPage
from kundenkontor.web.lists.tables import Column, ListPage, render_list
from kundenkontor.web.statuses import contract_badge

SORTS = {
    "new": Sort(gettext_lazy("Newest"), ("id",)),
    "number": Sort(gettext_lazy("Number"), ("number", "id")),
    "start": Sort(gettext_lazy("Start"), ("start_date", "id")),
}


def search(rows: QuerySet[Contract], text: str) -> QuerySet[Contract]:
    """By contract number, domain, description, or the customer."""
    ids = list(customers_matching(text).values_list("pk", flat=True)[:MAX_CUSTOMERS])
    found = Q(number__istartswith=text) | Q(description__icontains=text) | names_domain(text)
    return rows.filter(found | Q(customer_id__in=ids))


def listing_of(request: StaffRequest) -> Listing:
    today = request.today

    def in_state(rows: QuerySet[Contract], state: str) -> QuerySet[Contract]:
        begun = Q(start_date__lte=today)
        conditions = {
            "running": begun & (Q(end_date=None) | Q(end_date__gte=today)),
            "ending": begun & Q(end_date__gte=today),
            "ended": Q(end_date__lt=today),
            "future": ~begun,
        }
        return rows.filter(conditions[state])

    filters = [
        Filter("q", gettext_lazy("Search"), search, "search"),
        Filter("group", gettext_lazy("Group"), lambda rows, v: rows.filter(product__group=v), "choice", GROUPS),
        Filter("state", gettext_lazy("Status"), in_state, "choice", STATES),
        *seller_filters(),
    ]
    return Listing(request.GET, filters=filters, sorts=SORTS, default_sort="-new")


@require_safe
@staff_permission("contracts.read")
def contracts(request: StaffRequest) -> HttpResponseBase:
    """All contracts."""
    today = request.today
    columns = [
        Column(
            gettext_lazy("Contract"),
            lambda row: row.number,
            url=lambda row: reverse("office:contract", args=[row.pk]),
            sub=lambda row: row.identifier or row.description,
            sort="number",
        ),
        Column(
            gettext_lazy("Customer"),
            lambda row: row.customer.name,
            url=lambda row: reverse("office:customer", args=[row.customer_id]),
            sub=lambda row: row.customer.number,
        ),
        Column(gettext_lazy("Product"), lambda row: row.product.name),
        Column(gettext_lazy("Period"), lambda row: period_name(row.period_months)),
        Column(gettext_lazy("Start"), lambda row: row.start_date, "day", sort="start"),
        Column(gettext_lazy("End"), lambda row: row.end_date, "day"),
        Column(gettext_lazy("Status"), lambda row: [contract_badge(row, today)], "badges"),
    ]
    about = ListPage(
        _("Contracts"),
        _("What customers have running. A new contract is made on the customer's page."),
        _("No contracts yet"),
        "contracts.csv",
        empty_hint=_("Import them, or open a customer and choose “New contract”."),
    )
    rows = Contract.objects.select_related("customer", "product")
    return render_list(request, about, listing_of(request), rows, columns)


@require_safe
@staff_permission("contracts.read")
def contract(request: StaffRequest, contract_id: int) -> HttpResponse:
    """One contract: dated prices, what it was billed on, and when next."""
    found = get_object_or_404(Contract.objects.select_related("customer", "product", "seller"), pk=contract_id)
    billed = billed_of(found.pk)
    prices = list(ContractPrice.objects.filter(contract=found).order_by("-valid_from"))
    page = KeysetPage(
        with_last_invoice(Charge.objects.filter(contract=found)),
        order=("-id",),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    documents = Invoice.objects.in_bulk([row.last_invoice_id for row in page.rows])
    customer_link = Link(str(found.customer), reverse("office:customer", args=[found.customer_id]))
    context = {
        "contract": found,
        "state": contract_badge(found, request.today),
        "facts": _facts(found),
        "billing_facts": _billing_facts(found, billed, prices),
        "prices": [(price, _may_withdraw(found, billed, price)) for price in prices],
        "period": period_name(found.period_months),
        "page": page,
        "billed": [(row, documents[row.last_invoice_id]) for row in page.rows],
        "one_offs": OneOffItem.objects.filter(contract=found, discarded_at=None).order_by("id"),
        "crumbs": [Link(_("Contracts"), reverse("office:contracts")), customer_link, Link(found.number)],
    }
    return render(request, "office/contracts/detail.html", context)


def _may_withdraw(contract: Contract, billed: Billed, price: ContractPrice) -> bool:
    is_first = price.valid_from <= contract.start_date
    return not is_first and (billed.last_start is None or price.valid_from > billed.last_start)


def _facts(found: Contract) -> list[Fact]:
    language = reader_language()
    quantity = format_number(found.quantity, language, places=0)
    facts = [
        Fact(_("Customer"), str(found.customer), reverse("office:customer", args=[found.customer_id])),
        Fact(_("Product"), found.product.name, reverse("office:product", args=[found.product_id])),
        Fact(_("Description"), found.description or "–"),
        Fact(_("Identifier"), found.identifier or "–"),
        Fact(_("Quantity"), quantity),
        Fact(_("Start"), format_date(found.start_date, language)),
        Fact(_("Last day of service"), format_date(found.end_date, language) if found.end_date else _("no end")),
    ]
    optional = (
        (_("Order number (BT-13)"), found.order_number),
        (_("Buyer reference (BT-10)"), found.buyer_reference),
        (_("Cost centre (BT-133)"), found.cost_centre),
    )
    return facts + [Fact(label, value) for label, value in optional if value]


def _billing_facts(found: Contract, billed: Billed, prices: list[ContractPrice]) -> list[Fact]:
    language = reader_language()
    until = format_date(billed.until, language) if billed.until else _("not yet")
    facts = [Fact(_("Billed until"), until), Fact(_("Billed next"), _next_period(found, billed, prices))]
    if found.cut_over_date:
        note = _("Periods that begin before it were billed elsewhere.")
        facts.append(Fact(_("Cut-over date"), format_date(found.cut_over_date, language), note=note))
    if found.discount_percent:
        day = format_date(found.discount_until, language) if found.discount_until else ""
        note = _("for periods beginning until {day}").format(day=day) if day else _("without end")
        facts.append(Fact(_("Discount"), format_rate(found.discount_percent, language), note=note))
    if found.set_up_fee:
        state = _("billed") if billed.is_set_up else _("on the first invoice")
        facts.append(Fact(_("Set-up fee"), format_money(found.set_up_fee, "EUR", language), note=state))
    return facts


def _next_period(found: Contract, billed: Billed, prices: list[ContractPrice]) -> str:
    """The next period that will be billed, and its price, in words."""
    priced_from = min((one.valid_from for one in prices if one.amount), default=None)
    if billed.until is None and priced_from is None:
        return _("nothing, it is free")
    period = found.next_period(billed_to=billed.until, priced_from=priced_from)
    if period is None:
        return _("nothing any more")
    language = reader_language()
    span = f"{format_date(period.start, language)} – {format_date(period.end, language)}"
    price = next((one for one in prices if one.valid_from <= period.whole_start), prices[-1] if prices else None)
    if price is None:
        return span
    kind, cut = _("gross") if price.is_gross else _("net"), _("cut")
    words = f"{span}, {format_money(price.amount, 'EUR', language)} {kind}"
    return f"{words} ({cut})" if period.is_cut else words


def active_products(seller_id: int) -> list[tuple[str, str]]:
    """The products that may be chosen for a contract."""
    rows = Product.objects.filter(seller_id=seller_id, is_active=True).order_by("group", "name")
    return [(str(pk), f"{name} ({code})") for pk, name, code in rows.values_list("pk", "name", "code")]
