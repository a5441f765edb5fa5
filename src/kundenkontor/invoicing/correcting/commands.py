"""Cancelling an invoice, and correcting parts of it: the only ways to change what an issued document means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from django.db import transaction

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import INVOICE_CANCELLED, INVOICE_CORRECTED
from kundenkontor.invoicing.correcting.corrections import Correctable, LineCorrection
from kundenkontor.invoicing.correcting.queries import read_correctable
from kundenkontor.invoicing.drafting.commands import draft_from_invoice
from kundenkontor.invoicing.errors import AlreadyCancelled, NotCorrectable
from kundenkontor.invoicing.issuing.commands import issue_invoices
from kundenkontor.invoicing.issuing.drafts import InvoiceDraft, Reference
from kundenkontor.invoicing.issuing.lines import DraftLine
from kundenkontor.invoicing.issuing.values import IssuedInvoice
from kundenkontor.invoicing.models import Correction, Invoice, ManualDraft
from kundenkontor.invoicing.writing_off.commands import refuse_written_off
from kundenkontor.kernel.kinds import CREDIT_NOTE
from kundenkontor.ledger.commands import Accounts
from kundenkontor.parties.facts import BuyerFacts, freeze_buyer_facts, freeze_seller_facts
from kundenkontor.receivables.commands import clear_items, lock_items
from kundenkontor.receivables.models import OpenItem

__all__ = ["Cancelled", "LineCorrection", "cancel_invoice", "correct_invoice"]


class Cancelled(NamedTuple):
    """The Stornorechnung, and the prefilled draft where the invoice is to be issued anew."""

    correction: IssuedInvoice
    draft: ManualDraft | None


@transaction.atomic
def cancel_invoice(invoice: Invoice, *, bill_again: bool, reason: str, on: date, actor: Actor) -> Cancelled:
    """Take an invoice back in whole with a Stornorechnung (381), after partial corrections only what is left of it.

    ``bill_again``: its charges become billable again, and a draft filled with its lines waits to be issued;
    otherwise they count as billed for ever. Both open items clear each other; money already paid stays as the
    customer's balance, to offset or to refund. The reason is not printed.

    Raises NotCorrectable, AlreadyCancelled, WrittenOff, IssueDateTooEarly, DraftsRefused.
    """
    original, item = _lock_original(invoice)
    lines = original.rest_lines()
    if not lines:
        raise AlreadyCancelled(number=original.invoice.number)
    issued = _issue(original, item, lines, is_billed_again=bill_again, is_full=True, reason=reason, on=on, actor=actor)
    draft = None
    if bill_again:
        draft = draft_from_invoice(original.invoice, lines, on=on, actor=actor)
    return Cancelled(issued, draft)


@transaction.atomic
def correct_invoice(
    invoice: Invoice, parts: Sequence[LineCorrection], *, reason: str, on: date, actor: Actor
) -> IssuedInvoice:
    """Take parts of an invoice back with a Rechnungskorrektur (381), at the original rates.

    All corrections together never exceed the original, per line and per category; taking the last of it is a full
    cancellation and is named so. What was taken back is not billed again.

    Raises NotCorrectable, AlreadyCancelled, WrittenOff, NothingToCorrect, CorrectionTooLarge,
    CorrectionsExceedDocument, IssueDateTooEarly, DraftsRefused.
    """
    original, item = _lock_original(invoice)
    lines = original.part_lines(parts)
    is_full = original.is_all_taken(lines)
    return _issue(original, item, lines, is_billed_again=False, is_full=is_full, reason=reason, on=on, actor=actor)


def _lock_original(invoice: Invoice) -> tuple[Correctable, OpenItem]:
    """Lock the original's open item, then look: two corrections of one document run one after the other."""
    if not invoice.kind.is_correctable:
        raise NotCorrectable(number=invoice.number)
    item = lock_items([invoice.open_item_id])[invoice.open_item_id]
    if Correction.objects.filter(original_id=invoice.pk, is_full=True).exists():
        raise AlreadyCancelled(number=invoice.number)
    refuse_written_off(item, invoice.number)
    return read_correctable(invoice), item


def _issue(
    original: Correctable,
    item: OpenItem,
    lines: list[DraftLine],
    *,
    is_billed_again: bool,
    is_full: bool,
    reason: str,
    on: date,
    actor: Actor,
) -> IssuedInvoice:
    """Issue the 381, tie it to the original and clear both open items against each other."""
    draft = _draft(original, lines)
    issued = issue_invoices([draft], issue_date=on, actor=actor)[0]
    Correction.objects.create(
        invoice_id=issued.id,
        customer_id=original.invoice.customer_id,
        original_id=original.invoice.pk,
        is_full=is_full,
        is_billed_again=is_billed_again,
        reason=reason[:500],
    )
    own = OpenItem.objects.get(pk=issued.item_id)
    clear_items(own, item, reference=issued.number, on=on, accounts=Accounts(own.seller_id))
    payload = {"by": issued.number, "reason": reason[:500], "is_billed_again": is_billed_again}
    subject = Subject(
        original.invoice.pk, original.invoice.number, original.invoice.customer_id, own.seller_id, payload
    )
    record_events(INVOICE_CANCELLED if is_full else INVOICE_CORRECTED, [subject], actor=actor, on=on)
    return issued


def _draft(original: Correctable, lines: list[DraftLine]) -> InvoiceDraft:
    """The seller as it is now, the buyer as the original named it: the correction reaches who got the invoice."""
    invoice = original.invoice
    totals, payable = original.sums_of(lines)
    return InvoiceDraft(
        freeze_seller_facts(invoice.seller_id),
        _buyer_as_invoiced(invoice),
        lines,
        kind=CREDIT_NOTE,
        is_collective=invoice.is_collective,
        buyer_reference=invoice.buyer_reference,
        order_number=invoice.order_number,
        cost_centre=invoice.cost_centre,
        references=[Reference("corrects", invoice.pk)],
        agreed_payable=payable,
        _totals=totals,
    )


def _buyer_as_invoiced(invoice: Invoice) -> BuyerFacts:
    now = freeze_buyer_facts(invoice.seller_id, invoice.customer_id, invoice.customer_id)[invoice.customer_id]
    then = invoice.customer_snapshot.content
    return replace(
        now,
        snapshot_id=invoice.customer_snapshot_id,
        name=then["company"] or f"{then['first_name']} {then['last_name']}".strip(),
        is_address_complete=bool(then["street"] and then["city"] and then["postal_code"]),
        country=then["country"],
        postal_code=then["postal_code"],
        city=then["city"],
        language=invoice.language,
        vat_id=then["vat_id"],
        payment_terms_days=0,
    )
