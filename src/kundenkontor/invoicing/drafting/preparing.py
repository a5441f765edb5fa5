"""The lines of a draft written by hand as they would be issued now: priced and taxed."""

from __future__ import annotations

from decimal import Decimal

from kundenkontor.invoicing.drafting.pricing import Measured, price_again
from kundenkontor.invoicing.drafting.taxing import tax_for
from kundenkontor.invoicing.issuing.lines import ONE_UNIT, DraftLine, Item, ServicePeriod, Source, Tax
from kundenkontor.invoicing.models import Correction, InvoiceLine, ManualDraft, ManualDraftLine
from kundenkontor.kernel.money import ZERO
from kundenkontor.parties.facts import BuyerFacts, SellerFacts


def priced_lines(draft: ManualDraft, seller: SellerFacts, buyer: BuyerFacts) -> list[DraftLine]:
    """Price and tax the lines of a draft. Raises Unissuable."""
    tax = tax_for(seller)
    former = _former_lines(draft)
    lines = draft.lines.select_related("contract").order_by("position", "id")
    drafted = [_line(line, tax(buyer, line.period_end), former.get(line.charge_id)) for line in lines]
    are_joined = len({line.source.contract_id for line in drafted} - {None}) > 1
    return drafted if are_joined else [_without_references(line) for line in drafted]


def _without_references(line: DraftLine) -> DraftLine:
    """Of one contract, the head says what staff wrote there."""
    return line._replace(item=line.item._replace(order_number="", buyer_reference=""))


def _former_lines(draft: ManualDraft) -> dict[int | None, InvoiceLine]:
    """What the cancellation of the invoice that a draft replaces took back, by the charge that was billed."""
    if not draft.replaces_id:
        return {}
    billed = InvoiceLine.objects.filter(invoice_id=draft.replaces_id, charge_id__isnull=False)
    charges: dict[int | None, int | None] = dict(billed.values_list("position", "charge_id"))
    cancellation = Correction.objects.filter(original_id=draft.replaces_id, is_full=True)
    back = InvoiceLine.objects.filter(invoice_id__in=cancellation.values("invoice_id"), corrected_position__in=charges)
    return {charges[line.corrected_position]: line for line in back}


def _line(line: ManualDraftLine, tax: Tax, then: InvoiceLine | None) -> DraftLine:
    """What a draft does not ask for comes from the line it replaces."""
    item = Item(
        line.item_name,
        description=line.description,
        identifier=line.identifier,
        order_number=line.contract.order_number if line.contract else "",
        buyer_reference=line.contract.buyer_reference if line.contract else "",
    )
    period = ServicePeriod(line.period_start, line.period_end)
    source = Source("manual", line.contract_id, line.contract.number if line.contract else "", line.charge_id)
    if then is None:
        return DraftLine(item, price_again(line, None, ZERO, tax.rate), tax, period, source)
    unit = then.unit if line.base_quantity == then.base_quantity else ONE_UNIT  # else days became a sum
    agreed = then.agreed_gross if _measure(line) == _measure(then) else None  # as long as the draft left it as it was
    measure = price_again(line, agreed, then.vat_rate, tax.rate, unit)
    item = item._replace(article_number=then.article_number, cost_centre=then.cost_centre)
    return DraftLine(item, measure, tax, period, source._replace(kind=then.kind))


def _measure(line: Measured) -> tuple[Decimal, ...]:
    return line.quantity, line.base_quantity, line.net_price, line.discount_percent
