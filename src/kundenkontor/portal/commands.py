"""What the portal itself writes: a reader's choice of documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from kundenkontor.access.models import User
from kundenkontor.access.rls import portal_read
from kundenkontor.documents.commands import store_file
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.invoicing.models import Invoice, InvoiceFile, RenderFailure
from kundenkontor.invoicing.papers.commands import render_invoices
from kundenkontor.invoicing.queries import with_status
from kundenkontor.kernel.clock import utc_now
from kundenkontor.parties.models import Customer
from kundenkontor.portal.errors import NothingSelected
from kundenkontor.portal.invoices.selections import KINDS, freeze_files, invoices_in
from kundenkontor.portal.models import DownloadSelection
from kundenkontor.portal.rows import export_cells, export_head
from kundenkontor.web.lists.exports import Cell, csv_lines

RENDERED_NOW = 40


def select_documents(
    customer: Customer,
    user: User,
    *,
    kinds: str,
    invoice_ids: Sequence[int] | None = None,
    issued_from: date | None = None,
    issued_until: date | None = None,
    language: str,
    on: date,
    actor: Actor,
) -> DownloadSelection:
    """Store which documents a login wants, with the overview as it is now. Up to 40 missing files are made first.

    ``invoice_ids`` are the customer's own, or None for a period. Raises NothingSelected.
    """
    wished = DownloadSelection(
        user=user,
        customer=customer,
        kinds=kinds,
        invoice_ids=None if invoice_ids is None else sorted(set(invoice_ids)),
        issued_from=issued_from,
        issued_until=issued_until,
        last_invoice_id=Invoice.objects.filter(customer=customer).aggregate(last=Max("pk"))["last"] or 0,
    )
    missing = _without_files(wished)
    if 0 < len(missing) <= RENDERED_NOW:
        render_invoices(missing, on=on, actor=actor)
    wished.created_at = utc_now()
    return _store(wished, language=language, on=on, actor=actor)


def _without_files(selection: DownloadSelection) -> list[int]:
    with portal_read([selection.customer_id]):
        done = InvoiceFile.objects.filter(customer_id=selection.customer_id, kind="pdf").values("invoice_id")
        return list(invoices_in(selection).exclude(pk__in=done).values_list("pk", flat=True)[: RENDERED_NOW + 1])


@transaction.atomic
def _store(selection: DownloadSelection, *, language: str, on: date, actor: Actor) -> DownloadSelection:
    rows = _overview_rows(selection, on)
    if not rows:
        raise NothingSelected()
    text = "".join(csv_lines([*export_head(), _("Files")], rows, language))
    selection.overview_sha256 = store_file(text.encode(), "text/csv").sha256
    selection.save(force_insert=True)
    customer = selection.customer
    payload = {"documents": len(rows), "kinds": selection.kinds}
    subject = Subject(selection.pk, customer.number, customer.pk, customer.seller_id, payload)
    record_events("documents.selected", [subject], actor=actor, on=on)
    return selection


def _overview_rows(selection: DownloadSelection, on: date) -> list[list[Cell]]:
    """One row per document, as lists show it, with its files or the reason why one is missing."""
    with portal_read([selection.customer_id]):
        found = list(with_status(invoices_in(selection), on=on))
        files = freeze_files(selection)
    failed = (
        set(RenderFailure.objects.filter(invoice__in=found).values_list("invoice_id", flat=True)) if found else set()
    )
    return [[*export_cells(one), _files_of(one, selection.kinds, files, failed)] for one in found]


def _files_of(invoice: Invoice, kinds: str, files: set[tuple[int, str]], failed: set[int]) -> str:
    wished = KINDS[kinds]
    if all((invoice.pk, kind) in files for kind in wished):
        return ", ".join(kind.upper() for kind in wished)
    if invoice.pk in failed:
        return _("missing: the document could not be made, we are looking into it")
    return _("missing: the document is not made yet, please try again later")
