"""A reader's choice of documents for a ZIP: which rows it means, what the overview says, how long the archive is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Length
from django.utils import timezone

from kundenkontor.access.rls import portal_read
from kundenkontor.documents.models import StoredFile
from kundenkontor.documents.queries import open_file
from kundenkontor.documents.zipping import ZipEntry, ZipSummary
from kundenkontor.invoicing.models import Invoice, InvoiceFile
from kundenkontor.portal.models import DownloadSelection

OVERVIEW = "uebersicht.csv"
PAGE = 1000
KINDS = {"pdf": ("pdf",), "xml": ("xml",), "pdf+xml": ("pdf", "xml")}


def invoices_in(selection: DownloadSelection) -> QuerySet[Invoice]:
    """The documents of a selection, oldest first. What is issued later never slips in."""
    found = Invoice.objects.filter(customer_id=selection.customer_id, pk__lte=selection.last_invoice_id)
    if selection.invoice_ids is not None:
        found = found.filter(pk__in=selection.invoice_ids)
    if selection.issued_from is not None:
        found = found.filter(issue_date__gte=selection.issued_from)
    if selection.issued_until is not None:
        found = found.filter(issue_date__lte=selection.issued_until)
    return found.order_by("pk")


def files_in(selection: DownloadSelection) -> QuerySet[InvoiceFile]:
    """The stored files of a selection; what is rendered after it was made stays out, so that ranges fit together."""
    within = Q(invoice__customer_id=selection.customer_id, invoice_id__lte=selection.last_invoice_id)
    if selection.invoice_ids is not None:
        within &= Q(invoice_id__in=selection.invoice_ids)
    if selection.issued_from is not None:
        within &= Q(invoice__issue_date__gte=selection.issued_from)
    if selection.issued_until is not None:
        within &= Q(invoice__issue_date__lte=selection.issued_until)
    return InvoiceFile.objects.filter(
        within,
        customer_id=selection.customer_id,
        kind__in=KINDS[selection.kinds],
        created_at__lte=selection.created_at,
    )


def summary_of(selection: DownloadSelection, overview: StoredFile) -> ZipSummary:
    """Count, bytes and length of names in one SQL sum; the length of the archive follows from them."""
    sums = files_in(selection).aggregate(
        count=Count("id"), size=Sum("file__size"), names=Sum(Length("invoice__number") + 1 + Length("kind"))
    )
    return ZipSummary(1 + sums["count"], overview.size + (sums["size"] or 0), len(OVERVIEW) + (sums["names"] or 0))


def entries_of(selection: DownloadSelection, overview: StoredFile) -> Iterator[ZipEntry]:
    """The overview, then the files in pages of 1,000 rows, each read in a transaction of its own."""
    made_on = timezone.localtime(selection.created_at, timezone.get_fixed_timezone(0)).date()
    yield ZipEntry(OVERVIEW, overview.size, overview.crc32, made_on, lambda: open_file(overview))
    after = (0, "")
    while True:
        with portal_read([selection.customer_id]):
            page = list(_page(selection, after))
        for invoice_id, kind, number, issue_date, sha256, size, crc32 in page:
            yield _entry(f"{_file_name(number)}.{kind}", StoredFile(sha256=sha256, size=size, crc32=crc32), issue_date)
            after = (invoice_id, kind)
        if len(page) < PAGE:
            return


def _page(selection: DownloadSelection, after: tuple[int, str]) -> QuerySet[InvoiceFile, tuple[Any, ...]]:
    invoice_id, kind = after
    rows = files_in(selection).filter(invoice_id__gte=invoice_id)
    rows = rows.exclude(Q(invoice_id=invoice_id, kind__lte=kind))
    columns = ("invoice_id", "kind", "invoice__number", "invoice__issue_date")
    return rows.order_by("invoice_id", "kind").values_list(*columns, "file__sha256", "file__size", "file__crc32")[:PAGE]


def _entry(name: str, stored: StoredFile, modified: date) -> ZipEntry:
    return ZipEntry(name, stored.size, stored.crc32, modified, lambda: open_file(stored))


def _file_name(number: str) -> str:
    """One character for each, so that the database can sum the lengths."""
    return "".join(char if char.isascii() and (char.isalnum() or char in "-_.") else "_" for char in number)
