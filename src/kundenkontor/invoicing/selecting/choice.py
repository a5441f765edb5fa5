"""Which documents a choice means, and which of their files are there."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

from django.db.models import QuerySet

from kundenkontor.documents.listing import ChosenFile
from kundenkontor.documents.queries import StoredBytes, has_crc
from kundenkontor.documents.zipping import safe_name
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.papers.kind import INVOICE, invoice_files
from kundenkontor.invoicing.queries import with_status
from kundenkontor.papers.models import RenderFailure

STORED = ("file__sha256", "file__size", "file__crc32")
KINDS = {"pdf": ("pdf",), "xml": ("xml",), "pdf+xml": ("pdf", "xml")}
FilesAre = Literal["there", "failed", "damaged", "later"]
Files = dict[tuple[int, str], ChosenFile]  # by document and kind


@dataclass(frozen=True, slots=True)
class Wish:
    """Chosen documents of the customer, or all of a period; as what, is a key of KINDS."""

    kinds: str
    invoice_ids: Sequence[int] | None = None
    issued_from: date | None = None
    issued_until: date | None = None


class ChosenDocument(NamedTuple):
    """A document with what ``with_status`` knows of it, and whether its files are there, or why one is not."""

    invoice: Any
    kinds: tuple[str, ...]
    files: FilesAre


def list_without_files(customer_id: int, wish: Wish, *, limit: int) -> list[int]:
    """The ids of chosen documents that were not rendered yet, up to ``limit``."""
    done = invoice_files().filter(customer_id=customer_id, kind="pdf").values("paper_id")
    return list(_documents(customer_id, wish).exclude(pk__in=done).values_list("pk", flat=True)[:limit])


def choose(customer_id: int, wish: Wish, *, on: date) -> tuple[list[Invoice], Files]:
    """The documents of ``with_status``, oldest first, and their files by document and kind, in the same order."""
    found = {invoice.pk: invoice for invoice in with_status(_documents(customer_id, wish), on=on)}
    within = _documents(customer_id, wish).order_by().values("pk")
    rows = invoice_files().filter(paper_id__in=within, kind__in=KINDS[wish.kinds]).order_by("paper_id", "kind")
    files = {
        (id_, kind): ChosenFile(f"{safe_name(found[id_].number)}.{kind}", found[id_].issue_date, StoredBytes(*stored))
        for id_, kind, *stored in rows.values_list("paper_id", "kind", *STORED)
        if id_ in found  # not: issued between the two queries
    }
    return list(found.values()), files


def take_out_damaged(files: Files) -> Files:
    """Take what is missing or damaged out of the chosen files, and return it. Reads every byte of them: a second for
    some thousand documents."""
    damaged = {key: file for key, file in files.items() if not has_crc(file.stored)}
    for key in damaged:
        del files[key]
    return damaged


def explain(
    invoices: Sequence[Invoice], wish: Wish, files: Files, damaged: Set[tuple[int, str]]
) -> list[ChosenDocument]:
    """Say of each document whether its files are there. Reads what the portal's role may not."""
    kinds = KINDS[wish.kinds]
    ids = [invoice.pk for invoice in invoices]
    rows = RenderFailure.objects.filter(paper_kind=INVOICE.code, paper_id__in=ids)
    failed = set(rows.values_list("paper_id", flat=True))

    def state(id_: int) -> FilesAre:
        wished = {(id_, kind) for kind in kinds}
        if wished & damaged:
            return "damaged"
        if wished <= files.keys():
            return "there"
        return "failed" if id_ in failed else "later"

    return [ChosenDocument(invoice, kinds, state(invoice.pk)) for invoice in invoices]


def _documents(customer_id: int, wish: Wish) -> QuerySet[Invoice]:
    """Oldest first."""
    found = Invoice.objects.filter(customer_id=customer_id)
    if wish.invoice_ids is not None:
        found = found.filter(pk__in=wish.invoice_ids)
    if wish.issued_from is not None:
        found = found.filter(issue_date__gte=wish.issued_from)
    if wish.issued_until is not None:
        found = found.filter(issue_date__lte=wish.issued_until)
    return found.order_by("pk")
