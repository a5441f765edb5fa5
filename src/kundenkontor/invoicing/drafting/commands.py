"""Invoices that staff write by hand: drafts with lines, which have no number and may still change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import IntegrityError, transaction

from kundenkontor.contracts.models import Contract
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import DRAFT_CHANGED, DRAFT_CREATED, DRAFT_DISCARDED, DRAFT_ISSUED, EventName
from kundenkontor.invoicing.drafting.preparing import priced_lines
from kundenkontor.invoicing.errors import ChargeBilledMeanwhile, DraftGone, DraftsRefused, ForeignLine
from kundenkontor.invoicing.issuing.commands import issue_invoices
from kundenkontor.invoicing.issuing.drafts import InvoiceDraft
from kundenkontor.invoicing.issuing.lines import DraftLine
from kundenkontor.invoicing.issuing.reasons import Unissuable
from kundenkontor.invoicing.issuing.refusals import find_refusals, note_by_hand
from kundenkontor.invoicing.issuing.values import IssuedInvoice
from kundenkontor.invoicing.models import Correction, Invoice, InvoiceLine, ManualDraft, ManualDraftLine
from kundenkontor.kernel.bulk import copy_rows, take_ids
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.money import ZERO
from kundenkontor.parties.facts import freeze_buyer_facts, freeze_seller_facts
from kundenkontor.parties.models import Customer

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class ManualLine:
    """A line as it is written: net price with at most six places, quantity with four.

    ``charge_id`` is set only on lines of a cancelled invoice that bill its charge again; a line written by hand bills
    no contract period, so it never collides with a run.
    """

    item_name: str
    net_price: Decimal
    period_start: date
    period_end: date
    quantity: Decimal = ONE
    base_quantity: Decimal = ONE
    discount_percent: Decimal = ZERO
    description: str = ""
    identifier: str = ""
    contract_id: int | None = None
    charge_id: int | None = None


@transaction.atomic
def create_draft(
    customer: Customer,
    lines: Sequence[ManualLine] = (),
    *,
    note: str = "",
    order_number: str = "",
    buyer_reference: str = "",
    replaces: Invoice | None = None,
    on: date,
    actor: Actor,
) -> ManualDraft:
    """Begin an invoice by hand. Raises ForeignLine for a contract or charge that is not this customer's."""
    draft = ManualDraft.objects.create(
        customer=customer,
        note=note,
        order_number=order_number,
        buyer_reference=buyer_reference,
        replaces=replaces,
        created_at=utc_now(),
        created_by=actor.label[:150],
    )
    _write_lines(draft, lines)
    _record(DRAFT_CREATED, draft, on=on, actor=actor)
    return draft


@transaction.atomic
def edit_draft(
    draft: ManualDraft,
    lines: Sequence[ManualLine],
    *,
    note: str | None = None,
    order_number: str | None = None,
    buyer_reference: str | None = None,
    on: date,
    actor: Actor,
) -> ManualDraft:
    """Replace the lines of a draft, and note or references where given. Raises DraftGone, ForeignLine."""
    locked = lock_draft(draft)
    given = {"note": note, "order_number": order_number, "buyer_reference": buyer_reference}
    for name, value in given.items():
        if value is not None:
            setattr(locked, name, value)
    locked.save(update_fields=[*given])
    locked.lines.all().delete()
    _write_lines(locked, lines)
    _record(DRAFT_CHANGED, locked, on=on, actor=actor)
    return locked


@transaction.atomic
def discard_draft(draft: ManualDraft, *, on: date, actor: Actor) -> None:
    """Throw a draft away; charges it would have billed again are left to the next run. Raises DraftGone."""
    locked = lock_draft(draft)
    _record(DRAFT_DISCARDED, locked, on=on, actor=actor)
    locked.delete()


@transaction.atomic
def issue_draft(draft: ManualDraft, *, on: date, actor: Actor) -> IssuedInvoice:
    """Issue a draft once: the draft is gone afterwards, and charges it billed again are named in ChargeRebilling.

    A line of the cancelled invoice that was removed from the draft stays billable and joins the next run.
    Raises DraftGone, DraftsRefused, IssueDateTooEarly, ChargeBilledMeanwhile.
    """
    locked = lock_draft(draft)
    try:
        invoice = draft_to_invoice(locked)
    except Unissuable as reason:
        raise DraftsRefused([reason]) from reason
    (invoice.invoice_id,) = take_ids("invoicing_invoice", 1)
    _rebill_charges(locked, invoice)
    issued = issue_invoices([invoice], issue_date=on, actor=actor)[0]
    payload = {"replaces": locked.replaces.number} if locked.replaces else {}
    subject = Subject(issued.id, issued.number, locked.customer_id, locked.customer.seller_id, payload)
    record_events(DRAFT_ISSUED, [subject], actor=actor, on=on)
    locked.delete()
    return issued


def _rebill_charges(draft: ManualDraft, invoice: InvoiceDraft) -> None:
    """The database refuses a second billing of the same charge and cancellation (I-B2).

    Before totals and series are locked, as runs do: whoever waits for the other here holds nothing that it wants.
    """
    charges = {n: line.source.charge_id for n, line in enumerate(invoice.lines, 1) if line.source.charge_id}
    if not charges:
        return
    correction = Correction.objects.filter(original_id=draft.replaces_id, is_full=True, is_billed_again=True).first()
    if correction is None:
        raise ForeignLine()
    rows = [
        Rebilling(draft.customer_id, charge_id, correction.pk, invoice.invoice_id, position)
        for position, charge_id in charges.items()
    ]
    try:
        with transaction.atomic():
            write_rebillings(rows)
    except IntegrityError as error:
        raise ChargeBilledMeanwhile() from error


class Rebilling(NamedTuple):
    """A row of ChargeRebilling."""

    customer_id: int
    charge_id: int
    correction_id: int
    invoice_id: int
    position: int


def write_rebillings(rows: Sequence[Rebilling]) -> None:
    """Write down which charges of cancelled documents are billed again, by a draft or a run, in the caller's
    transaction."""
    copy_rows("invoicing_chargerebilling", ", ".join(Rebilling._fields), rows)


def lock_draft(draft: ManualDraft) -> ManualDraft:
    """Lock a draft until commit. Raises DraftGone: it was issued or discarded meanwhile."""
    locked = ManualDraft.objects.select_for_update(of=("self",)).select_related("customer").filter(pk=draft.pk).first()
    if locked is None:
        raise DraftGone()
    return locked


def draft_from_invoice(invoice: Invoice, back: Sequence[DraftLine], *, on: date, actor: Actor) -> ManualDraft:
    """A draft with what a cancelled invoice still billed. ``back``: the lines of its cancellation."""
    of_invoice = InvoiceLine.objects.filter(invoice_id=invoice.pk)
    charges: dict[int | None, int | None] = dict(of_invoice.values_list("position", "charge_id"))
    return create_draft(
        invoice.customer,
        [_manual_line(line, charges[line.source.corrected_position]) for line in back],
        note=note_by_hand(invoice.note),
        order_number=invoice.order_number,
        buyer_reference=invoice.buyer_reference,
        replaces=invoice,
        on=on,
        actor=actor,
    )


def _manual_line(line: DraftLine, charge_id: int | None) -> ManualLine:
    item, measure = line.item, line.measure
    return ManualLine(
        item_name=item.name,
        net_price=measure.net_price,
        period_start=line.period.start,
        period_end=line.period.end,
        quantity=measure.quantity,
        base_quantity=measure.base_quantity,
        discount_percent=measure.discount_percent,
        description=item.description,
        identifier=item.identifier,
        contract_id=line.source.contract_id,
        charge_id=charge_id,
    )


def _write_lines(draft: ManualDraft, lines: Sequence[ManualLine]) -> None:
    _refuse_foreign(draft, lines)
    ManualDraftLine.objects.bulk_create(
        [
            ManualDraftLine(
                draft=draft,
                position=position,
                contract_id=line.contract_id,
                charge_id=line.charge_id,
                item_name=line.item_name,
                description=line.description,
                identifier=line.identifier,
                quantity=line.quantity,
                base_quantity=line.base_quantity,
                net_price=line.net_price,
                discount_percent=line.discount_percent,
                period_start=line.period_start,
                period_end=line.period_end,
            )
            for position, line in enumerate(lines, 1)
        ]
    )


def _refuse_foreign(draft: ManualDraft, lines: Sequence[ManualLine]) -> None:
    """Contracts are the customer's own; charges are those of the invoice that the draft replaces, each once and on
    its own contract."""
    contracts = {line.contract_id for line in lines if line.contract_id}
    own = set(Contract.objects.filter(customer_id=draft.customer_id, pk__in=contracts).values_list("pk", flat=True))
    charges = [(line.charge_id, line.contract_id) for line in lines if line.charge_id]
    known: set[tuple[int | None, int | None]] = set()
    if charges and draft.replaces_id:
        billed = InvoiceLine.objects.filter(invoice_id=draft.replaces_id, charge_id__isnull=False)
        known = set(billed.values_list("charge_id", "contract_id"))
    if contracts - own or set(charges) - known or len(set(charges)) != len(charges):
        raise ForeignLine()


def _record(name: EventName, draft: ManualDraft, *, on: date, actor: Actor) -> None:
    payload = {"replaces": draft.replaces.number} if draft.replaces else {}
    subject = Subject(draft.pk, "", draft.customer_id, draft.customer.seller_id, payload)
    record_events(name, [subject], actor=actor, on=on)


def draft_to_invoice(draft: ManualDraft) -> InvoiceDraft:
    """Price and tax a draft as it would be issued now; writes no document. Raises Unissuable."""
    seller = freeze_seller_facts(draft.customer.seller_id)
    buyer = freeze_buyer_facts(seller.id, draft.customer_id, draft.customer_id)[draft.customer_id]
    lines = priced_lines(draft, seller, buyer)
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
    invoice.settle_references()
    invoice.settle_gross_prices()
    return invoice


class SeenDraft(NamedTuple):
    """A draft as it would be issued now, and all that speaks against it, warnings included. ``invoice`` is None where
    a line cannot be taxed."""

    invoice: InvoiceDraft | None
    refusals: Sequence[Unissuable]

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
