"""Import: upload two files, look at every row, confirm, watch, and find past imports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kundenkontor.imports.models import ImportRun, ImportUpload
from kundenkontor.imports.planning.plan import FileFacts, ImportPlan, RowOutcome
from kundenkontor.imports.planning.queries import preview_import
from kundenkontor.imports.planning.report import ImportReport, report_of
from kundenkontor.imports.reading.problems import RowProblem
from kundenkontor.imports.uploads.commands import confirm_upload, discard_upload, store_upload
from kundenkontor.imports.words import ENCODINGS, FILES, OUTCOMES, STEPS
from kundenkontor.invoicing.models import SERIES_KINDS
from kundenkontor.kernel.formats import format_date, format_money
from kundenkontor.kernel.texts import one_line
from kundenkontor.office.desk.choices import seller_choices, seller_filters
from kundenkontor.office.desk.form_pages import FormPage, serve_form
from kundenkontor.office.desk.submits import submit_once
from kundenkontor.office.imports.rows import PAGE_SIZE, ShownRow, shown_outcome, shown_problem
from kundenkontor.parties.models import Seller
from kundenkontor.web.components import Fact, Link
from kundenkontor.web.forms import DayField, reader_language, written
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.counted import CountedPage
from kundenkontor.web.lists.filters import Listing, Sort
from kundenkontor.web.lists.tables import Action, Column, ListPage, render_list

LARGEST_FILE = 100 * 1024**2


def _counts(run: ImportRun, outcome: str) -> int:
    return sum(counts.get(outcome, 0) for counts in run.report.get("counts", {}).values())


@require_safe
@staff_permission("imports.read")
def imports(request: StaffRequest) -> HttpResponseBase:
    """Past imports."""
    columns = [
        Column(
            gettext_lazy("Import"),
            lambda row: f"{row.pk}",
            url=lambda row: reverse("office:import", args=[row.pk]),
            sub=lambda row: ", ".join(name for name, _hash in row.files),
        ),
        Column(gettext_lazy("Imported on"), lambda row: row.imported_at, "day", sort="new"),
        Column(gettext_lazy("By"), lambda row: row.imported_by),
        Column(gettext_lazy("Seller"), lambda row: row.seller.name),
        Column(gettext_lazy("New"), lambda row: _counts(row, "new"), "number"),
        Column(gettext_lazy("Changed"), lambda row: _counts(row, "changed"), "number"),
        Column(gettext_lazy("Refused"), lambda row: _counts(row, "refused"), "number"),
    ]
    about = ListPage(
        _("Imports"),
        _("Take customers and contracts over from CSV files. The same file twice changes nothing."),
        _("Nothing was imported yet"),
        "imports.csv",
        action=Action(_("Import files"), reverse("office:import-new"), "imports.run"),
    )
    sorts = {"new": Sort(gettext_lazy("Imported on"), ("imported_at", "id"))}
    listing = Listing(request.GET, filters=seller_filters(), sorts=sorts, default_sort="-new")
    return render_list(request, about, listing, ImportRun.objects.select_related("seller"), columns)


@require_safe
@staff_permission("imports.read")
def import_run(request: StaffRequest, import_id: int) -> HttpResponse:
    """One past import with the problems it reported."""
    run = get_object_or_404(ImportRun.objects.select_related("seller"), pk=import_id)
    problems = [RowProblem(**entry) for entry in run.report.get("problems", [])]
    context = {
        "run": run,
        "facts": _run_facts(run),
        "shown": CountedPage(request.GET, problems, size=PAGE_SIZE),
        "words": shown_problem,
        "crumbs": [Link(_("Imports"), reverse("office:imports")), Link(str(run.pk))],
    }
    return render(request, "office/imports/run.html", context)


def _run_facts(run: ImportRun) -> list[Fact]:
    language = reader_language()
    facts = [Fact(_("Seller"), run.seller.name), Fact(_("By"), run.imported_by)]
    if run.cut_over_date:
        facts.append(Fact(_("Cut-over date"), format_date(run.cut_over_date, language)))
    files = {kind: FileFacts(**facts) for kind, facts in run.report.get("files", {}).items()}
    facts += count_facts(run.report.get("counts", {}), files)
    products = run.report.get("new_products", [])
    if products:
        facts.append(Fact(_("New products"), len(products), note=", ".join(products[:10])))
    return facts


def count_facts(counts: Mapping[Any, dict[Any, int]], files: Mapping[Any, FileFacts]) -> list[Fact]:
    """Rows per file and outcome, in words; beside them what was read, so that nothing is missing unseen."""
    facts = []
    for kind, by_outcome in counts.items():
        parts = [f"{written(by_outcome[name])} {label}" for name, label in OUTCOMES.items() if by_outcome.get(name)]
        note = _read_as(files[kind]) if kind in files else ""
        facts.append(Fact(str(FILES[kind]), ", ".join(parts) or _("no rows"), note=note))
    return facts


def _read_as(facts: FileFacts) -> str:
    sentence = _("Lines read: {lines}, rows found: {rows}; {encoding}")
    encoding = ENCODINGS[facts.encoding]
    return sentence.format(lines=written(facts.lines), rows=written(facts.rows), encoding=encoding)


class UploadForm(forms.Form):
    seller = forms.ChoiceField(
        label=gettext_lazy("Seller"), help_text=gettext_lazy("Customer and contract numbers are unique per seller.")
    )
    customers = forms.FileField(
        label=gettext_lazy("Customers (CSV)"), required=False, widget=forms.FileInput(attrs={"accept": ".csv,.txt"})
    )
    contracts = forms.FileField(
        label=gettext_lazy("Contracts (CSV)"), required=False, widget=forms.FileInput(attrs={"accept": ".csv,.txt"})
    )
    cut_over_date = DayField(
        label=gettext_lazy("Cut-over date"),
        required=False,
        help_text=gettext_lazy(
            "Periods that begin before it were billed by the old system. Left empty, it is the first of next month if "
            "contracts began more than one period ago."
        ),
    )
    next_invoice = forms.IntegerField(
        label=gettext_lazy("Next number: invoices"),
        min_value=1,
        max_value=999_999_999,
        required=False,
        help_text=gettext_lazy("Only where the numbers of the old system go on. Possible before the first document."),
    )
    next_credit_note = forms.IntegerField(
        label=gettext_lazy("Next number: cancellations and corrections"),
        min_value=1,
        max_value=999_999_999,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seller = self.fields["seller"]
        assert isinstance(seller, forms.ChoiceField)
        seller.choices = seller_choices()

    def clean(self) -> dict[str, Any]:
        for name in ("customers", "contracts"):
            upload = self.cleaned_data.get(name)
            if upload and upload.size > LARGEST_FILE:
                self.add_error(name, ValidationError(_("At most 100 MB can be imported at once.")))
        if not self.cleaned_data.get("customers") and not self.cleaned_data.get("contracts") and not self.errors:
            raise ValidationError(_("Please choose at least one file."))
        return self.cleaned_data


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("imports.run", takes_uploads=True)
def import_new(request: StaffRequest) -> HttpResponse:
    """Upload files; nothing is written before the preview is confirmed."""
    url = reverse("office:imports")
    form = UploadForm(request.POST or None, request.FILES or None)
    about = FormPage(
        _("Import files"),
        _("Show preview"),
        url,
        lead=_(
            "You see every row before anything is written. No login is made; mail goes only to addresses that the file "
            "replaces."
        ),
        crumbs=[Link(_("Imports"), url), Link(_("Import files"))],
        is_multipart=True,
    )

    def act(data: dict[str, Any]) -> str:
        numbers = {kind: data.get(f"next_{kind}") for kind in SERIES_KINDS}
        upload = store_upload(
            get_object_or_404(Seller, pk=data["seller"]),
            _read(data["customers"]),
            _read(data["contracts"]),
            cut_over_date=data["cut_over_date"],
            next_numbers={kind: number for kind, number in numbers.items() if number},
            on=request.today,
            actor=request.actor,
        )
        return reverse("office:import-preview", args=[upload.pk])

    return serve_form(request, form, about, act, template="office/imports/new.html")


def _read(upload: Any) -> tuple[str, bytes] | None:
    if not upload:
        return None
    upload.seek(0)
    return one_line(upload.name), upload.read()


@require_safe
@staff_permission("imports.read")
def import_preview(request: StaffRequest, upload_id: int) -> HttpResponse:
    """Every row of the files and what would happen to it; or how far the import is."""
    upload = get_object_or_404(ImportUpload.objects.select_related("seller"), pk=upload_id)
    if upload.state == "done":
        return redirect("office:import", upload.run_id)
    crumbs = [Link(_("Imports"), reverse("office:imports")), Link(_("Preview"))]
    context: dict[str, Any] = {"upload": upload, "crumbs": crumbs}
    if upload.state == "waiting":
        return render(request, "office/imports/progress.html", context | {"progress": _progress(upload)})
    if upload.state == "previewed":
        plan = preview_import(upload.seller, *upload.contents, on=request.today)
        report = report_of(plan)
        context |= _preview(request, report)
        warning = _cut_over_warning(plan, upload)
        context |= {"facts": _upload_facts(upload, report), "button": _button(report), "warning": warning}
    return render(request, "office/imports/preview.html", context)


def _upload_facts(upload: ImportUpload, report: ImportReport) -> list[Fact]:
    language = reader_language()
    files = ", ".join(name for name in (upload.customers_name, upload.contracts_name) if name)
    facts = [Fact(_("Seller"), upload.seller.name), Fact(_("Files"), files)]
    if upload.cut_over_date:
        facts.append(Fact(_("Cut-over date"), format_date(upload.cut_over_date, language)))
    if report.new_products:
        names = ", ".join(report.new_products[:10]) + (" …" if len(report.new_products) > 10 else "")
        facts.append(Fact(_("New products"), len(report.new_products), note=names))
    return [*facts, *count_facts(report.counts, report.files)]


def _cut_over_warning(plan: ImportPlan, upload: ImportUpload) -> str:
    count, total = plan.left_to_others(upload.cut_over_date)
    if not count:
        return ""
    sentence = ngettext(
        "{n} contract begins before the cut-over date; its running period ({sum} net) is not billed here.",
        "{n} contracts begin before the cut-over date; their running periods ({sum} net in all) are not billed here.",
        count,
    )
    return sentence.format(n=written(count), sum=format_money(total, "EUR", reader_language()))


def _button(report: ImportReport) -> str:
    """Empty where the files change nothing."""
    rows = sum(counts["new"] + counts["changed"] for counts in report.counts.values())
    return ngettext("Import {n} row", "Import {n} rows", rows).format(n=written(rows)) if rows else ""


def _preview(request: HttpRequest, report: ImportReport) -> dict[str, Any]:
    """The rows of the chosen outcome, a page at a time."""
    by_row: dict[tuple[str, int], list[RowProblem]] = {}
    for problem in report.problems:
        by_row.setdefault((problem.file, problem.line), []).append(problem)
    totals = {name: sum(counts[name] for counts in report.counts.values()) for name in OUTCOMES}
    default = next((name for name in OUTCOMES if totals[name]), "new")  # what was refused comes first
    wished = request.GET.get("show", "")
    chosen = wished if wished in (*OUTCOMES, "warnings") else default
    warned = {(problem.file, problem.line) for problem in report.warnings}

    def is_shown(file: str, line: int, outcome: str) -> bool:
        return (file, line) in warned if chosen == "warnings" else outcome == chosen

    def show(row: RowOutcome) -> ShownRow:
        return shown_outcome(row, by_row.get((row.file, row.line), []))

    rows = [row for row in report.outcomes() if is_shown(row.file, row.line, row.outcome)]
    tabs = [Link(str(OUTCOMES[name]), f"?show={name}", name == chosen, totals[name]) for name in OUTCOMES]
    tabs.append(Link(_("with warnings"), "?show=warnings", chosen == "warnings", len(warned)))
    shown = CountedPage(request.GET, rows, size=PAGE_SIZE)
    return {"shown": shown, "words": show, "tabs": tabs, "chosen": chosen}


def _progress(upload: ImportUpload) -> dict[str, Any]:
    step, done, total = upload.progress or ["reading", 0, 1]
    return {
        "title": STEPS.get(step, step),
        "done": done,
        "total": max(total, 1),
        "poll_url": reverse("office:import-progress", args=[upload.pk]),
    }


@require_safe
@staff_permission("imports.read")
def import_progress(request: StaffRequest, upload_id: int) -> HttpResponse:
    """The fragment that the running import's page asks for."""
    upload = get_object_or_404(ImportUpload, pk=upload_id)
    context = _progress(upload)
    if upload.state != "waiting":
        url = reverse("office:import-preview", args=[upload.pk])
        context |= {"poll_url": "", "done_url": url, "done": context["total"]}
    return render(request, "web/progress.html", {"progress": context})


@require_POST
@staff_permission("imports.run")
def import_confirm(request: StaffRequest, upload_id: int) -> HttpResponseBase:
    """Take the files in, in the background."""
    upload = get_object_or_404(ImportUpload, pk=upload_id)

    def act() -> str:
        confirm_upload(upload, on=request.today, actor=request.actor)
        return ""

    return submit_once(request, reverse("office:import-preview", args=[upload.pk]), act)


@require_POST
@staff_permission("imports.run")
def import_discard(request: StaffRequest, upload_id: int) -> HttpResponseBase:
    """Throw the files away."""
    upload = get_object_or_404(ImportUpload, pk=upload_id)

    def act() -> str:
        discard_upload(upload)
        return _("The files are thrown away; nothing was imported.")

    return submit_once(request, reverse("office:imports"), act)
