"""Reading what of a document may still be corrected."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Sum

from kundenkontor.invoicing.correcting.corrections import Correctable, TakenBack
from kundenkontor.invoicing.models import Correction, Invoice, InvoiceLine, VatBreakdown
from kundenkontor.kernel.money import ZERO


def read_correctable(invoice: Invoice) -> Correctable:
    """A document with what all its corrections took back so far."""
    return Correctable(
        invoice,
        list(InvoiceLine.objects.filter(invoice_id=invoice.pk).order_by("position")),
        list(VatBreakdown.objects.filter(invoice_id=invoice.pk).order_by("position")),
        _taken_back(invoice.pk),
    )


def _taken_back(invoice_id: int) -> TakenBack:
    ids = list(Correction.objects.filter(original_id=invoice_id).values_list("invoice_id", flat=True))
    if not ids:
        return TakenBack()
    taken = TakenBack()
    lines = InvoiceLine.objects.filter(invoice_id__in=ids).values_list("corrected_position")
    for position, net, gross in lines.annotate(net=Sum("net_amount"), gross=Sum("agreed_gross")):
        taken.net[position], taken.gross[position] = net, gross or ZERO
    groups = VatBreakdown.objects.filter(invoice_id__in=ids).values_list("category", "rate")
    for category, rate, base, tax in groups.annotate(base=Sum("taxable_amount"), tax=Sum("tax_amount")):
        taken.groups[category, rate] = base, tax
    rounding: Decimal = Invoice.objects.filter(pk__in=ids).aggregate(sum=Sum("rounding_amount"))["sum"]
    taken.rounding_amount = rounding
    return taken
