"""Invoices, corrections and the like as papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import QuerySet

from kundenkontor.einvoicing.checks import find_violations
from kundenkontor.invoicing.models import Correction, Invoice
from kundenkontor.invoicing.papers.freezing import freeze_invoices
from kundenkontor.invoicing.papers.letters import delivering_letter, forwarding_letter
from kundenkontor.papers.kinds import Paper, PaperKind, PaperLetters, declare
from kundenkontor.papers.models import PaperFile
from kundenkontor.printing.errors import InvalidXml
from kundenkontor.printing.invoice.frozen import TEMPLATE_VERSION, FrozenDocument


def paper_of(invoice: Invoice) -> Paper:
    """What rendering and sending know of a document."""
    return Paper(INVOICE.code, invoice.pk, invoice.number, invoice.customer_id, invoice.seller_id)


def papers_of_run(batch_id: int) -> list[Paper]:
    """What a billing run issued."""
    return INVOICE.find(list(Invoice.objects.filter(batch_id=batch_id).values_list("pk", flat=True)))


def invoice_files() -> QuerySet[PaperFile]:
    """The files of documents; ``paper_id`` is the document's."""
    return PaperFile.objects.filter(paper_kind=INVOICE.code)


def _find(ids: Sequence[int]) -> list[Paper]:
    columns = ("pk", "number", "customer_id", "seller_id")
    rows = Invoice.objects.filter(pk__in=ids).order_by("pk").values_list(*columns)
    return [Paper(INVOICE.code, *row) for row in rows]


def freeze_judged(ids: Sequence[int]) -> Mapping[int, FrozenDocument]:
    """Raises InvalidXml for what our own rules object to; the schema is asked in the render process."""
    frozen = freeze_invoices(ids)
    for document in frozen.values():
        if violations := find_violations(document.invoice):
            raise InvalidXml("; ".join(f"{row.rule_id} {row.term}: {row.message}" for row in violations[:5]))
    return frozen


def _write(ids: Sequence[int]) -> Mapping[int, PaperLetters]:
    related = ("seller", "seller_snapshot", "customer_snapshot")
    corrections = Correction.objects.in_bulk(list(ids))
    return {
        invoice.pk: PaperLetters(
            invoice.seller,
            invoice.language,
            delivering_letter(invoice, corrections.get(invoice.pk)),
            forwarding_letter(invoice, corrections.get(invoice.pk)),
        )
        for invoice in Invoice.objects.select_related(*related).filter(pk__in=ids)
    }


INVOICE = declare(PaperKind(Invoice, "invoice", TEMPLATE_VERSION, _find, freeze_judged, _write))
