"""The status of documents, derived: never stored, so it changes with the posting (M16, M23-M26, M51)."""

from __future__ import annotations

from datetime import date

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from kundenkontor.invoicing.models import Correction, Invoice, VatBreakdown
from kundenkontor.kernel.money import ZERO
from kundenkontor.receivables.models import OpenItem, WriteOff
from kundenkontor.receivables.queries import LOST, items_written_off

OPEN, PAID, CREDIT_NOTE = "open", "paid", "credit_note"
OVERDUE, PARTLY_PAID, CANCELLED, WRITTEN_OFF = "overdue", "partly_paid", "cancelled", "written_off"
IS_CREDIT_NOTE = Q(sign=-1)
IS_OPEN = ~IS_CREDIT_NOTE & Q(open_item__open_amount__gt=0)
FILTERS = {OPEN: IS_OPEN, CREDIT_NOTE: IS_CREDIT_NOTE}


def with_status(invoices: QuerySet[Invoice], *, on: date) -> QuerySet[Invoice]:
    """Annotate ``status``, ``is_overdue``, ``is_partly_paid``, ``is_cancelled``, ``open_amount``, ``corrected_amount``,
    ``written_off_amount``.

    Index look-ups for the rows shown; works under row-level security, where only rows of the same customer are seen.
    The open item is looked up, not joined: under row-level security the planner takes a join for so selective that it
    sorts all documents of a customer instead of walking them. ``listed_amount`` is negative for a credit note.
    What was cancelled and owes nothing is "cancelled": nobody need have paid it. What was given up is "written off".
    """
    money = DecimalField(max_digits=14, decimal_places=2)
    corrections = Correction.objects.filter(original_id=OuterRef("pk"))
    corrected = corrections.values("original_id").annotate(sum=Sum("invoice__amount_due")).values("sum")
    still_open = OpenItem.objects.filter(pk=OuterRef("open_item_id")).values("open_amount")
    lost = WriteOff.objects.filter(open_item_id=OuterRef("open_item_id")).values("open_item_id")
    annotated = invoices.annotate(
        open_amount=Subquery(still_open, output_field=money),
        is_cancelled=Exists(corrections.filter(is_full=True)),
        corrected_amount=Coalesce(Subquery(corrected, output_field=money), Value(ZERO), output_field=money),
        written_off_amount=Coalesce(Subquery(lost.annotate(sum=LOST).values("sum")), Value(ZERO), output_field=money),
        listed_amount=ExpressionWrapper(F("sign") * F("amount_due"), output_field=money),
    )
    is_open = ~IS_CREDIT_NOTE & Q(open_amount__gt=0)
    return annotated.annotate(
        status=Case(
            When(IS_CREDIT_NOTE, then=Value(CREDIT_NOTE)),
            When(open_amount__gt=0, then=Value(OPEN)),
            When(is_cancelled=True, then=Value(CANCELLED)),
            When(written_off_amount__gt=0, then=Value(WRITTEN_OFF)),
            default=Value(PAID),
            output_field=CharField(),
        ),
        is_overdue=_flag(Q(due_date__lt=on) & is_open),
        is_partly_paid=_flag(
            is_open & Q(open_amount__lt=F("amount_due") - F("corrected_amount") - F("written_off_amount"))
        ),
    )


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
        return with_status(invoices.filter(IS_OPEN), on=on).filter(Q(is_partly_paid=True))
    return invoices.none()


def with_document(items: QuerySet[OpenItem]) -> QuerySet[OpenItem]:
    """Annotate ``document_id``: the document that an item stands for, or None; looked up for the rows shown."""
    return items.annotate(document_id=Subquery(Invoice.objects.filter(open_item=OuterRef("pk")).values("pk")[:1]))


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def is_taxed(customer_id: int) -> bool:
    """Whether a customer's newest document has VAT on it; so does whoever has none yet, until one says otherwise."""
    newest = Invoice.objects.filter(customer_id=customer_id).order_by("-pk").values("pk")[:1]
    rates = list(VatBreakdown.objects.filter(invoice=Subquery(newest)).values_list("rate", flat=True))
    return not rates or any(rates)
