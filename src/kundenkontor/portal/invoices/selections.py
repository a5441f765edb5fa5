"""A reader's choice of documents for a ZIP: which rows it means, what the overview says, how long the archive is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Length

from kundenkontor.access.rls import portal_read
from kundenkontor.documents.models import StoredFile
from kundenkontor.documents.queries import StoredBytes, open_file
from kundenkontor.documents.zipping import ZipEntry, ZipSummary
from kundenkontor.invoicing.models import Invoice, InvoiceFile
from kundenkontor.portal.models import DownloadSelection

OVERVIEW = "uebersicht.csv"
PAGE = 1000
PAGE_OF_FILES = """
SELECT i.number, f.kind, i.issue_date, s.sha256, s.size, s.crc32
FROM invoicing_invoicefile f
JOIN invoicing_invoice i ON i.id = f.invoice_id
JOIN documents_storedfile s ON s.id = f.file_id
WHERE f.id = ANY(%s) AND f.customer_id = %s ORDER BY f.invoice_id, f.kind
"""
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


def freeze_files(selection: DownloadSelection) -> set[tuple[int, str]]:
    """Note the stored files of the selection and their sums; return them as (invoice id, kind)."""
    within = invoices_in(selection).order_by().values("pk")
    files = InvoiceFile.objects.filter(invoice_id__in=within, kind__in=KINDS[selection.kinds])
    columns = ("id", "invoice_id", "kind", "file__size", Length("invoice__number"))
    rows = list(files.order_by("invoice_id", "kind").values_list(*columns))
    selection.file_ids = [row[0] for row in rows]
    selection.file_count = len(rows)
    selection.file_bytes = sum(row[3] for row in rows)
    selection.file_name_length = sum(row[4] + len(".") + len(row[2]) for row in rows)
    return {(row[1], row[2]) for row in rows}


def summary_of(selection: DownloadSelection, overview: StoredFile) -> ZipSummary:
    """Count, bytes and length of names, as frozen; no file is looked at."""
    return ZipSummary(
        1 + selection.file_count,
        overview.size + selection.file_bytes,
        len(OVERVIEW) + selection.file_name_length,
    )


def entries_of(selection: DownloadSelection, overview: StoredFile) -> Iterator[ZipEntry]:
    """The overview, then the files in pages of 1,000 rows, each read in a transaction of its own."""
    yield ZipEntry(OVERVIEW, overview.size, overview.crc32, selection.created_at.date(), lambda: open_file(overview))
    customer_ids = [selection.customer_id]
    with portal_read(customer_ids):
        ids = selection.file_ids  # deferred until the first bytes are out
    for start in range(0, len(ids), PAGE):
        with portal_read(customer_ids):
            page = _page(ids[start : start + PAGE], selection.customer_id)
        for number, kind, issue_date, sha256, size, crc32 in page:
            stored = StoredBytes(sha256, size)
            yield ZipEntry(f"{_file_name(number)}.{kind}", size, crc32, issue_date, partial(open_file, stored))


def _page(ids: Sequence[int], customer_id: int) -> list[tuple[Any, ...]]:
    """The files of these ids, in the order of the archive. One array: a placeholder per id costs more than the rows."""
    with connection.cursor() as cursor:
        cursor.execute(PAGE_OF_FILES, [list(ids), customer_id])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _file_name(number: str) -> str:
    """One character for each, so that the database can sum the lengths."""
    if number.isascii() and number.isalnum():
        return number
    return "".join(char if char.isascii() and (char.isalnum() or char in "-_.") else "_" for char in number)
