"""Until when returns are declared: what comes later for such a month is listed as a correction of its return."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from kundenkontor.office.books.frame import tabs
from kundenkontor.office.desk.choices import seller_choices, seller_filters
from kundenkontor.office.desk.form_pages import FormPage, serve_form
from kundenkontor.parties.models import Declaration, Seller
from kundenkontor.parties.seller_commands import declare_returns
from kundenkontor.parties.words import RETURNS
from kundenkontor.web.components import Link
from kundenkontor.web.forms import DayField
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Action, Column, ListPage, render_list

COLUMNS = [
    Column(gettext_lazy("Return"), lambda row: str(RETURNS[row.kind])),
    Column(gettext_lazy("Declared until"), lambda row: row.until, "day"),
    Column(gettext_lazy("Seller"), lambda row: row.seller.name),
    Column(gettext_lazy("Said on"), lambda row: row.declared_at.date(), "day"),
    Column(gettext_lazy("Said by"), lambda row: row.declared_by),
]
SORTS = {"new": Sort(gettext_lazy("Said on"), ("id",))}


@require_safe
@staff_permission("books.read")
def declarations(request: StaffRequest) -> HttpResponseBase:
    """What was declared, the newest first; of each kind the newest counts."""
    filters = [
        Filter("kind", gettext_lazy("Return"), lambda rows, v: rows.filter(kind=v), "choice", RETURNS),
        *seller_filters(),
    ]
    listing = Listing(request.GET, filters=filters, sorts=SORTS, default_sort="-new")
    about = ListPage(
        _("Declared returns"),
        _("What is booked later for a declared month is listed apart, as a correction of its return."),
        _("Nothing is declared yet: every month is open."),
        "gemeldet.csv",
        action=Action(_("Declare returns"), reverse("office:declare"), "settings.write"),
        tabs=tabs("declared"),
    )
    return render_list(request, about, listing, Declaration.objects.select_related("seller"), COLUMNS)


class DeclareForm(forms.Form):
    seller = forms.ChoiceField(label=gettext_lazy("Seller"), choices=seller_choices)
    kind = forms.ChoiceField(label=gettext_lazy("Return"), choices=RETURNS)
    until = DayField(
        label=gettext_lazy("Declared until"),
        help_text=gettext_lazy("The last day of a month or quarter. An earlier day than before opens months again."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("settings.write")
def declare(request: StaffRequest) -> HttpResponse:
    """Say that the returns of a kind are declared up to the end of a month."""
    url = reverse("office:declarations")
    form = DeclareForm(request.POST or None, initial={"until": request.today.replace(day=1) - timedelta(days=1)})
    about = FormPage(
        _("Declare returns"),
        _("Declare"),
        url,
        lead=_("From now on these months are closed: later receipts, returns and documents correct their returns."),
        crumbs=[Link(_("Declared returns"), url), Link(_("Declare returns"))],
        done=_("The returns are declared."),
    )

    def act(values: dict[str, Any]) -> str:
        seller = get_object_or_404(Seller, pk=values["seller"])
        declare_returns(seller, values["kind"], until=values["until"], on=request.today, actor=request.actor)
        return url

    return serve_form(request, form, about, act)
