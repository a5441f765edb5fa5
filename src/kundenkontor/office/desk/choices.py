"""Filters and form choices that several screens of the money part share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kundenkontor.catalog.models import PERIOD_MONTHS
from kundenkontor.catalog.words import period_name
from kundenkontor.contracts.models import Contract
from kundenkontor.invoicing.search import names_domain
from kundenkontor.kernel.texts import one_line
from kundenkontor.kernel.vat_ids import normal_vat_id
from kundenkontor.parties.models import Contact, Customer, Seller
from kundenkontor.parties.sorting import sort_key
from kundenkontor.web.lists.filters import Filter

MAX_CUSTOMERS = 500


def seller_choices() -> list[tuple[str, str]]:
    """All sellers, by name."""
    return [(str(pk), name) for pk, name in Seller.objects.order_by("name").values_list("pk", "name")]


def seller_filters(path: str = "seller_id") -> list[Filter]:
    """The filter by seller; none where there is only one to choose."""
    choices = seller_choices()
    if len(choices) < 2:
        return []
    return [Filter("seller", _("Seller"), lambda rows, value: rows.filter(**{path: value}), "choice", dict(choices))]


def customers_matching(text: str) -> QuerySet[Customer]:
    """Customers whose number or VAT id is the text, whose town begins so, or whose name or e-mail contains it."""
    named = Q(number=text) | Q(company__icontains=text) | Q(last_name__icontains=text)
    return Customer.objects.filter(named | _about_customer(text))


def _about_customer(text: str) -> Q:
    """Part of the e-mail, the beginning of the town, the VAT id, or the name in any spelling."""
    found = names_domain(text, "email") | Q(city__istartswith=text)
    if key := sort_key(text):
        found |= Q(sort_key__contains=key)
    if vat_id := normal_vat_id(text):
        found |= Q(vat_id=vat_id)
    return found


def customer_search(path: str = "customer_id") -> Callable[[QuerySet[Any], str], QuerySet[Any]]:
    """Rows of the customers that a text finds; the first 500 of them."""

    def apply(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        ids = list(customers_matching(text).values_list("pk", flat=True)[:MAX_CUSTOMERS])
        return rows.filter(**{f"{path}__in": ids})

    return apply


def pick_customer(text: str) -> list[Customer]:
    """The customers a clerk may mean by what was typed: at most 20; one number is one customer per seller."""
    stripped = one_line(text)
    if not stripped:
        return []
    exact = list(Customer.objects.filter(number=stripped).select_related("seller")[:20])
    return exact or list(customers_matching(stripped).select_related("seller").order_by("sort_key", "pk")[:20])


def customers_found(rows: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """By number, name, town, VAT id, e-mail, domain in either of its forms, or contract number."""
    contracts = Contract.objects.filter(Q(number__istartswith=text) | names_domain(text))
    contacts = Contact.objects.filter(names_domain(text, "email") | Q(name__icontains=text))
    ids = [*contracts.order_by().values_list("customer_id", flat=True)[:MAX_CUSTOMERS]]
    ids += contacts.values_list("customer_id", flat=True)[:MAX_CUSTOMERS]
    return rows.filter(Q(number__istartswith=text) | Q(pk__in=ids) | _about_customer(text))


def period_choices() -> list[tuple[str, str]]:
    """All periods a contract or list price may have."""
    return [(str(months), period_name(months)) for months in PERIOD_MONTHS]
