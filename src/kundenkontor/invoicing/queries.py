"""The status of documents, derived: never stored, so it changes with the posting (M16, M23-M26, M51)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import (
    BooleanField,
    DateField,
    DecimalField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)

from kundenkontor.invoicing.models import Correction, Invoice, VatBreakdown
from kundenkontor.receivables.models import OpenItem
from kundenkontor.receivables.queries import LOST_OF_ITEM, items_written_off

OPEN, PAID, CREDIT_NOTE = "open", "paid", "credit_note"
OVERDUE, PARTLY_PAID, CANCELLED, WRITTEN_OFF = "overdue", "partly_paid", "cancelled", "written_off"
IS_CREDIT_NOTE = Q(sign=-1)
IS_OPEN = ~IS_CREDIT_NOTE & Q(open_item__open_amount__gt=0)
FILTERS = {OPEN: IS_OPEN, CREDIT_NOTE: IS_CREDIT_NOTE}
MONEY = DecimalField(max_digits=14, decimal_places=2)
CANCELLATION = "SELECT FROM invoicing_correction WHERE original_id = %(expressions)s AND is_full"
CORRECTED = (
    "SELECT sum(credit.amount_due) FROM invoicing_correction JOIN invoicing_invoice credit ON credit.id = invoice_id"
    " WHERE original_id = %(expressions)s"
)
STILL_OPEN = "SELECT open_amount FROM receivables_openitem WHERE id = %(expressions)s"


def with_status(invoices: QuerySet[Invoice], *, on: date) -> QuerySet[Invoice]:
    """Look up what ``status_of`` and the labels beside it are told from: ``seen_on``, ``open_amount``,
    ``is_cancelled``, ``corrected_amount``, ``written_off_amount``; and ``listed_amount``, negative for a credit note.

    Index look-ups for the rows shown; works under row-level security, where only rows of the same customer are seen.
    The open item is looked up, not joined: under row-level security the planner takes a join for so selective that it
    sorts all documents of a customer instead of walking them. As text, because to have the ORM put them together
    took more of a list page than to run them.
    """
    return invoices.annotate(
        seen_on=Value(on, output_field=DateField()),
        open_amount=_amount(STILL_OPEN, "open_item_id"),
        is_cancelled=Func("pk", template=f"EXISTS({CANCELLATION})", output_field=BooleanField()),
        corrected_amount=_amount(CORRECTED, "pk"),
        written_off_amount=_amount(LOST_OF_ITEM, "open_item_id"),
        listed_amount=Func("sign", "amount_due", template="(%(expressions)s)", arg_joiner=" * ", output_field=MONEY),
    )


def _amount(found: str, of: str) -> Func:
    return Func(of, template=f"coalesce(({found}), 0.00)", output_field=MONEY)


def status_of(invoice: Any) -> str:
    """The status of a document of ``with_status``; ``filter_status`` says the same in SQL.

    What was cancelled and owes nothing is "cancelled": nobody need have paid it. What was given up is "written off".
    """
    if invoice.sign < 0:
        return CREDIT_NOTE
    if invoice.open_amount > 0:
        return OPEN
    if invoice.is_cancelled:
        return CANCELLED
    return WRITTEN_OFF if invoice.written_off_amount > 0 else PAID


def is_overdue(invoice: Any) -> bool:
    """Whether something of a document of ``with_status`` is still owed after its day."""
    return bool(status_of(invoice) == OPEN and invoice.due_date < invoice.seen_on)


def is_partly_paid(invoice: Any) -> bool:
    """Whether something was paid of a document of ``with_status`` and something is left; a loss is no payment."""
    left = invoice.amount_due - invoice.corrected_amount - invoice.written_off_amount
    return bool(status_of(invoice) == OPEN and invoice.open_amount < left)


def filter_status(invoices: QuerySet[Invoice], status: str, *, on: date) -> QuerySet[Invoice]:
    """Only documents with this status or label; an unknown word finds nothing."""
    is_cancelled = Exists(Correction.objects.filter(original_id=OuterRef("pk"), is_full=True))
    if status in FILTERS:
        return invoices.filter(FILTERS[status])
    settled = invoices.filter(~IS_CREDIT_NOTE, ~is_cancelled, open_item__open_amount=0)
    if status == PAID:
        return settled.exclude(open_item__in=items_written_off())
    if status == WRITTEN_OFF:
        return settled.filter(open_item__in=items_written_off())
    if status == OVERDUE:
        return invoices.filter(IS_OPEN, due_date__lt=on)
    if status == CANCELLED:
        return invoices.filter(is_cancelled)
    if status == PARTLY_PAID:
        left = F("amount_due") - F("corrected_amount") - F("written_off_amount")
        return with_status(invoices.filter(IS_OPEN), on=on).filter(Q(open_amount__lt=left))
    return invoices.none()


def with_document(items: QuerySet[OpenItem]) -> QuerySet[OpenItem]:
    """Annotate ``document_id``: the document that an item stands for, or None; looked up for the rows shown."""
    return items.annotate(document_id=Subquery(Invoice.objects.filter(open_item=OuterRef("pk")).values("pk")[:1]))


def is_taxed(customer_id: int) -> bool:
    """Whether a customer's newest document has VAT on it; so does whoever has none yet, until one says otherwise."""
    newest = Invoice.objects.filter(customer_id=customer_id).order_by("-pk").values("pk")[:1]
    rates = list(VatBreakdown.objects.filter(invoice=Subquery(newest)).values_list("rate", flat=True))
    return not rates or any(rates)
