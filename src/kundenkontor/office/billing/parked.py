"""The repair screen: who could not be billed, why, where to mend it, and billing again."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from kundenkontor.billing.models import RELEASABLE, BillingRun, ParkedCustomer
from kundenkontor.billing.reasons import MAY_PASS, SafetyBound
from kundenkontor.billing.runs.commands import ask_for_retry
from kundenkontor.billing.runs.parked_commands import release_parked, retry_parked
from kundenkontor.billing.runs.preview_words import reason_names
from kundenkontor.invoicing.issuing.reasons import TooManyLines
from kundenkontor.office.desk.choices import customer_search
from kundenkontor.office.desk.errors import NotParked
from kundenkontor.office.desk.mending import mend_link
from kundenkontor.office.desk.submits import ids_shown, submit_once
from kundenkontor.web.addresses import address_of
from kundenkontor.web.components import Link
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Column, list_context


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """A parked customer with the sentence of its reason and the way to the field."""

    parked: ParkedCustomer
    sentence: str
    mend_url: str
    mend_label: str
    is_bound: bool
    is_splittable: bool


def row_of(parked: ParkedCustomer) -> ParkedRow:
    reason, customer = parked.reason, parked.customer
    link = mend_link(reason, customer) or Link(
        _("Look at the customer"), reverse("office:customer", args=[customer.pk])
    )
    is_splittable = parked.code == TooManyLines.code and customer.is_collective
    return ParkedRow(parked, str(reason), link.url, link.label, isinstance(reason, SafetyBound), is_splittable)


COLUMNS = [
    Column(
        gettext_lazy("Customer"),
        lambda row: row.parked.customer.name,
        url=lambda row: address_of("office:customer", row.parked.customer_id),
        sub=lambda row: row.parked.customer.number,
    ),
    Column(gettext_lazy("Reason"), lambda row: row.sentence),
    Column(gettext_lazy("Amount"), lambda row: row.parked.amount, "money"),
]


def listing_of(request: StaffRequest) -> Listing:
    filters = (
        Filter("q", gettext_lazy("Customer"), customer_search(), "search"),
        Filter("code", gettext_lazy("Reason"), lambda rows, v: rows.filter(code=v), "choice", reason_names()),
    )
    sorts = {"new": Sort(gettext_lazy("Order"), ("id",))}
    return Listing(request.GET, filters=filters, sorts=sorts, default_sort="new")


@require_safe
@staff_permission("billing.read")
def parked(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """Every parked customer of a run, once per reason."""
    run = get_object_or_404(BillingRun.objects.select_related("seller"), pk=run_id)
    listing = listing_of(request)
    rows = ParkedCustomer.objects.filter(run=run).select_related("customer", "run")
    context = {
        "run": run,
        "count": listing.apply(rows).values("customer_id").distinct().count(),
        "retry_url": reverse("office:billing-retry-all", args=[run.pk]) + listing.url(),
        "is_open": run.state in ("running", "finished"),
        "may_run": "billing.run" in request.permissions,
        "may_release": "billing.run" in request.permissions and run.state in RELEASABLE,
        "crumbs": [
            Link(_("Billing runs"), reverse("office:billing-runs")),
            Link(str(run.pk), reverse("office:billing-run", args=[run.pk])),
            Link(_("Parked customers")),
        ],
    }
    shown = list_context(listing, listing.apply(rows), COLUMNS, lambda page: [row_of(row) for row in page])
    return render(request, "office/billing/parked.html", shown | context)


@require_POST
@staff_permission("billing.run")
def release(request: StaffRequest, run_id: int, customer_id: int) -> HttpResponseBase:
    """Let the safety bound pass for one customer, or have its invoice split; a preview is computed anew with it."""
    run = get_object_or_404(BillingRun, pk=run_id)
    if not ParkedCustomer.objects.filter(run=run, customer_id=customer_id, code__in=MAY_PASS).exists():
        raise Http404

    def act() -> str:
        release_parked(run, customer_id, on=request.today, actor=request.actor)
        return _("Released for this run.")

    return submit_once(request, reverse("office:billing-parked", args=[run.pk]), act)


@require_POST
@staff_permission("billing.run")
def retry(request: StaffRequest, run_id: int, customer_id: int) -> HttpResponseBase:
    """Bill one parked customer again, after its data were mended."""
    run = get_object_or_404(BillingRun, pk=run_id, state="finished")
    rows = ParkedCustomer.objects.filter(run=run, customer_id=customer_id)

    def act() -> str:
        if not rows.exists():
            raise NotParked()
        issued = retry_parked(run, [customer_id], on=request.today, actor=request.actor)
        if not issued:
            is_refused = rows.exists()
            still = _("This customer still cannot be billed; the reasons of now are shown.")
            messages.warning(request, still if is_refused else _("Nothing is left to bill for this customer."))
            return ""
        return ngettext("{n} invoice was issued.", "{n} invoices were issued.", issued).format(n=issued)

    return submit_once(request, reverse("office:billing-parked", args=[run.pk]), act)


@require_POST
@staff_permission("billing.run")
def retry_everybody(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """Bill the parked customers of a finished run again that the list shows, in the background."""
    run = get_object_or_404(BillingRun, pk=run_id, state="finished")
    listing = listing_of(request)
    shown = listing.apply(ParkedCustomer.objects.filter(run=run)) if listing.is_filtered else None

    def act() -> str:
        ids = None if shown is None else ids_shown(shown, "customer_id")
        ask_for_retry(run, ids, on=request.today, actor=request.actor)
        return _("They are being billed again. Who is still refused stays in this list.")

    return submit_once(request, reverse("office:billing-parked", args=[run.pk]) + listing.url(), act)
