"""The PDF and XML of a document, shown inline; made now if nobody asked for it before (M18, M19, M33)."""

from __future__ import annotations

from django.http import FileResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kundenkontor.documents.models import StoredFile
from kundenkontor.documents.queries import open_file
from kundenkontor.invoicing.papers.kind import paper_of
from kundenkontor.papers.commands import get_or_render
from kundenkontor.portal.invoices.invoice import own_invoice
from kundenkontor.printing.errors import RenderingError
from kundenkontor.web.gate.policy import customer_permission
from kundenkontor.web.gate.requests import PortalRequest

RETRY_SECONDS = 30


@customer_permission("documents.read", reads_itself=True)
@require_safe
def invoice_pdf(request: PortalRequest, invoice_id: int) -> HttpResponseBase:
    return _file(request, invoice_id, "pdf")


@customer_permission("documents.read", reads_itself=True)
@require_safe
def invoice_xml(request: PortalRequest, invoice_id: int) -> HttpResponseBase:
    return _file(request, invoice_id, "xml")


def _file(request: PortalRequest, invoice_id: int, kind: str) -> HttpResponseBase:
    """The document is looked up behind row-level security; only then it may be rendered, as the app role."""
    with request.reading():
        invoice = own_invoice(request, invoice_id)
    try:
        stored = get_or_render(paper_of(invoice), kind, on=request.today, actor=request.actor)
    except RenderingError:
        answer = render(request, "portal/invoices/not_ready.html", {"invoice": invoice}, status=503)
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer
    return file_response(request, stored, f"{invoice.number}.{kind}", is_inline=kind == "pdf")


def file_response(request: PortalRequest, stored: StoredFile, name: str, *, is_inline: bool) -> HttpResponseBase:
    """The stored bytes; a browser that has them already gets 304."""
    etag = f'"{stored.sha256}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    return FileResponse(
        open_file(stored),
        as_attachment=not is_inline,
        filename=name,
        content_type=stored.media_type,
        headers={**headers, "Content-Length": str(stored.size)},
    )
