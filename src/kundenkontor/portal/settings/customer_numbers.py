"""All customer numbers of a login, to search and choose from: the switcher shows the first ones only (M30)."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenkontor.access.models import Membership
from kundenkontor.parties.sorting import sort_key
from kundenkontor.web.gate.policy import customer_permission
from kundenkontor.web.gate.requests import PortalRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Column, list_context

SORTS = {"name": Sort(gettext_lazy("Name"), ("customer__sort_key", "customer_id"))}


def search(rows: QuerySet[Membership], text: str) -> QuerySet[Membership]:
    """By number or name."""
    found = Q(customer__number__istartswith=text)
    if key := sort_key(text):
        found |= Q(customer__sort_key__contains=key)
    return rows.filter(found)


COLUMNS = [
    Column(gettext_lazy("Name"), lambda row: row.customer.name, sort="name"),
    Column(gettext_lazy("Customer number"), lambda row: row.customer.number),
]
FILTERS = (Filter("q", gettext_lazy("Search"), search, "search"),)


@customer_permission("account.read", reads_itself=True)
@require_safe
def customer_numbers(request: PortalRequest) -> HttpResponseBase:
    """The login's own memberships; row-level security would leave the chosen customer only."""
    listing = Listing(request.GET, filters=FILTERS, sorts=SORTS, default_sort="name")
    found = listing.apply(Membership.objects.filter(user=request.user).select_related("customer"))
    return render(request, "portal/settings/customer_numbers.html", list_context(listing, found, COLUMNS))
