"""Dienste: contracts, domains and packages; what each was billed on, and when next (M3, M29)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenkontor.billing.models import Charge
from kundenkontor.billing.queries import with_last_invoice
from kundenkontor.catalog.words import GROUPS, per_period
from kundenkontor.contracts.models import Contract, ContractPrice
from kundenkontor.contracts.queries import running_services
from kundenkontor.contracts.words import STATES
from kundenkontor.invoicing.queries import is_taxed, with_status
from kundenkontor.invoicing.search import names_domain
from kundenkontor.kernel.formats import format_date
from kundenkontor.web.addresses import address_of
from kundenkontor.web.components import Badge, Link
from kundenkontor.web.forms import reader_language
from kundenkontor.web.gate.policy import customer_permission
from kundenkontor.web.gate.requests import PortalRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Column, list_context
from kundenkontor.web.statuses import contract_badge, document_badges

SORTS = {
    "name": Sort(gettext_lazy("Service"), ("identifier", "id")),
    "start": Sort(gettext_lazy("Since"), ("start_date", "id")),
}
BILLED_LINES = 60


def _by_group(contracts: QuerySet[Contract], group: str) -> QuerySet[Contract]:
    if group == "packages":
        return contracts.exclude(product__group="domains")
    return contracts.filter(product__group=group)


def _by_words(contracts: QuerySet[Contract], words: str) -> QuerySet[Contract]:
    for word in words.split()[:8]:
        said = Q(number__icontains=word) | Q(product__name__icontains=word) | Q(description__icontains=word)
        contracts = contracts.filter(said | names_domain(word))
    return contracts


def _filters(today: date) -> tuple[Filter, ...]:
    def by_state(contracts: QuerySet[Contract], state: str) -> QuerySet[Contract]:
        ended = Q(end_date__lt=today)
        return contracts.filter(ended) if state == "ended" else contracts.exclude(ended)

    states = {state: STATES[state] for state in ("running", "ended")}
    groups = {**GROUPS, "packages": gettext_lazy("All packages")}
    return (
        Filter("q", gettext_lazy("Domain, contract or product"), _by_words, kind="search"),
        Filter("group", gettext_lazy("Group"), _by_group, kind="choice", choices=groups),
        Filter("state", gettext_lazy("State"), by_state, kind="choice", choices=states),
    )


@customer_permission("contracts.read")
@require_safe
def services(request: PortalRequest) -> HttpResponseBase:
    listing = Listing(request.GET, filters=_filters(request.today), sorts=SORTS, default_sort="name")
    contracts = listing.apply(Contract.objects.filter(customer=request.customer)).select_related("product")
    price = ContractPrice.objects.filter(contract=OuterRef("pk"), valid_from__lte=request.today).order_by("-valid_from")
    first = ContractPrice.objects.filter(contract=OuterRef("pk")).order_by("valid_from")
    billed = Charge.objects.filter(contract=OuterRef("pk"), kind="recurring").order_by("-period_end")
    contracts = contracts.annotate(
        price=Coalesce(Subquery(price.values("amount")[:1]), Subquery(first.values("amount")[:1])),
        is_gross=Coalesce(Subquery(price.values("is_gross")[:1]), Subquery(first.values("is_gross")[:1])),
        priced_from=Subquery(first.filter(amount__gt=0).values("valid_from")[:1]),
        billed_to=Subquery(billed.values("period_end")[:1]),
        billed_on_id=Subquery(with_last_invoice(billed).values("last_invoice_id")[:1]),
    )
    last = request.customer.invoices.filter(pk=OuterRef("billed_on_id"))
    contracts = contracts.annotate(billed_on=Subquery(last.values("number")[:1]))
    today, has_vat = request.today, is_taxed(request.customer.pk)
    shown = list_context(listing, contracts, COLUMNS, lambda page: [ServiceRow(one, today, has_vat) for one in page])
    return render(request, "portal/services/services.html", shown | {"tabs": _tabs(request, listing)})


def _tabs(request: PortalRequest, listing: Listing) -> list[Link]:
    counts = running_services(request.customer.pk, request.today)
    chosen = listing.values.get("group", "")
    return [
        Link(_("All services"), listing.url(group=None), is_current=not chosen),
        Link(_("Domains"), listing.url(group="domains"), is_current=chosen == "domains", count=counts.domains),
        Link(_("Packages"), listing.url(group="packages"), is_current=chosen == "packages", count=counts.packages),
    ]


def price_words(is_gross: bool, has_vat: bool) -> str:
    """Whether VAT comes on top of a price, is in it, or is none of this customer's."""
    if not is_gross:
        return _("net") if has_vat else _("without VAT")
    return _("with VAT") if has_vat else _("final price")


class ServiceRow:
    """A contract of a list, annotated with its price and what it was billed on."""

    def __init__(self, contract: Any, today: date, has_vat: bool) -> None:
        self.contract = contract
        self.title = contract.identifier or contract.product.name
        self.price = contract.price
        self.terms = f"{price_words(contract.is_gross, has_vat)} {per_period(contract.period_months)}"
        self.badge = contract_badge(contract, today)
        following = contract.next_period(billed_to=contract.billed_to, priced_from=contract.priced_from)
        self.next_on = following.start if following else None


def _until(day: date | None) -> str:
    return _("until %(date)s") % {"date": format_date(day, reader_language())} if day else ""


def _product(row: ServiceRow) -> str:
    label = _("Contract")
    return f"{row.contract.product.name}, {label} {row.contract.number}"


COLUMNS = [
    Column(
        gettext_lazy("Service"),
        lambda row: row.title,
        url=lambda row: address_of("portal:service", row.contract.pk),
        sub=_product,
        sort="name",
    ),
    Column(
        gettext_lazy("Price"), lambda row: row.price, "money", sub=lambda row: "" if row.price is None else row.terms
    ),
    Column(gettext_lazy("State"), lambda row: [row.badge], "badges", sub=lambda row: _until(row.contract.end_date)),
    Column(
        gettext_lazy("Last billed"),
        lambda row: row.contract.billed_on,
        url=lambda row: address_of("portal:invoice", row.contract.billed_on_id) if row.contract.billed_on else "",
        sub=lambda row: _until(row.contract.billed_to) if row.contract.billed_on else "",
    ),
    Column(gettext_lazy("Next billing"), lambda row: row.next_on, "day"),
]


@dataclass(frozen=True, slots=True)
class Billed:
    """One period (or set-up, or one-off item) and the document that bills it."""

    charge: Charge
    invoice: Any
    badges: list[Badge]


@customer_permission("contracts.read")
@require_safe
def service(request: PortalRequest, contract_id: int) -> HttpResponseBase:
    """One contract with its dated prices, what it was billed on and what comes next."""
    own = Contract.objects.filter(customer=request.customer).select_related("product")
    contract = get_object_or_404(own, pk=contract_id)
    billed_to = Charge.objects.filter(contract=contract, kind="recurring").aggregate(last=Max("period_end"))["last"]
    prices = list(contract.prices.order_by("valid_from"))
    priced_from = next((price.valid_from for price in prices if price.amount), None)
    following = contract.next_period(billed_to=billed_to, priced_from=priced_from)
    context = {
        "contract": contract,
        "title": contract.identifier or contract.product.name,
        "group": GROUPS.get(contract.product.group, ""),
        "badge": contract_badge(contract, request.today),
        "period": per_period(contract.period_months),
        "prices": prices,
        "price_words": price_words,
        "has_vat": is_taxed(request.customer.pk),
        "price": _price_on(prices, request.today),
        "has_ended": contract.end_date is not None and contract.end_date < request.today,
        "next": following,
        "is_free": billed_to is None and priced_from is None,
        "next_price": _price_on(prices, following.whole_start) if following else None,
        "billed": _billed(request, contract),
        "crumbs": _crumbs(contract),
    }
    return render(request, "portal/services/service.html", context)


def _crumbs(contract: Contract) -> list[Link]:
    return [Link(_("Services"), "/dienste/"), Link(contract.identifier or contract.product.name)]


def _price_on(prices: list[ContractPrice], day: date) -> ContractPrice | None:
    """The price that holds on a day; the first one also before its own day, as billing has it."""
    held = [price for price in prices if price.valid_from <= day]
    return held[-1] if held else next(iter(prices), None)


def _billed(request: PortalRequest, contract: Contract) -> list[Billed]:
    """The last charges, newest first, each with the last document that bills it."""
    newest = Charge.objects.filter(contract=contract).order_by("-period_start", "-id")
    charges = list(with_last_invoice(newest)[:BILLED_LINES])
    mine = request.customer.invoices.filter(pk__in={charge.last_invoice_id for charge in charges})
    invoices = {invoice.pk: invoice for invoice in with_status(mine, on=request.today)}
    return [
        Billed(charge, invoices[charge.last_invoice_id], document_badges(invoices[charge.last_invoice_id]))
        for charge in charges
        if charge.last_invoice_id in invoices
    ]
