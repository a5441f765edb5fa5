"""What customers asked to have changed: country and VAT id, which decide the tax."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from kundenkontor.office.desk.choices import customer_search, seller_filters
from kundenkontor.office.desk.submits import submit_once
from kundenkontor.parties.customer_commands import decide_data_request
from kundenkontor.parties.models import CustomerDataRequest
from kundenkontor.parties.words import DATA_REQUEST_STATES
from kundenkontor.web.components import Badge
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Column, ListPage, render_list

SORTS = {"new": Sort(gettext_lazy("Asked on"), ("requested_at", "id"))}


def in_state(rows: QuerySet[CustomerDataRequest], state: str) -> QuerySet[CustomerDataRequest]:
    if state == "open":
        return rows.filter(decided_at=None)
    return rows.filter(is_accepted=state == "accepted")


def state_badge(wish: CustomerDataRequest) -> list[Badge]:
    if wish.decided_at is None:
        return [Badge("warn", str(DATA_REQUEST_STATES["open"]))]
    if wish.is_accepted:
        return [Badge("good", str(DATA_REQUEST_STATES["accepted"]))]
    return [Badge("neutral", str(DATA_REQUEST_STATES["refused"]))]


def wish_text(wish: CustomerDataRequest) -> str:
    """What the customer wishes, in words."""
    parts: list[Any] = []
    if wish.country:
        parts.append(_("Country: {country}").format(country=wish.country))
    if wish.vat_id:
        parts.append(_("VAT id: {vat_id}").format(vat_id=wish.vat_id))
    return ", ".join(parts)


@require_safe
@staff_permission("customers.read")
def data_requests(request: StaffRequest) -> HttpResponseBase:
    """All wishes; a decision is taken on the customer's page, where the rest of the data stands."""
    columns = [
        Column(
            gettext_lazy("Customer"),
            lambda row: row.customer.name,
            url=lambda row: reverse("office:customer", args=[row.customer_id]),
            sub=lambda row: row.customer.number,
        ),
        Column(gettext_lazy("Wish"), wish_text),
        Column(gettext_lazy("Asked on"), lambda row: row.requested_at, "day", sort="new"),
        Column(gettext_lazy("Status"), state_badge, "badges"),
        Column(gettext_lazy("Decided by"), lambda row: row.decided_by),
    ]
    about = ListPage(
        _("Data requests"),
        _("Country and VAT id decide the tax: billing waits for these customers until you have decided."),
        _("No customer has asked for a change"),
        "data-requests.csv",
    )
    filters = [
        Filter("q", gettext_lazy("Customer"), customer_search(), "search"),
        Filter("state", gettext_lazy("Status"), in_state, "choice", DATA_REQUEST_STATES),
        *seller_filters("customer__seller_id"),
    ]
    listing = Listing(request.GET, filters=filters, sorts=SORTS, default_sort="-new")
    return render_list(request, about, listing, CustomerDataRequest.objects.select_related("customer"), columns)


@require_POST
@staff_permission("customers.write")
def data_request_decide(request: StaffRequest, request_id: int) -> HttpResponseBase:
    """Accept or refuse a wish."""
    wish = get_object_or_404(CustomerDataRequest, pk=request_id)
    accept = request.POST.get("decision") == "accept"

    def act() -> str:
        decide_data_request(wish, accept=accept, on=request.today, actor=request.actor)
        if not accept:
            return _("The wish is refused; the data stay as they were.")
        return _("The change counts for all future invoices. A new VAT id has to be checked.")

    return submit_once(request, reverse("office:customer", args=[wish.customer_id]), act)
