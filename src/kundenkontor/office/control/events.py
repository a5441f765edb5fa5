"""What happened, and who did it: read only, because events are only ever added."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenkontor.events.models import Event
from kundenkontor.events.names import event_words
from kundenkontor.events.words import ACTORS
from kundenkontor.office.desk.choices import customer_search
from kundenkontor.parties.models import Customer
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Column, ListPage, render_list

MOST_LISTED = 5


def _customer_url(row: Event) -> str:
    return reverse("office:customer", args=[row.customer_id]) if row.customer_id else ""


def _details(row: Event) -> str:
    shown = {name: _in_short(value) for name, value in (row.payload or {}).items()}
    return json.dumps(shown, ensure_ascii=False)[:300] if shown else ""


def _in_short(value: Any) -> Any:
    """A long list by its ends: a seal names thousands of rows."""
    is_long = isinstance(value, list) and len(value) > MOST_LISTED
    return f"{value[0]} … {value[-1]} ({len(value)})" if is_long else value


def _name_and_reference(row: Event) -> str:
    return f"{row.name} · {row.reference}" if row.reference else row.name


COLUMNS = [
    Column(gettext_lazy("Event"), lambda row: event_words(row.name), sub=_name_and_reference),
    Column(gettext_lazy("When"), lambda row: row.occurred_at, "day", sort="new"),
    Column(gettext_lazy("Business date"), lambda row: row.business_date, "day"),
    Column(gettext_lazy("Actor"), lambda row: row.actor_label),
    Column(gettext_lazy("Customer"), lambda row: getattr(row, "customer_number", ""), url=_customer_url),
    Column(gettext_lazy("Details"), _details),
]


@require_safe
@staff_permission("events.read")
def events(request: StaffRequest) -> HttpResponseBase:
    """All events, the newest first."""
    filters = (
        Filter("q", gettext_lazy("Customer"), customer_search(), "search"),
        Filter("name", gettext_lazy("Event"), lambda rows, v: rows.filter(name__startswith=v)),
        Filter("actor", gettext_lazy("Actor"), lambda rows, v: rows.filter(actor_label__icontains=v)),
        Filter("kind", gettext_lazy("Done by"), lambda rows, v: rows.filter(actor_kind=v), "choice", ACTORS),
        Filter("since", gettext_lazy("Since"), lambda rows, v: rows.filter(business_date__gte=v), "day"),
    )
    about = ListPage(
        _("Events"),
        _("What happened and who did it. Events are added and sealed, never changed or removed."),
        _("Nothing has happened yet."),
        "ereignisse.csv",
    )
    sorts = {"new": Sort(gettext_lazy("When"), ("id",))}
    listing = Listing(request.GET, filters=filters, sorts=sorts, default_sort="-new")
    number = Customer.objects.filter(pk=OuterRef("customer_id")).values("number")
    return render_list(request, about, listing, Event.objects.annotate(customer_number=Subquery(number)), COLUMNS)
