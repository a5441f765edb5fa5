"""An Buchhaltung senden: the PDF of one document to a stored address, never to one typed in (M20)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kundenkontor.delivery.commands import forward_paper
from kundenkontor.invoicing.papers.kind import paper_of
from kundenkontor.papers.waiting import file_for_reader
from kundenkontor.portal.invoices.invoice import own_invoice
from kundenkontor.web.gate.once import once
from kundenkontor.web.gate.policy import customer_permission
from kundenkontor.web.gate.requests import PortalRequest


@customer_permission("invoices.forward")
@require_POST
def forward(request: PortalRequest, invoice_id: int) -> HttpResponseBase:
    with request.reading():
        invoice = own_invoice(request, invoice_id)
    paper = paper_of(invoice)
    pdf = file_for_reader(paper, actor=request.actor)
    with once(request) as answer:
        answer.location = reverse("portal:invoice", args=[invoice.pk])
        mail = forward_paper(paper, pdf, request.POST.get("to", ""), on=request.today, actor=request.actor)
    sentence = _("%(number)s is on its way to %(email)s.")
    messages.success(request, sentence % {"number": invoice.number, "email": mail.recipient})
    return redirect(answer.location)
