"""Documents as lists show and export them, with everything looked up for the page at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.papers.kind import invoice_files
from kundenkontor.invoicing.words import KINDS
from kundenkontor.portal.links import contracts_of
from kundenkontor.web.addresses import address_of
from kundenkontor.web.components import Links
from kundenkontor.web.lists.tables import Column
from kundenkontor.web.statuses import document_badges, due_of

NO_LINKS = Links()


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """One document of ``with_status`` in a list. ``size`` is the stored PDF's, 0 while there is none."""

    pk: int
    name: str
    invoice: Any
    linked: Links
    size: int

    def __str__(self) -> str:
        return self.name


def invoice_rows(invoices: Sequence[Invoice], customer_id: int) -> list[InvoiceRow]:
    """Rows for documents of ``with_status``: two more queries, however many rows."""
    ids = [invoice.pk for invoice in invoices]
    linked = contracts_of(ids, customer_id)
    files = invoice_files().filter(paper_id__in=ids, kind="pdf").values_list("paper_id", "file__size")
    sizes = dict(files) if ids else {}
    return [InvoiceRow(one.pk, one.number, one, linked.get(one.pk, NO_LINKS), sizes.get(one.pk, 0)) for one in invoices]


DATE = Column(_("Date"), lambda row: row.invoice.issue_date, "day", sort="date")
AMOUNT = Column(_("Amount"), lambda row: row.invoice.listed_amount, "money", sort="amount")
STATUS = Column(_("Status"), lambda row: document_badges(row.invoice), "badges")
COLUMNS = [
    Column(
        _("Number"),
        lambda row: row.name,
        url=lambda row: address_of("portal:invoice", row.pk),
        sub=lambda row: row.linked,
    ),
    DATE,
    AMOUNT,
    STATUS,
    Column(_("Due"), lambda row: due_of(row.invoice), "day"),
]
# of everything that has an ``invoice`` of ``with_status``
EXPORTED = [
    Column(_("Number"), lambda row: row.invoice.number),
    DATE,
    Column(_("Type"), lambda row: KINDS[row.invoice.type_code]),
    AMOUNT,
    Column(_("Currency"), lambda row: row.invoice.currency),
    STATUS,
    Column(_("Due date"), lambda row: due_of(row.invoice), "day"),
    Column(_("Open"), lambda row: None if row.invoice.kind.corrects else row.invoice.open_amount, "money"),
    Column(_("Payment reference"), lambda row: "" if row.invoice.kind.corrects else row.invoice.payment_reference),
]
