"""Issuing invoices written by hand, among them those that bill the charges of a cancelled invoice again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import IntegrityError, transaction

from kundenkontor.billing.drafting.drafting import Taxed
from kundenkontor.billing.drafting.pricing import agreed_payable, gross_left, price_again
from kundenkontor.billing.drafting.taxing import tax_for
from kundenkontor.billing.errors import ChargeBilledMeanwhile
from kundenkontor.billing.models import ChargeRebilling
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import DRAFT_ISSUED
from kundenkontor.invoicing.drafting.commands import lock_draft
from kundenkontor.invoicing.errors import DraftsRefused, ForeignLine
from kundenkontor.invoicing.issuing.commands import issue_invoices
from kundenkontor.invoicing.issuing.drafts import DraftLine, InvoiceDraft
from kundenkontor.invoicing.issuing.reasons import Unissuable
from kundenkontor.invoicing.issuing.refusals import find_refusals
from kundenkontor.invoicing.issuing.values import IssuedInvoice
from kundenkontor.invoicing.models import Correction, InvoiceLine, ManualDraft, ManualDraftLine
from kundenkontor.kernel.money import ZERO
from kundenkontor.parties.facts import BuyerFacts, SellerFacts, freeze_buyer_facts, freeze_seller_facts

ONE = Decimal(1)


def draft_to_invoice(draft: ManualDraft) -> InvoiceDraft:
    """Price and tax a draft as it would be issued now; writes no document. Raises Unissuable."""
    seller = freeze_seller_facts(draft.customer.seller_id)
    buyer = freeze_buyer_facts(seller.id, draft.customer_id, draft.customer_id)[draft.customer_id]
    lines = _lines(draft, seller, buyer)
    invoice = InvoiceDraft(
        seller,
        buyer,
        lines,
        is_collective=draft.replaces is not None and draft.replaces.is_collective,
        buyer_reference=draft.buyer_reference or buyer.buyer_reference,
        order_number=draft.order_number or buyer.order_number,
        cost_centre=buyer.cost_centre,
        note=draft.note,
    )
    gross = [(line.net_amount, line.vat_rate, line.agreed_gross) for line in lines if line.agreed_gross is not None]
    invoice.agreed_payable = agreed_payable(invoice.totals.total_with_vat, gross)
    return invoice


class SeenDraft(NamedTuple):
    """A draft as it would be issued now, and all that speaks against it, warnings included. ``invoice`` is None where
    a line cannot be taxed."""

    invoice: InvoiceDraft | None
    refusals: list[Unissuable]

    @property
    def may_issue(self) -> bool:
        return self.invoice is not None and all(refusal.is_warning for refusal in self.refusals)


def look_at_draft(draft: ManualDraft) -> SeenDraft:
    """Price, tax and judge a draft."""
    try:
        invoice = draft_to_invoice(draft)
    except Unissuable as reason:
        return SeenDraft(None, [reason])
    return SeenDraft(invoice, find_refusals(invoice))


@transaction.atomic
def issue_draft(draft: ManualDraft, *, on: date, actor: Actor) -> IssuedInvoice:
    """Issue a draft once: the draft is gone afterwards, and charges it billed again are named in ChargeRebilling.

    A line of the cancelled invoice that was removed from the draft stays billable and joins the next run.
    Raises DraftGone, DraftsRefused, IssueDateTooEarly, ChargeBilledMeanwhile.
    """
    locked = lock_draft(draft)
    lines = list(locked.lines.order_by("position", "id"))
    try:
        invoice = draft_to_invoice(locked)
    except Unissuable as reason:
        raise DraftsRefused([reason]) from reason
    issued = issue_invoices([invoice], issue_date=on, actor=actor)[0]
    _rebill_charges(locked, lines, issued)
    payload = {"replaces": locked.replaces.number} if locked.replaces else {}
    subject = Subject(issued.id, issued.number, locked.customer_id, locked.customer.seller_id, payload)
    record_events(DRAFT_ISSUED, [subject], actor=actor, on=on)
    locked.delete()
    return issued


def _rebill_charges(draft: ManualDraft, lines: Sequence[ManualDraftLine], issued: IssuedInvoice) -> None:
    """The database refuses a second billing of the same charge and cancellation (I-B2)."""
    rebilled = [(position, line.charge_id) for position, line in enumerate(lines, 1) if line.charge_id]
    if not rebilled:
        return
    correction = Correction.objects.filter(original_id=draft.replaces_id, is_full=True, is_billed_again=True).first()
    if correction is None:
        raise ForeignLine()
    rows = [
        ChargeRebilling(
            customer_id=draft.customer_id,
            charge_id=charge_id,
            correction_id=correction.pk,
            invoice_id=issued.id,
            position=position,
        )
        for position, charge_id in rebilled
    ]
    try:
        with transaction.atomic():
            ChargeRebilling.objects.bulk_create(rows)
    except IntegrityError as error:
        raise ChargeBilledMeanwhile() from error


def _lines(draft: ManualDraft, seller: SellerFacts, buyer: BuyerFacts) -> list[DraftLine]:
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
