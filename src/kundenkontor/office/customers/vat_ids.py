"""The desk for VAT ids: what is unchecked keeps customers out of billing until it is settled."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import F, QuerySet
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kundenkontor.office.customers.customers import vat_id_badge
from kundenkontor.office.desk.choices import customers_found, seller_filters
from kundenkontor.office.desk.errors import ChoiceChanged
from kundenkontor.office.desk.form_pages import FormPage, serve_form
from kundenkontor.office.desk.submits import submit_once
from kundenkontor.parties.models import Customer
from kundenkontor.parties.words import VAT_ID_STATES
from kundenkontor.taxes.commands import ask_for_checks, record_vat_id_check
from kundenkontor.taxes.territories import EU_COUNTRIES
from kundenkontor.taxes.vies import configured_checker
from kundenkontor.taxes.words import CHECKS_BY_STAFF
from kundenkontor.web.components import Badge, Fact, Link
from kundenkontor.web.forms import TextField, whole_number, written
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Column, ListPage, render_list

SHOWN_NUMBERS = 10
SORTS = {
    "name": Sort(gettext_lazy("Name"), ("sort_key", "id")),
    "vat_id": Sort(gettext_lazy("VAT id"), ("vat_id", "id")),
}


def listing_of(query: QueryDict) -> Listing:
    filters = [
        Filter("q", gettext_lazy("Search"), customers_found, "search"),
        Filter("vat_id", gettext_lazy("VAT id"), lambda rows, v: rows.filter(vat_id__istartswith=v)),
        Filter(
            "state",
            gettext_lazy("Status"),
            lambda rows, v: rows.filter(vat_id_state=v),
            "choice",
            VAT_ID_STATES,
        ),
        *seller_filters(),
    ]
    return Listing(query, filters=filters, sorts=SORTS, default_sort="name")


def at_the_desk(listing: Listing) -> QuerySet[Customer]:
    """Customers with a VAT id; without a chosen state those that nobody has checked."""
    rows = Customer.objects.exclude(vat_id="")
    return rows if "state" in listing.values else rows.filter(vat_id_state="unchecked")


def _decides_tax(customer: Customer) -> list[Badge]:
    """An unchecked id keeps back only who would owe the tax himself."""
    is_abroad = customer.country in EU_COUNTRIES and customer.country != customer.seller.country
    waits = customer.is_taxable_person and is_abroad
    return [Badge("warn", _("kept out of billing"))] if waits and customer.vat_id_state == "unchecked" else []


def _state(customer: Customer) -> list[Badge]:
    badge = vat_id_badge(customer)
    return [badge] if badge else []


@require_safe
@staff_permission("vat_ids.read")
def vat_ids(request: StaffRequest) -> HttpResponseBase:
    """The unchecked VAT ids, to be settled one by one or in bulk."""
    listing = listing_of(request.GET)
    columns = [
        Column(
            gettext_lazy("Customer"),
            lambda row: row.name,
            url=lambda row: reverse("office:customer", args=[row.pk]),
            sub=lambda row: row.number,
            sort="name",
        ),
        Column(gettext_lazy("VAT id"), lambda row: row.vat_id, sort="vat_id"),
        Column(gettext_lazy("Country"), lambda row: row.country),
        Column(gettext_lazy("Status"), _state, "badges"),
        Column(gettext_lazy("Effect"), _decides_tax, "badges"),
    ]
    queryset = at_the_desk(listing).select_related("seller")
    count = listing.apply(queryset).count()
    about = ListPage(
        _("VAT ids"),
        _("Customers in other member states are billed without VAT only once their VAT id is checked."),
        _("Every VAT id is settled"),
        "vat-ids.csv",
        extra={
            "count": count,
            "all_url": f"{reverse('office:vat-id-decide')}{listing.url(scope='all', action='confirm')}",
            "actions": [
                ("vies", _("Ask VIES"), "search"),
                ("confirm", _("Confirm"), "check"),
                ("invalid", _("Mark invalid"), "close"),
            ],
            "may_write": "vat_ids.write" in request.permissions,
            "selection_method": "get",
            "selection_url": reverse("office:vat-id-decide"),
        },
    )
    return render_list(request, about, listing, queryset, columns, template="office/customers/vat_ids.html")


@require_POST
@staff_permission("vat_ids.write")
def vat_id_ask(request: StaffRequest, customer_id: int) -> HttpResponseBase:
    """Ask VIES about one customer now. The question is asked before the transaction begins."""
    customer = get_object_or_404(Customer.objects.select_related("seller"), pk=customer_id)
    answer = configured_checker().check(customer.vat_id, requester=customer.seller.vat_id)

    def act() -> str:
        record_vat_id_check(
            [customer],
            outcome=answer.outcome,
            way="vies",
            evidence=answer.evidence,
            on=request.today,
            actor=request.actor,
        )
        said = {
            "valid": _("{vat_id} is valid."),
            "invalid": _("{vat_id} is invalid."),
            "unavailable": _("VIES gave no answer for {vat_id}; it stays unchecked."),
        }
        return said[answer.outcome].format(vat_id=customer.vat_id)

    return submit_once(request, reverse("office:vat-ids"), act)


class DecideForm(forms.Form):
    """``ids`` are customers; ``filters`` is the list's query where all that match are meant.

    ``shown`` is the digest of what the page showed.
    """

    ids = TextField(widget=forms.HiddenInput, required=False)
    filters = TextField(widget=forms.HiddenInput, required=False)
    shown = TextField(widget=forms.HiddenInput, required=False)
    way = forms.ChoiceField(label=gettext_lazy("How it was checked"), choices=CHECKS_BY_STAFF, widget=forms.RadioSelect)
    evidence = TextField(
        label=gettext_lazy("Evidence"),
        max_length=300,
        help_text=gettext_lazy("For example the letter of the tax office and its date. It is stored with each check."),
    )


def chosen_customers(ids: str, filters: str) -> QuerySet[Customer]:
    """The customers a form means, as long as they have a VAT id."""
    if filters:
        listing = listing_of(QueryDict(filters.removeprefix("?")))
        rows = listing.apply(at_the_desk(listing))
    else:
        listed = [whole_number(one) for one in ids.split(",")]
        rows = Customer.objects.filter(pk__in=listed).exclude(vat_id="")
    return rows.select_related("seller").order_by("sort_key", "id")


def digest_of(pairs: Iterable[tuple[int, str]]) -> str:
    """Which customers with which VAT ids these are."""
    return hashlib.sha256(repr(sorted(pairs)).encode()).hexdigest()


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("vat_ids.write")
def vat_id_decide(request: StaffRequest) -> HttpResponse:
    """Confirm VAT ids with evidence, mark them invalid, or have VIES asked; shows how many before it happens."""
    action = request.GET.get("action", "confirm")
    action = action if action in ("vies", "confirm", "invalid") else "confirm"
    initial = {"ids": ",".join(request.GET.getlist("customer")), "way": "staff"}
    if request.GET.get("scope") == "all":
        initial["filters"] = listing_of(request.GET).url()
    form = DecideForm(request.POST or None, initial=initial)
    source = form.data if form.is_bound else initial
    rows = chosen_customers(source.get("ids", ""), source.get("filters", ""))
    if action == "vies":
        del form.fields["way"], form.fields["evidence"]
    elif action == "invalid":
        form.fields["way"].initial = "authority"
    count = rows.count()
    about = _page(action, count, rows)
    initial["shown"] = digest_of(rows.values_list("pk", "vat_id"))

    def act(data: dict[str, Any]) -> str:
        if action == "vies":
            ask_for_checks(rows.filter(vat_id_state="unchecked"), on=request.today, actor=request.actor)
        else:
            chosen = list(rows)
            if data["shown"] and data["shown"] != digest_of((one.pk, one.vat_id) for one in chosen):
                raise ChoiceChanged()
            record_vat_id_check(
                chosen,
                outcome="valid" if action == "confirm" else "invalid",
                way=data["way"],
                evidence=data["evidence"],
                on=request.today,
                actor=request.actor,
            )
        return reverse("office:vat-ids")

    return serve_form(request, form, about, act)


def _page(action: str, count: int, rows: QuerySet[Customer]) -> FormPage:
    titles = {
        "vies": _("Ask VIES"),
        "confirm": _("Confirm VAT ids"),
        "invalid": _("Mark VAT ids as invalid"),
    }
    buttons = {
        "vies": ngettext("Ask for {n} VAT id", "Ask for {n} VAT ids", count),
        "confirm": ngettext("Confirm {n} VAT id", "Confirm {n} VAT ids", count),
        "invalid": ngettext("Mark {n} VAT id as invalid", "Mark {n} VAT ids as invalid", count),
    }
    done = {
        "vies": _("VIES is being asked. The answers appear on this page."),
        "confirm": _("The VAT ids are confirmed; the customers can be billed."),
        "invalid": _("The VAT ids are marked; the customers are billed with VAT."),
    }
    shown = [f"{row.number} {row.vat_id}" for row in rows[:SHOWN_NUMBERS]]
    more = f" … (+{count - SHOWN_NUMBERS})" if count > SHOWN_NUMBERS else ""
    return FormPage(
        titles[action],
        buttons[action].format(n=written(count)),
        reverse("office:vat-ids"),
        crumbs=[Link(_("VAT ids"), reverse("office:vat-ids")), Link(titles[action])],
        facts=[Fact(_("Customers"), count, note=", ".join(shown) + more)],
        warning="" if count else _("No customer with a VAT id was chosen."),
        done=done[action],
    )


def unchecked_count() -> int:
    """How many unchecked VAT ids keep customers out of billing: businesses in another member state."""
    rows = Customer.objects.filter(vat_id_state="unchecked", is_taxable_person=True, country__in=EU_COUNTRIES)
    return rows.exclude(country=F("seller__country")).count()
