"""Reading what of a document may still be corrected."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Sum

from kundenkontor.invoicing.correcting.corrections import Correctable, TakenBack
from kundenkontor.invoicing.issuing.lines import ServicePeriod
from kundenkontor.invoicing.models import Correction, Invoice, InvoiceLine, VatBreakdown
from kundenkontor.kernel.money import ZERO


def read_correctable(invoice: Invoice) -> Correctable:
    """A document with what all its corrections took back so far."""
    lines = list(InvoiceLine.objects.filter(invoice_id=invoice.pk).order_by("position"))
    breakdown = list(VatBreakdown.objects.filter(invoice_id=invoice.pk).order_by("position"))
    return Correctable(invoice, lines, breakdown, _taken_back(invoice.pk, lines))


def _taken_back(invoice_id: int, original: Sequence[InvoiceLine]) -> TakenBack:
    ids = list(Correction.objects.filter(original_id=invoice_id).values_list("invoice_id", flat=True))
    if not ids:
        return TakenBack()
    taken = TakenBack()
    lines = InvoiceLine.objects.filter(invoice_id__in=ids).values_list("corrected_position")
    for position, net, gross in lines.annotate(net=Sum("net_amount"), gross=Sum("agreed_gross")):
        taken.net[position], taken.gross[position] = net, gross or ZERO
    taken.days = _days_back(ids, original)
    groups = VatBreakdown.objects.filter(invoice_id__in=ids).values_list("category", "rate")
    for category, rate, base, tax in groups.annotate(base=Sum("taxable_amount"), tax=Sum("tax_amount")):
        taken.groups[category, rate] = base, tax
    rounding: Decimal = Invoice.objects.filter(pk__in=ids).aggregate(sum=Sum("rounding_amount"))["sum"]
    taken.rounding_amount = rounding
    return taken


def _days_back(ids: Sequence[int], original: Sequence[InvoiceLine]) -> dict[int, list[ServicePeriod]]:
    """The days that corrections took back: their lines' periods where these are shorter than the line's own."""
    whole = {line.position: (line.period_start, line.period_end) for line in original}
    found: dict[int, list[ServicePeriod]] = {}
    rows = InvoiceLine.objects.filter(invoice_id__in=ids, corrected_position__isnull=False)
    for position, start, end in rows.values_list("corrected_position", "period_start", "period_end"):
        if position is not None and whole.get(position) != (start, end):
            found.setdefault(position, []).append(ServicePeriod(start, end))
    return found
