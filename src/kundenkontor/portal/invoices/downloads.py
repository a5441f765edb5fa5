"""Several documents at once: chosen rows or a whole period as a ZIP, streamed with length and ranges (M34, M35)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kundenkontor.documents.errors import RangeNotSatisfiable
from kundenkontor.documents.models import DownloadSelection
from kundenkontor.documents.selections import entries_of, summary_of
from kundenkontor.documents.zipping import ZipSummary, safe_name, stream_archive
from kundenkontor.invoicing.errors import NothingSelected
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.selecting.choice import KINDS, Wish
from kundenkontor.invoicing.selecting.commands import select_documents
from kundenkontor.portal.invoices.overview import write_overview
from kundenkontor.web.components import Link
from kundenkontor.web.forms import DayField, add_refusal, whole_number
from kundenkontor.web.gate.policy import customer_permission
from kundenkontor.web.gate.requests import PortalRequest
from kundenkontor.web.sendfile import file_sender

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class PeriodForm(forms.Form):
    """Which period, and as what."""

    since = DayField(label=gettext_lazy("From"))
    until = DayField(label=gettext_lazy("Until"))
    kinds = forms.ChoiceField(
        label=gettext_lazy("Files"),
        choices=[
            ("pdf", gettext_lazy("PDF, for people")),
            ("xml", gettext_lazy("XML, for accounting software")),
            ("pdf+xml", gettext_lazy("PDF and XML")),
        ],
        widget=forms.RadioSelect,
        initial="pdf",
    )

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("The period ends before it begins."))
        return cleaned


@customer_permission("documents.read")
@require_POST
def select(request: PortalRequest) -> HttpResponseBase:
    """The rows ticked in the list."""
    kinds = request.POST.get("action", "")
    if kinds not in KINDS:
        raise Http404
    ids = _own_ids(request, request.POST.getlist("invoice"))
    if not ids:
        messages.warning(request, _("Please select at least one document first."))
        return redirect("portal:invoices")
    return _select(request, Wish(kinds, invoice_ids=ids))


def _select(request: PortalRequest, wish: Wish) -> HttpResponseBase:
    selection = select_documents(
        request.customer, request.user, wish, write_overview, on=request.today, actor=request.actor
    )
    return redirect("portal:download", selection.pk)


def _own_ids(request: PortalRequest, wished: Sequence[str]) -> list[int]:
    """The ticked ids; a foreign or unknown one does not exist."""
    ids = {whole_number(text) for text in wished}
    with request.reading():
        known = set(Invoice.objects.filter(customer=request.customer, pk__in=ids).values_list("pk", flat=True))
    if known != ids:
        raise Http404
    return sorted(ids)


@customer_permission("documents.read")
@require_http_methods(["GET", "HEAD", "POST"])
def period(request: PortalRequest) -> HttpResponseBase:
    """A whole period, for the tax adviser."""
    initial = {"since": request.today.replace(month=1, day=1), "until": request.today}
    form = PeriodForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            typed = form.cleaned_data
            return _select(request, Wish(typed["kinds"], issued_from=typed["since"], issued_until=typed["until"]))
        except NothingSelected as error:
            add_refusal(form, error)
    context = {"form": form, "crumbs": [Link(_("Invoices"), "/rechnungen/"), Link(_("Period as ZIP"))]}
    with request.reading():
        return render(request, "portal/invoices/period.html", context, status=422 if form.is_bound else 200)


@customer_permission("documents.read")
@require_safe
def download(request: PortalRequest, selection_id: int) -> HttpResponseBase:
    """The archive. The selection belongs to one login, so the same address gives the same bytes and ranges resume."""
    own = DownloadSelection.objects.filter(user_id=request.user.pk, customer_id=request.customer.pk)
    lean = own.defer("listing")
    selection = get_object_or_404(lean, pk=selection_id)
    summary = summary_of(selection)
    etag = _etag(selection, summary)
    first, last, is_range = _range(request, summary.length, etag)
    headers = {"ETag": etag, "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache"}
    try:
        entries, send = entries_of(selection, reading=request.reading), file_sender(request)
        pieces = stream_archive(entries, summary, first=first, last=last, send=send)
    except RangeNotSatisfiable:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{summary.length}"})
    headers["Content-Length"] = str(last - first + 1)
    headers["Content-Disposition"] = f'attachment; filename="{_archive_name(request)}"'
    if is_range:
        headers["Content-Range"] = f"bytes {first}-{last}/{summary.length}"
    status = 206 if is_range else 200
    body = pieces if request.method == "GET" else ()
    return StreamingHttpResponse(body, status=status, content_type="application/zip", headers=headers)


def _etag(selection: DownloadSelection, summary: ZipSummary) -> str:
    text = f"{selection.pk} {selection.created_at.isoformat()} {summary.count} {summary.length}"
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _range(request: PortalRequest, length: int, etag: str) -> tuple[int, int, bool]:
    """First and last byte, and whether a part was asked for; several ranges, or another state, give the whole."""
    wished = RANGE.fullmatch(request.headers.get("Range", ""))
    if wished is None or request.headers.get("If-Range", etag) != etag or not any(wished.groups()):
        return 0, length - 1, False
    begin, end = wished.groups()
    if not begin:
        return max(length - int(end), 0), length - 1, True
    last = min(int(end), length - 1) if end else length - 1
    return int(begin), last, True


def _archive_name(request: PortalRequest) -> str:
    return safe_name(_("invoices") + f"-{request.customer.number}.zip")
