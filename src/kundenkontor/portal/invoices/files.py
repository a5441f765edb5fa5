"""The PDF and XML of a document; made by the worker if nobody asked for it before (M18, M19, M33)."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from kundenkontor.invoicing.papers.kind import paper_of
from kundenkontor.portal.invoices.invoice import own_invoice
from kundenkontor.web.gate.files import serve_file
from kundenkontor.web.gate.policy import customer_permission
from kundenkontor.web.gate.requests import PortalRequest


@customer_permission("documents.read", reads_itself=True)
@require_safe
def invoice_pdf(request: PortalRequest, invoice_id: int) -> HttpResponseBase:
    return _file(request, invoice_id, "pdf")


@customer_permission("documents.read", reads_itself=True)
@require_safe
def invoice_xml(request: PortalRequest, invoice_id: int) -> HttpResponseBase:
    return _file(request, invoice_id, "xml")


def _file(request: PortalRequest, invoice_id: int, name: str) -> HttpResponseBase:
    """The document is looked up behind row-level security; only then its file is, as the app role."""
    with request.reading():
        paper = paper_of(own_invoice(request, invoice_id))
    return serve_file(request, paper, name, is_inline=name == "pdf")
