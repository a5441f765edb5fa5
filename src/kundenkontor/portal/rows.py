"""Documents as lists show and export them, with everything looked up for the page at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Func, IntegerField, QuerySet
from django.utils.translation import gettext_lazy as _

from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.papers.kind import INVOICE
from kundenkontor.invoicing.queries import with_status
from kundenkontor.invoicing.words import KINDS
from kundenkontor.portal.links import contracts_of
from kundenkontor.web.addresses import address_of
from kundenkontor.web.components import Links
from kundenkontor.web.lists.tables import Column
from kundenkontor.web.statuses import document_badges, due_of

NO_LINKS = Links()
SIZE = (
    "SELECT size FROM papers_paperfile JOIN documents_storedfile stored ON stored.id = file_id"  # nosec B608
    f" WHERE paper_kind = '{INVOICE.code}' AND kind = 'pdf' AND paper_id = %(expressions)s"
)


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """One document of ``listed`` in a list. ``size`` is the stored PDF's, 0 while there is none."""

    pk: int
    name: str
    invoice: Any
    linked: Links
    size: int

    def __str__(self) -> str:
        return self.name


def listed(invoices: QuerySet[Invoice], *, on: date) -> QuerySet[Invoice]:
    """Documents of ``with_status``, and of each the size of its PDF as ``pdf_size``."""
    size = Func("pk", template=f"coalesce(({SIZE}), 0)", output_field=IntegerField())
    return with_status(invoices, on=on).annotate(pdf_size=size)


def invoice_rows(invoices: Sequence[Any], customer_id: int) -> list[InvoiceRow]:
    """Rows for documents of ``listed``: one more query, however many rows."""
    linked = contracts_of([invoice.pk for invoice in invoices], customer_id)
    return [InvoiceRow(one.pk, one.number, one, linked.get(one.pk, NO_LINKS), one.pdf_size) for one in invoices]


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
