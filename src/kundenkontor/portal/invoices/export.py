"""The list of documents as CSV, filtered as on the page, streamed in pages."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kundenkontor.access.rls import portal_read
from kundenkontor.invoicing.models import Invoice
from kundenkontor.portal.invoices.invoices import listing_of
from kundenkontor.portal.rows import EXPORTED, InvoiceRow, invoice_rows, listed
from kundenkontor.web.gate.policy import customer_permission
from kundenkontor.web.gate.requests import PortalRequest
from kundenkontor.web.lists.filters import Listing
from kundenkontor.web.lists.tables import Column, csv_of

PAGE = 1000


@customer_permission("invoices.read")
@require_safe
def invoice_export(request: PortalRequest) -> HttpResponseBase:
    columns = [*EXPORTED, Column(_("Contracts"), lambda row: row.linked, "links")]
    name = _("invoices") + f"-{request.today:%Y-%m-%d}.csv"
    return csv_of(name, columns, list_rows(request, listing_of(request)))


def list_rows(request: PortalRequest, listing: Listing) -> Iterator[InvoiceRow]:
    """The rows, oldest first; each page of 1,000 is read in a transaction of its own behind row-level security."""
    customer_id, after = request.customer.pk, 0
    while True:
        with portal_read([customer_id]):
            found = listing.apply(
                listed(Invoice.objects.filter(customer_id=customer_id, pk__gt=after), on=request.today)
            )
            page = invoice_rows(list(found.order_by("pk")[:PAGE]), customer_id)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].pk
