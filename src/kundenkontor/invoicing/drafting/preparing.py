"""The lines of a draft written by hand as they would be issued now: priced and taxed."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from kundenkontor.invoicing.drafting.pricing import gross_left, price_again
from kundenkontor.invoicing.drafting.taxing import tax_for
from kundenkontor.invoicing.issuing.lines import ONE, ONE_UNIT, DraftLine, Item, ServicePeriod, Source, Tax
from kundenkontor.invoicing.models import Correction, InvoiceLine, ManualDraft, ManualDraftLine
from kundenkontor.kernel.money import ZERO
from kundenkontor.parties.facts import BuyerFacts, SellerFacts


def priced_lines(draft: ManualDraft, seller: SellerFacts, buyer: BuyerFacts) -> list[DraftLine]:
    """Price and tax the lines of a draft. Raises Unissuable."""
    tax = tax_for(seller)
    former = _former_lines(draft)
    lines = draft.lines.select_related("contract").order_by("position", "id")
    return [_line(line, tax(buyer, line.period_end), former.get(line.charge_id)) for line in lines]


class _Former(NamedTuple):
    """A line of the cancelled invoice, and what its cancellation took back of it, net."""

    line: InvoiceLine
    taken_back: Decimal


def _former_lines(draft: ManualDraft) -> dict[int | None, _Former]:
    """The lines that billed charges of the invoice that a draft replaces, by charge."""
    if not draft.replaces_id:
        return {}
    cancellation = Correction.objects.filter(original_id=draft.replaces_id, is_full=True)
    back = InvoiceLine.objects.filter(invoice_id__in=cancellation.values("invoice_id"))
    taken_back = dict(back.values_list("corrected_position", "net_amount"))
    lines = InvoiceLine.objects.filter(invoice_id=draft.replaces_id, charge_id__isnull=False)
    return {line.charge_id: _Former(line, taken_back.get(line.position, ZERO)) for line in lines}


def _line(line: ManualDraftLine, tax: Tax, former: _Former | None) -> DraftLine:
    """What a draft does not ask for comes from the line it replaces."""
    item = Item(line.item_name, description=line.description, identifier=line.identifier)
    period = ServicePeriod(line.period_start, line.period_end)
    source = Source("manual", line.contract_id, line.contract.number if line.contract else "", line.charge_id)
    if former is None:
        return DraftLine(item, price_again(line, None, ZERO, tax.rate), tax, period, source)
    then = former.line
    unit = then.unit if line.base_quantity == then.base_quantity else ONE_UNIT  # else days became a sum
    measure = price_again(line, _agreed_before(line, former), then.vat_rate, tax.rate, unit)
    item = item._replace(article_number=then.article_number, cost_centre=then.cost_centre)
    return DraftLine(item, measure, tax, period, source._replace(kind=then.kind))


def _agreed_before(line: ManualDraftLine, former: _Former) -> Decimal | None:
    """The sum agreed with VAT, where the draft left the line that it replaces, or what corrections had left of it, as
    it was."""
    then, rest = former.line, former.taken_back
    if then.agreed_gross is None:
        return None
    measured = (line.quantity, line.base_quantity, line.net_price, line.discount_percent)
    if rest == then.net_amount:
        as_it_was = (then.quantity, then.base_quantity, then.net_price, then.discount_percent)
    else:
        as_it_was = (ONE.copy_sign(rest), ONE, abs(rest), ZERO)
    return gross_left(then.agreed_gross, then.net_amount, rest) if measured == as_it_was else None
