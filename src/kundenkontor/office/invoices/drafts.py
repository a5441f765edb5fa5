"""Invoices written by hand: a draft with lines, its sums and what speaks against it, and issuing it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kundenkontor.invoicing.drafting.commands import (
    create_draft,
    discard_draft,
    edit_draft,
    issue_draft,
    lock_draft,
    look_at_draft,
)
from kundenkontor.invoicing.errors import DraftChanged, DraftGone
from kundenkontor.invoicing.issuing.drafts import InvoiceDraft
from kundenkontor.invoicing.models import ManualDraft
from kundenkontor.invoicing.papers.preview_commands import preview_draft
from kundenkontor.kernel.errors import DomainError
from kundenkontor.kernel.formats import format_money, format_rate
from kundenkontor.office.desk.choices import customer_search, pick_customer
from kundenkontor.office.desk.mending import mend_link
from kundenkontor.office.desk.submits import nothing_written, submit_once
from kundenkontor.office.invoices.draft_forms import DraftLines, HeadForm, head_of
from kundenkontor.office.invoices.invoices import tabs
from kundenkontor.papers.waiting import render_unstored
from kundenkontor.parties.models import Customer
from kundenkontor.web.components import Fact, Link
from kundenkontor.web.forms import (
    add_refusal,
    reader_language,
    whole_number,
)
from kundenkontor.web.gate.once import once
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Action, Column, ListPage, render_list

COLUMNS = [
    Column(
        gettext_lazy("Customer"),
        lambda row: row.customer.name,
        url=lambda row: reverse("office:draft", args=[row.pk]),
        sub=lambda row: row.customer.number,
    ),
    Column(gettext_lazy("Replaces"), lambda row: row.replaces.number if row.replaces else ""),
    Column(gettext_lazy("Begun"), lambda row: row.created_at, "day", sort="new"),
    Column(gettext_lazy("By"), lambda row: row.created_by),
]


@require_safe
@staff_permission("invoices.read")
def drafts(request: StaffRequest) -> HttpResponseBase:
    """What is being written and has no number yet."""
    filters = (Filter("q", gettext_lazy("Customer"), customer_search(), "search"),)
    listing = Listing(
        request.GET, filters=filters, sorts={"new": Sort(gettext_lazy("Begun"), ("id",))}, default_sort="-new"
    )
    about = ListPage(
        _("Drafts"),
        _("Invoices that are being written. They have no number and count nowhere."),
        _("No draft."),
        "entwuerfe.csv",
        action=Action(_("Write an invoice"), reverse("office:draft-new"), "invoices.issue"),
        tabs=tabs(request, "drafts"),
    )
    return render_list(request, about, listing, ManualDraft.objects.select_related("customer", "replaces"), COLUMNS)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("invoices.issue")
def new(request: StaffRequest) -> HttpResponseBase:
    """Choose the customer; the draft begins empty."""
    if request.method == "POST":
        chosen = request.POST.get("customer", "")
        customer = get_object_or_404(Customer, pk=whole_number(chosen))
        with once(request) as answer:
            draft = create_draft(customer, on=request.today, actor=request.actor)
            answer.location = reverse("office:draft", args=[draft.pk])
        return redirect(answer.location)
    text = request.GET.get("q", "")
    context = {
        "text": text,
        "customers": pick_customer(text),
        "title": _("Write an invoice"),
        "lead": _("For which customer?"),
        "button": _("Begin"),
        "action": reverse("office:draft-new"),
        "crumbs": [Link(_("Drafts"), reverse("office:drafts")), Link(_("Write an invoice"))],
    }
    return render(request, "office/desk/pick_customer.html", context)


def _find(draft_id: int) -> ManualDraft:
    return get_object_or_404(ManualDraft.objects.select_related("customer__seller", "replaces"), pk=draft_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("invoices.issue")
def draft(request: StaffRequest, draft_id: int) -> HttpResponseBase:
    """Edit a draft; saving shows its sums and whatever stops it."""
    found = _find(draft_id)
    if request.method == "POST":
        return _submit(request, found, _saved)
    return _show(request, found, HeadForm(initial=head_of(found)), DraftLines(found, request.GET))


def _saved(request: StaffRequest, found: ManualDraft) -> str:
    """The same page of its lines."""
    address = reverse("office:draft", args=[found.pk])
    page = whole_number(request.POST.get("page", ""))
    return f"{address}?page={page}" if page > 1 else address


def _submit(
    request: StaffRequest, found: ManualDraft, then: Callable[[StaffRequest, ManualDraft], str]
) -> HttpResponseBase:
    """Save what was typed, and do with it what the button says; ``then`` returns where the reader goes."""
    head, lines, is_valid = _posted(request, found)
    if is_valid or _is_outdated(request, lines):
        try:
            with once(request, compared=[found]) as answer:
                _save(request, found, head, lines)
                answer.location = then(request, found)
            return redirect(answer.location)
        except (DraftChanged, DraftGone) as refusal:
            messages.error(request, str(refusal))
            return redirect("office:drafts") if isinstance(refusal, DraftGone) else redirect("office:draft", found.pk)
        except DomainError as refusal:
            add_refusal(head, refusal)
    return _show(request, found, head, lines)


def _posted(request: StaffRequest, found: ManualDraft) -> tuple[HeadForm, DraftLines, bool]:
    head = HeadForm(request.POST, initial=head_of(found))
    lines = DraftLines(found, request.POST, request.POST)
    return head, lines, all([head.is_valid(), lines.is_valid()])


def _save(request: StaffRequest, found: ManualDraft, head: HeadForm, lines: DraftLines) -> None:
    _refuse_outdated(request, found)
    edit_draft(found, lines.as_lines(), **head.cleaned_data, on=request.today, actor=request.actor)


@require_POST
@staff_permission("invoices.issue")
def preview(request: StaffRequest, draft_id: int) -> HttpResponseBase:
    """What is typed, as the PDF that it would become; nothing is saved, and no number is drawn."""
    found = _find(draft_id)
    head, lines, is_valid = _posted(request, found)
    if not is_valid:
        return _show(request, found, head, lines)
    try:
        with nothing_written():
            _save(request, found, head, lines)
            frozen = preview_draft(found, on=request.today, actor=request.actor)
        pdf = render_unstored(frozen)
    except DomainError as refusal:
        add_refusal(head, refusal)
        return _show(request, found, head, lines)
    name = " ".join([_("Draft"), f"{found.customer.number}.pdf"])
    headers = {"Content-Disposition": content_disposition_header(as_attachment=False, filename=name) or ""}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _is_outdated(request: StaffRequest, lines: DraftLines) -> bool:
    """Whether a form was opened when the draft had other lines; its fields would be taken for those of others."""
    return request.POST.get("lines", lines.shown) != lines.shown


def _refuse_outdated(request: StaffRequest, found: ManualDraft) -> None:
    """Lock the draft and raise DraftChanged. Inside ``once``: a repeated submit has changed the lines itself."""
    if _is_outdated(request, DraftLines(lock_draft(found), request.POST)):
        raise DraftChanged()


def _show(request: StaffRequest, found: ManualDraft, head: HeadForm, lines: DraftLines) -> HttpResponse:
    is_wrong = bool(head.errors) or any(form.errors for form in lines.forms)
    with nothing_written():
        shown = look_at_draft(found)
    customer_url = reverse("office:customer", args=[found.customer_id])
    context = {
        "draft": found,
        "head": head,
        "lines": lines,
        "shown": shown,
        "shown_sum": _sum_of(shown.invoice) if shown.invoice else "",
        "refusals": [(refusal, _mend_url(refusal, found.customer)) for refusal in shown.refusals],
        "facts": _facts(shown.invoice) if shown.invoice and shown.invoice.lines else [],
        "customer_facts": [Fact(_("Customer"), str(found.customer), customer_url)],
        "is_wrong": is_wrong,
        "crumbs": [Link(_("Drafts"), reverse("office:drafts")), Link(found.customer.name)],
    }
    return render(request, "office/invoices/draft.html", context, status=422 if is_wrong else 200)


def _mend_url(refusal: DomainError, customer: Customer) -> str:
    """Where it is mended; empty for this page itself."""
    link = mend_link(refusal, customer)
    return link.url if link else ""


def _facts(invoice: InvoiceDraft) -> list[Fact]:
    language, totals = reader_language(), invoice.totals
    groups = [
        Fact(
            _("VAT {category} {rate}").format(category=group.category, rate=format_rate(group.rate, language)),
            format_money(group.tax_amount, "EUR", language),
        )
        for group in totals.vat_breakdown
    ]
    return [
        Fact(_("Net"), format_money(totals.total_without_vat, "EUR", language)),
        *groups,
        Fact(_("Payable"), format_money(invoice.payable, "EUR", language)),
    ]


@require_POST
@staff_permission("invoices.issue")
def issue(request: StaffRequest, draft_id: int) -> HttpResponseBase:
    """Save what is typed and issue it, if its sum is the one that was shown: it gets its number, for good."""
    found = ManualDraft.objects.select_related("customer__seller", "replaces").filter(pk=draft_id).first()
    if found is not None:
        return _submit(request, found, _issued)
    try:
        with once(request):  # a repeated submit has issued it itself
            raise DraftGone()
    except DraftGone as refusal:
        messages.error(request, str(refusal))
        return redirect("office:drafts")


def _issued(request: StaffRequest, found: ManualDraft) -> str:
    """Another sum than the page showed is shown first, and asked about."""
    seen = look_at_draft(ManualDraft.objects.get(pk=found.pk))
    if seen.may_issue and seen.invoice and _sum_of(seen.invoice) != request.POST.get("sum", ""):
        payable = format_money(seen.invoice.payable, "EUR", reader_language())
        sentence = _("Saved, not issued yet: the sum is now {sum}. Please look at it and issue the invoice again.")
        messages.warning(request, sentence.format(sum=payable))
        return _saved(request, found)
    issued = issue_draft(found, on=request.today, actor=request.actor)
    messages.success(request, _("The invoice is issued."))
    return reverse("office:invoice", args=[issued.id])


def _sum_of(invoice: InvoiceDraft) -> str:
    """What whoever issues it has seen: net and payable."""
    return f"{invoice.totals.total_without_vat} {invoice.payable}"


@require_POST
@staff_permission("invoices.issue")
def discard(request: StaffRequest, draft_id: int) -> HttpResponseBase:
    """Throw a draft away."""

    def act() -> str:
        discard_draft(ManualDraft(pk=draft_id), on=request.today, actor=request.actor)
        return _("The draft was discarded.")

    return submit_once(request, reverse("office:drafts"), act)
