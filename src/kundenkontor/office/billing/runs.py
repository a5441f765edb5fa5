"""Billing runs: start, look at the preview, confirm, watch, read the completeness report."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kundenkontor.billing.models import PREVIEWS, BillingRun
from kundenkontor.billing.preview import Preview
from kundenkontor.billing.queries import list_left_runs
from kundenkontor.billing.runs.commands import ask_for_issuing, ask_for_preview, ask_for_run, discard_run, resume_run
from kundenkontor.billing.words import OUTCOMES, RUN_STATES
from kundenkontor.invoicing.issuing.numbering import last_issue_date
from kundenkontor.kernel.clock import month_end
from kundenkontor.kernel.errors import DomainError
from kundenkontor.kernel.formats import format_date, format_decimal, format_money
from kundenkontor.office.billing.report import (
    changes_between,
    contracts_behind,
    invoices_of,
    vat_case,
    vat_changes_between,
)
from kundenkontor.office.desk.choices import seller_choices, seller_filters
from kundenkontor.office.desk.statuses import run_badge
from kundenkontor.office.desk.submits import submit_once
from kundenkontor.parties.models import Customer, Seller
from kundenkontor.web.components import Fact, Link, Tile
from kundenkontor.web.forms import DayField, add_refusal, reader_language, whole_number
from kundenkontor.web.gate.once import once
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Action, Column, ListPage, csv_of, render_list

SORTS = {"new": Sort(gettext_lazy("Started"), ("id",))}


def amount_of(text: object) -> str:
    """A sum that a run keeps as text, for reading."""
    return format_money(Decimal(str(text or 0)), "EUR", reader_language())


def run_url(run: BillingRun) -> str:
    return reverse("office:billing-run", args=[run.pk])


COLUMNS = [
    Column(
        gettext_lazy("Run"),
        lambda run: _("{seller} until {day}").format(
            seller=run.seller.name, day=format_date(run.billed_until, reader_language())
        ),
        url=run_url,
        sub=lambda run: _("no. {number}, started by {name}").format(number=run.pk, name=run.started_by),
    ),
    Column(gettext_lazy("State"), lambda run: [run_badge(run)], "badges"),
    Column(gettext_lazy("Invoices"), lambda run: invoices_of(run)[0], "number"),
    Column(gettext_lazy("Parked"), lambda run: run.sums.parked, "number"),
    Column(gettext_lazy("Started"), lambda run: run.created_at, "day", sort="new"),
    Column(gettext_lazy("Total"), lambda run: invoices_of(run)[1], "money"),
]


@require_safe
@staff_permission("billing.read")
def runs(request: StaffRequest) -> HttpResponseBase:
    """All runs, the newest first."""
    filters = [
        Filter("state", gettext_lazy("State"), lambda rows, v: rows.filter(state=v), "choice", RUN_STATES),
        *seller_filters(),
    ]
    listing = Listing(request.GET, filters=filters, sorts=SORTS, default_sort="-new")
    about = ListPage(
        _("Billing runs"),
        _("A run bills everything that is due up to a day. Nothing is issued before you confirm its preview."),
        _("No billing run yet."),
        "abrechnungen.csv",
        empty_hint=_("Start one: first you see a preview with all sums and everything that cannot be billed."),
        action=Action(_("Start a billing run"), reverse("office:billing-run-start"), "billing.run", "run"),
    )
    return render_list(request, about, listing, BillingRun.objects.select_related("seller"), COLUMNS)


class StartForm(forms.Form):
    seller = forms.ChoiceField(label=gettext_lazy("Seller"))
    billed_until = DayField(
        label=gettext_lazy("Bill until"),
        help_text=gettext_lazy("Every period that begins on or before this day is billed, in advance."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seller"].choices = seller_choices()  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("billing.run")
def start(request: StaffRequest) -> HttpResponseBase:
    """Ask up to which day; the preview is computed by the worker."""
    form = StartForm(request.POST or None, initial={"billed_until": month_end(request.today)})
    if request.method == "POST" and form.is_valid():
        seller = get_object_or_404(Seller, pk=form.cleaned_data["seller"])
        try:
            with once(request) as answer:
                run = ask_for_run(seller, form.cleaned_data["billed_until"], on=request.today, actor=request.actor)
                answer.location = run_url(run)
            return redirect(answer.location)
        except DomainError as refusal:
            add_refusal(form, refusal)
    context = {
        "form": form,
        "sellers": Seller.objects.order_by("name"),
        "open_runs": BillingRun.objects.filter(state="previewed").select_related("seller"),
        "crumbs": [Link(_("Billing runs"), reverse("office:billing-runs")), Link(_("Start"))],
    }
    return render(request, "office/billing/start.html", context, status=422 if form.errors else 200)


class ConfirmForm(forms.Form):
    issue_date = DayField(
        label=gettext_lazy("Date of the invoices"),
        help_text=gettext_lazy("Today or earlier, but not before the last invoice."),
    )

    def __init__(self, *args: Any, seller: Seller, **kwargs: Any) -> None:
        """Says until when an old year is open: until something was dated in the new one."""
        super().__init__(*args, **kwargs)
        if last := last_issue_date(seller.pk, "invoice"):
            day = format_date(last, reader_language())
            self.fields["issue_date"].help_text = _("Today or earlier, but not before {day}, the last invoice.").format(
                day=day
            )


@require_safe
@staff_permission("billing.read")
def run(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """A run in whatever state it is: progress, preview, or report."""
    found = get_object_or_404(BillingRun.objects.select_related("seller"), pk=run_id)
    return _show(request, found, ConfirmForm(seller=found.seller, initial={"issue_date": request.today}))


def _show(request: StaffRequest, found: BillingRun, form: ConfirmForm, status: int = 200) -> HttpResponse:
    language = reader_language()
    context: dict[str, Any] = {
        "run": found,
        "badge": run_badge(found),
        "progress": progress_of(found),
        "form": form,
        "is_left": list_left_runs().filter(pk=found.pk).exists(),
        "crumbs": [Link(_("Billing runs"), reverse("office:billing-runs")), Link(str(found.pk))],
        "until": format_date(found.billed_until, language),
        "parked_customers": found.parked.filter(is_released=False).values("customer_id").distinct().count(),
    }
    if found.preview is not None:
        context |= _preview_context(found, found.preview)
    if found.state == "finished":
        context |= _report_context(found)
    return render(request, "office/billing/run.html", context, status=status)


def progress_of(found: BillingRun) -> dict[str, Any] | None:
    """What the progress bar shows, or None where nothing is going on."""
    if found.state == "running":
        done, total = found.chunks.filter(is_done=True).count(), found.chunks.count()
        title = _("Issuing the invoices")
    elif found.state in ("previewing", "confirming"):
        done, total = found.chunks_seen, found.chunks.count()
        is_new = found.state == "previewing"
        title = _("Computing the preview") if is_new else _("Comparing with the preview")
    else:
        return None
    poll = reverse("office:billing-run-progress", args=[found.pk])
    note = _("You may leave this page; the run goes on.")
    return {"title": title, "done": done, "total": max(total, 1), "note": note, "poll_url": poll}


@require_safe
@staff_permission("billing.read")
def progress(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """The fragment a running bar asks for; the finished one leads to the result."""
    found = get_object_or_404(BillingRun, pk=run_id)
    shown = progress_of(found)
    if shown is None:
        total = max(found.chunks.count(), 1)
        shown = {"title": run_badge(found).label, "done": total, "total": total, "done_url": run_url(found)}
    return render(request, "web/progress.html", {"progress": shown})


def _preview_context(found: BillingRun, preview: Preview) -> dict[str, Any]:
    sums, last, language = preview.sums, preview.last_run, reader_language()
    numbers = {
        key: format_decimal(getattr(sums, key), language, places=0) for key in ("customers", "invoices", "lines")
    }
    parked = reverse("office:billing-parked", args=[found.pk])
    warned = reverse("office:billing-run-warnings", args=[found.pk])
    largest = Customer.objects.in_bulk([customer.id for customer in preview.largest])
    names = {id_: customer.name for id_, customer in largest.items()}
    return {
        "sums": sums,
        "numbers": numbers,
        "has_vat": _has_vat(sums),
        "tiles": [
            *(Tile(label, amount, lead=not n) for n, (label, amount) in enumerate(_totals(sums))),
            Tile(
                _("Invoices"),
                numbers["invoices"],
                note=_("Customers: {customers}, lines: {lines}").format(**numbers),
            ),
            Tile(_("Parked customers"), str(sums.parked), url=parked if sums.parked else "", icon="alert"),
        ],
        "by_product": preview.by_product,
        "by_vat": [(vat_case(name), amount) for name, amount in preview.seen.by_vat.items()],
        "largest": [(number, names.get(id_, ""), id_, total) for id_, number, total in preview.largest],
        "last": last,
        "last_until": format_date(last.billed_until, language) if last else "",
        "differences": changes_between(last.sums, sums) if last else [],
        "warnings": [(one.count, one.reason.warning_sentence, f"{warned}?code={one.code}") for one in preview.warnings],
        **_changes_context(preview),
        "confirm_facts": [
            Fact(_("Invoices"), numbers["invoices"]),
            Fact(_("Customers"), numbers["customers"]),
            *(Fact(label, amount) for label, amount in reversed(_totals(sums))),
            Fact(_("Parked customers"), str(sums.parked), note=_("They are not billed and stop nobody.")),
        ],
    }


def _has_vat(sums: Any) -> bool:
    return bool(sums.total_with_vat != sums.total_without_vat)


def _totals(sums: Any) -> list[tuple[str, str]]:
    """What is to be paid first; where there is no VAT, the one sum is neither with it nor without."""
    if not _has_vat(sums):
        return [(_("Total"), amount_of(sums.total_with_vat))]
    return [
        (_("Total with VAT"), amount_of(sums.total_with_vat)),
        (_("Total without VAT"), amount_of(sums.total_without_vat)),
    ]


def _changes_context(preview: Preview) -> dict[str, Any]:
    """What differs from the preview that somebody wanted to confirm."""
    before, after = preview.changed_from, preview.seen
    if before is None:
        return {}
    changes, vat_changes = changes_between(before.sums, after.sums), vat_changes_between(before, after)
    return {"is_changed": True, "changes": changes, "vat_changes": vat_changes}


def _report_context(found: BillingRun) -> dict[str, Any]:
    outcomes = found.result.get("outcomes", {})
    url = reverse("office:billing-run-contracts", args=[found.pk])
    return {
        "result": found.result,
        "result_total": amount_of(found.result.get("total_with_vat")),
        "outcomes": [(str(OUTCOMES.get(key, key)), count, f"{url}?outcome={key}") for key, count in outcomes.items()],
        "contracts": sum(outcomes.values()),
        "finished_on": found.finished_at,
    }


@require_POST
@staff_permission("billing.run")
def confirm(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """Let the worker issue what the preview showed; if anything changed since, the page will say what."""
    found = get_object_or_404(BillingRun.objects.select_related("seller"), pk=run_id)
    form = ConfirmForm(request.POST, seller=found.seller)
    if not form.is_valid():
        return _show(request, found, form, status=422)
    try:
        with once(request) as answer:
            answer.location = run_url(found)
            day = form.cleaned_data["issue_date"]
            ask_for_issuing(found, issue_date=day, on=request.today, actor=request.actor)
    except DomainError as refusal:
        add_refusal(form, refusal)
        return _show(request, found, form, status=409)
    messages.success(request, _("The run is confirmed. The invoices are being issued."))
    return redirect(answer.location)


@require_POST
@staff_permission("billing.run")
def resume(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """Go on with a confirmed run whose background job failed for good; any other is left as it is."""
    found = get_object_or_404(BillingRun, pk=run_id)

    def act() -> str:
        if resume_run(found, on=request.today, actor=request.actor):
            return _("The run goes on.")
        return _("This run needs no help.")

    return submit_once(request, run_url(found), act)


@require_POST
@staff_permission("billing.run")
def recompute(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """Compute the preview anew, after something was mended."""
    found = get_object_or_404(BillingRun, pk=run_id, state__in=PREVIEWS)

    def act() -> str:
        ask_for_preview(found, on=request.today, actor=request.actor)
        return _("The preview is being computed anew.")

    return submit_once(request, run_url(found), act)


@require_POST
@staff_permission("billing.run")
def discard(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """Throw a preview away."""
    found = get_object_or_404(BillingRun, pk=run_id)

    def act() -> str:
        discard_run(found, on=request.today, actor=request.actor)
        return _("The preview was discarded. Nothing was issued.")

    return submit_once(request, run_url(found), act)


CONTRACT_COLUMNS = [
    Column(
        gettext_lazy("Contract"),
        lambda row: row.number,
        url=lambda row: reverse("office:contract", args=[row.contract_id]),
        sub=lambda row: row.identifier,
    ),
    Column(gettext_lazy("Customer"), lambda row: f"{row.customer_number} {row.customer_name}"),
    Column(gettext_lazy("Outcome"), lambda row: str(OUTCOMES.get(row.outcome, row.outcome))),
]


@require_safe
@staff_permission("billing.read")
def contracts(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """The contracts behind one number of the completeness report."""
    found = get_object_or_404(BillingRun, pk=run_id)
    outcome = request.GET.get("outcome", "")
    if request.GET.get("format") == "csv":
        return csv_of(f"abrechnung-{found.pk}.csv", CONTRACT_COLUMNS, contracts_behind(found, outcome))
    rows = contracts_behind(found, outcome, after=whole_number(request.GET.get("after", "")), size=101)
    context = {
        "run": found,
        "outcome": OUTCOMES.get(outcome, ""),
        "code": outcome if outcome in OUTCOMES else "",
        "rows": rows[:100],
        "next": rows[99].contract_id if len(rows) > 100 else None,
        "crumbs": [
            Link(_("Billing runs"), reverse("office:billing-runs")),
            Link(str(found.pk), run_url(found)),
            Link(_("Contracts")),
        ],
    }
    return render(request, "office/billing/contracts.html", context)
