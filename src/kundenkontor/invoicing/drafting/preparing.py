"""The lines of a draft written by hand as they would be issued now: priced and taxed."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from kundenkontor.invoicing.drafting.pricing import gross_left, price_again
from kundenkontor.invoicing.drafting.taxing import Taxed, tax_for
from kundenkontor.invoicing.issuing.drafts import DraftLine
from kundenkontor.invoicing.models import Correction, InvoiceLine, ManualDraft, ManualDraftLine
from kundenkontor.kernel.money import ZERO
from kundenkontor.parties.facts import BuyerFacts, SellerFacts

ONE = Decimal(1)


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


def _line(line: ManualDraftLine, taxed: Taxed, former: _Former | None) -> DraftLine:
    agreed_gross = None if former is None else _agreed_before(line, former)
    priced = price_again(line, agreed_gross, former.line.vat_rate if former else ZERO, taxed.rate)
    drafted = DraftLine(
        line.item_name,
        priced.quantity,
        priced.net_price,
        priced.net_amount,
        taxed.category,
        taxed.rate,
        taxed.country,
        line.period_start,
        line.period_end,
        priced.base_quantity,
        priced.discount_percent,
        priced.allowance_amount,
        priced.agreed_gross,
        taxed.exemption_code,
        taxed.exemption_reason,
        contract_id=line.contract_id,
        contract_number=line.contract.number if line.contract else "",
        charge_id=line.charge_id,
        description=line.description,
        identifier=line.identifier,
    )
    if former is not None and line.charge_id:
        _take_over(drafted, former.line)
    return drafted


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


def _take_over(drafted: DraftLine, former: InvoiceLine) -> None:
    """What a draft does not ask for comes from the line it replaces."""
    drafted.kind, drafted.article_number = former.kind, former.article_number
    drafted.cost_centre = former.cost_centre
    if drafted.base_quantity == former.base_quantity:  # else days became a sum
        drafted.unit = former.unit
