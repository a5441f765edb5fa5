"""Looking after the installation: integrity, background jobs, and in demo and test mode the business clock."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from procrastinate.contrib.django.models import ProcrastinateJob

from kundenkontor.events.commands import move_clock
from kundenkontor.events.models import Event, EventSeal, SealAnchor
from kundenkontor.events.names import INTEGRITY_CHECKED
from kundenkontor.events.queries import clock_offset_days
from kundenkontor.integrity import ask_for_check, check_all
from kundenkontor.invoicing.issuing.restored import list_unreleased
from kundenkontor.jobs.words import STATES
from kundenkontor.kernel.formats import format_date, format_decimal
from kundenkontor.office.control.commands import restart_failed_job
from kundenkontor.office.desk.form_pages import FormPage, serve_form
from kundenkontor.office.desk.submits import submit_once
from kundenkontor.web.components import Badge, Fact, Tone
from kundenkontor.web.forms import reader_language
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Column, list_context


@require_safe
@staff_permission("integrity.read")
def integrity(request: StaffRequest) -> HttpResponseBase:
    """The result of the last full check; ``?now=1`` checks everything but the files while the reader waits."""
    last = Event.objects.filter(name=INTEGRITY_CHECKED.name).order_by("-id").first()
    rows: list[dict[str, Any]] = []
    if request.GET.get("now"):
        rows = [asdict(finding) for finding in check_all(files=False)]
    elif last is not None:
        rows = last.payload["findings"]
    context = {
        "rows": [row | {"title": _(row["title"])} for row in rows],
        "wrong": sum(1 for row in rows if row["count"]),
        "is_restored": list_unreleased().exists(),
        "last": last,
        "is_now": bool(request.GET.get("now")),
        "facts": _chain_facts(),
    }
    return render(request, "office/control/integrity.html", context)


def _chain_facts() -> list[Fact]:
    """Where the chain of events ends, and where it was last written down outside."""
    head = EventSeal.objects.order_by("-sequence").first()
    anchor = SealAnchor.objects.order_by("-sequence").first()
    language = reader_language()
    if head is None:
        return [Fact(_("Chain of events"), _("nothing sealed yet"))]
    place = format_decimal(Decimal(head.sequence), language, places=0)
    facts = [Fact(_("Sealed events"), place), Fact(_("Head of the chain"), bytes(head.hash).hex())]
    if anchor is not None:
        note = _("Seal {sequence}: {hash}").format(sequence=anchor.sequence, hash=bytes(anchor.hash).hex())
        facts.append(Fact(_("Last anchor"), format_date(anchor.anchored_at.date(), language), note=note))
    return facts


@require_POST
@staff_permission("integrity.run")
def integrity_run(request: StaffRequest) -> HttpResponseBase:
    """Check everything, files too, in the background; the result is an event."""

    def act() -> str:
        ask_for_check(on=request.today, actor=request.actor)
        return _("The check is running; its result will stand here.")

    return submit_once(request, reverse("office:integrity"), act)


JOB_TONES: dict[str, Tone] = {"todo": "info", "doing": "info", "failed": "bad", "succeeded": "good"}


def job_badge(status: str) -> Badge:
    return Badge(JOB_TONES.get(status, "neutral"), str(STATES.get(status, status)))


def _place(job: ProcrastinateJob) -> str:
    return " · ".join(filter(None, [str(job.pk), job.queue_name, _arguments(job)]))


COLUMNS = [
    Column(gettext_lazy("Task"), lambda job: job.task_name, sub=_place),
    Column(gettext_lazy("State"), lambda job: [job_badge(job.status)], "badges"),
    Column(gettext_lazy("Attempts"), lambda job: job.attempts, "number"),
    Column(gettext_lazy("Due"), lambda job: job.scheduled_at, "day"),
]


@require_safe
@staff_permission("integrity.read")
def jobs(request: StaffRequest) -> HttpResponseBase:
    """Background jobs; failed ones can be run again."""
    filters = (
        Filter("state", gettext_lazy("State"), lambda rows, v: rows.filter(status=v), "choice", STATES),
        Filter("task", gettext_lazy("Task"), lambda rows, v: rows.filter(task_name__icontains=v)),
    )
    sorts = {"new": Sort(gettext_lazy("Newest"), ("id",))}
    listing = Listing(request.GET, filters=filters, sorts=sorts, default_sort="-new")
    context = {
        "failed": ProcrastinateJob.objects.filter(status="failed").count(),
        "may_retry": "integrity.run" in request.permissions,
    }
    shown = list_context(listing, listing.apply(ProcrastinateJob.objects.all()), COLUMNS)
    return render(request, "office/control/jobs.html", shown | context)


def _arguments(job: ProcrastinateJob) -> str:
    """Names and numbers only: texts may be what somebody typed."""
    shown = [f"{name}={_short(value)}" for name, value in sorted(job.args.items())]
    return ", ".join(shown)


def _short(value: object) -> str:
    if isinstance(value, list):
        return _("{n} entries").format(n=len(value))
    return str(value) if isinstance(value, int) else "…"


@require_POST
@staff_permission("integrity.run")
def job_retry(request: StaffRequest, job_id: int) -> HttpResponseBase:
    """Run a failed job again."""
    job = get_object_or_404(ProcrastinateJob, pk=job_id)

    def act() -> str:
        restart_failed_job(job, on=request.today, actor=request.actor)
        return _("The job waits to run again.")

    return submit_once(request, reverse("office:jobs"), act)


class ClockForm(forms.Form):
    days = forms.IntegerField(
        label=gettext_lazy("Days forward"),
        min_value=1,
        max_value=400,
        help_text=gettext_lazy("The clock never goes back."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("clock.move")
def clock(request: StaffRequest) -> HttpResponseBase:
    """Move the business date forward; demo and test only."""
    if settings.MODE == "production":
        raise Http404
    language = reader_language()
    about = FormPage(
        _("Business clock"),
        _("Move the business date forward"),
        reverse("office:home"),
        lead=_("For trying out months in minutes. Only business dates move; sessions and links keep real time."),
        facts=[
            Fact(_("Business date"), format_date(request.today, language)),
            Fact(_("Ahead of the calendar by"), _("{n} days").format(n=clock_offset_days())),
        ],
        warning=_("Everything that is due by the new date happens: reminders, previews of billing runs."),
        done=_("The business date has moved."),
    )

    def act(values: dict[str, Any]) -> str:
        move_clock(values["days"], actor=request.actor)
        return reverse("office:clock")

    return serve_form(request, ClockForm(request.POST or None, initial={"days": 1}), about, act)
