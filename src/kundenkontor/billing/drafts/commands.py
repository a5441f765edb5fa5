"""Issuing invoices written by hand, among them those that bill the charges of a cancelled invoice again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import IntegrityError, transaction

from kundenkontor.billing.errors import ChargeBilledMeanwhile
from kundenkontor.billing.models import ChargeRebilling
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import DRAFT_ISSUED
from kundenkontor.invoicing.drafting.commands import draft_to_invoice, lock_draft
from kundenkontor.invoicing.errors import DraftsRefused, ForeignLine
from kundenkontor.invoicing.issuing.commands import issue_invoices
from kundenkontor.invoicing.issuing.reasons import Unissuable
from kundenkontor.invoicing.issuing.values import IssuedInvoice
from kundenkontor.invoicing.models import Correction, ManualDraft, ManualDraftLine


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
