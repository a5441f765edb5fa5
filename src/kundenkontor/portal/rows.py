"""Rows of documents as lists show them, with everything looked up for the page at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.papers.kind import invoice_files
from kundenkontor.invoicing.words import KINDS
from kundenkontor.portal.links import Linked, contracts_of
from kundenkontor.web.components import Badge
from kundenkontor.web.lists.exports import Cell
from kundenkontor.web.statuses import document_badges


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """One document in a list. ``size`` is the stored PDF's, 0 while there is none."""

    invoice: Invoice
    amount: Decimal
    due_date: date | None
    badges: list[Badge]
    linked: Linked
    size: int


def invoice_rows(invoices: Sequence[Invoice], customer_id: int) -> list[InvoiceRow]:
    """Rows for documents of ``with_status``: two more queries, however many rows."""
    ids = [invoice.pk for invoice in invoices]
    linked = contracts_of(ids, customer_id)
    files = invoice_files().filter(paper_id__in=ids, kind="pdf").values_list("paper_id", "file__size")
    sizes = dict(files) if ids else {}
    return [
        InvoiceRow(
            invoice,
            invoice.listed_amount,  # type: ignore[attr-defined]  # annotated
            None if invoice.kind.corrects else invoice.due_date,
            document_badges(invoice),
            linked[invoice.pk] if invoice.pk in linked else Linked(),
            sizes.get(invoice.pk, 0),
        )
        for invoice in invoices
    ]


def export_head() -> list[str]:
    """The columns of ``export_cells``."""
    return [
        _("Number"), _("Date"), _("Type"), _("Amount"), _("Currency"), _("Status"), _("Due date"), _("Open"),
        _("Payment reference"),
    ]  # fmt: skip


def export_cells(invoice: Any) -> list[Cell]:
    """What lists show of a document of ``with_status``, for a file."""
    status = ", ".join(badge.label for badge in document_badges(invoice))
    return [
        invoice.number, invoice.issue_date, str(KINDS[invoice.type_code]), invoice.listed_amount, invoice.currency,
        status, invoice.due_date, invoice.open_amount, invoice.payment_reference,
    ]  # fmt: skip
