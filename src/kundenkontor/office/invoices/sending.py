"""Sending documents: a whole run, one document again, and rendering what failed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kundenkontor.billing.models import BillingRun
from kundenkontor.delivery.commands import deliver_papers, forward_paper, retry_delivery, start_delivery
from kundenkontor.delivery.models import Delivery
from kundenkontor.delivery.queries import recipients_of, stored_addresses
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.papers.kind import INVOICE, paper_of, papers_of_run
from kundenkontor.office.desk.form_pages import FormPage, serve_form
from kundenkontor.office.desk.papers import paper_url
from kundenkontor.office.desk.statuses import next_attempt_of
from kundenkontor.office.desk.submits import submit_once
from kundenkontor.office.invoices.invoices import invoice_url, tabs
from kundenkontor.papers.commands import ask_again_for_failed, ask_for_files
from kundenkontor.papers.kinds import Paper
from kundenkontor.papers.models import RenderFailure
from kundenkontor.papers.waiting import file_for_reader
from kundenkontor.web.components import Fact, Link
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Listing, Sort
from kundenkontor.web.lists.tables import Column, ListPage, render_list


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("invoices.deliver")
def deliver_run(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """Mail what a run issued; shows first how many go out and how many cannot."""
    run = get_object_or_404(BillingRun.objects.select_related("seller"), pk=run_id, state="finished")
    ids = Invoice.objects.filter(batch_id=run.pk).values("pk")
    issued, planned = ids.count(), Delivery.objects.filter(paper_kind=INVOICE.code, paper_id__in=ids).count()
    back = reverse("office:billing-run", args=[run.pk])
    about = FormPage(
        _("Send the invoices of this run"),
        ngettext("Send {n} document", "Send {n} documents", issued - planned).format(n=issued - planned),
        back,
        lead=_("Each document goes by mail with its PDF to the contact for invoices, once."),
        crumbs=[
            Link(_("Billing runs"), reverse("office:billing-runs")),
            Link(str(run.pk), back),
            Link(_("Send")),
        ],
        facts=[
            Fact(_("Issued documents"), issued),
            Fact(_("Already sent or planned"), planned),
            Fact(_("To be sent now"), issued - planned, note=_("Who has no address is listed as not sent.")),
        ],
        done=_("The mails are on their way; their state stands under “Sent documents”."),
    )

    def act(_values: dict[str, Any]) -> str:
        start_delivery(run.pk, papers_of_run(run.pk), on=request.today, actor=request.actor)
        return reverse("office:deliveries") + f"?run={run.pk}"

    return serve_form(request, forms.Form(request.POST if request.method == "POST" else None), about, act)


class SendForm(forms.Form):
    to = forms.ChoiceField(label=gettext_lazy("To"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, addresses: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [(one, one) for one in addresses]  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("invoices.deliver")
def send_invoice(request: StaffRequest, invoice_id: int) -> HttpResponseBase:
    """Send one document: the first time to the contact for invoices, again to any stored address."""
    found = get_object_or_404(Invoice.objects.select_related("customer", "seller"), pk=invoice_id)
    paper = paper_of(found)
    delivery = Delivery.objects.filter(paper_kind=paper.kind, paper_id=paper.id).first()
    is_first = delivery is None or delivery.state == "parked"
    posted = request.POST if request.method == "POST" else None
    addresses = stored_addresses(found.customer)
    form = forms.Form(posted) if is_first else SendForm(posted, addresses=addresses, initial={"to": addresses[:1]})
    recipient = recipients_of([found.customer_id]).get(found.customer_id, "")
    is_again = posted is not None and not is_first
    pdf = file_for_reader(paper, actor=request.actor) if is_again else None  # not within a transaction

    def act(values: dict[str, Any]) -> str:
        if pdf is not None:
            forward_paper(paper, pdf, values["to"], on=request.today, actor=request.actor)
        elif delivery is None:
            deliver_papers([paper], on=request.today, actor=request.actor)
        else:
            retry_delivery(delivery, on=request.today, actor=request.actor)
        _say_what_came_of_it(request, paper)
        return invoice_url(found)

    return serve_form(request, form, _send_page(found, recipient if is_first else "", bool(addresses)), act)


def _say_what_came_of_it(request: StaffRequest, paper: Paper) -> None:
    parked = Delivery.objects.filter(paper_kind=paper.kind, paper_id=paper.id, state="parked").first()
    if parked is not None:
        messages.warning(request, parked.reason)
    else:
        messages.success(request, _("The document is on its way; its state stands under “Delivery”."))


def _send_page(found: Invoice, recipient: str, has_address: bool) -> FormPage:
    back = invoice_url(found)
    return FormPage(
        _("Send {number}").format(number=found.number),
        _("Send the document"),
        back,
        lead=_("Only addresses stored for this customer can be chosen."),
        crumbs=[Link(_("Invoices"), reverse("office:invoices")), Link(found.number, back), Link(_("Send"))],
        facts=[Fact(_("Goes to"), recipient)] if recipient else [],
        warning="" if has_address else _("This customer has no e-mail address. Add one first."),
    )


FAILURE_COLUMNS = [
    Column(gettext_lazy("Number"), lambda row: row.number, url=paper_url),
    Column(gettext_lazy("Customer"), lambda row: row.customer.name),
    Column(gettext_lazy("Error"), lambda row: row.last_error[:300]),
    Column(gettext_lazy("Attempts"), lambda row: row.attempts, "number"),
    Column(gettext_lazy("Next attempt"), next_attempt_of),
]


@require_safe
@staff_permission("invoices.read")
def render_failures(request: StaffRequest) -> HttpResponseBase:
    """Documents without files, and why."""
    sorts = {"new": Sort(gettext_lazy("Number"), ("id",))}
    listing = Listing(request.GET, filters=(), sorts=sorts, default_sort="-new")
    about = ListPage(
        _("Not rendered"),
        _("Documents whose PDF or XML could not be made. They are issued and valid; only the files are missing."),
        _("Every document has its files."),
        "nicht-erzeugt.csv",
        tabs=tabs(request, "failures"),
        extra={"may_retry": "invoices.deliver" in request.permissions},
    )
    rows = RenderFailure.objects.select_related("customer")
    return render_list(request, about, listing, rows, FAILURE_COLUMNS, template="office/invoices/failures.html")


@require_POST
@staff_permission("invoices.deliver")
def render_again(request: StaffRequest, invoice_id: int) -> HttpResponseBase:
    """Try to make the files of one document again."""
    found = get_object_or_404(Invoice, pk=invoice_id)

    def act() -> str:
        ask_for_files([paper_of(found)], on=request.today, actor=request.actor)
        return _("The document is being rendered again.")

    return submit_once(request, invoice_url(found), act)


@require_POST
@staff_permission("invoices.deliver")
def render_all_again(request: StaffRequest) -> HttpResponseBase:
    """Try to make the files of all failed documents again, at most 5,000 at once."""

    def act() -> str:
        ask_again_for_failed(limit=5000, on=request.today, actor=request.actor)
        return _("The documents are being rendered again.")

    return submit_once(request, reverse("office:render-failures"), act)
