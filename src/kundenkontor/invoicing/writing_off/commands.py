"""Writing off what cannot be collected, and taking that back: each a real change of the base, on its own day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.hashing import hash_rows
from kundenkontor.invoicing import errors
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.writing_off.losses import Losses, regained
from kundenkontor.invoicing.writing_off.queries import booked_losses, expected_losses, left_of
from kundenkontor.kernel.bulk import take_ids
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.money import ZERO
from kundenkontor.ledger.commands import Accounts, EntryDraft, PostingRow, write_entries
from kundenkontor.receivables.claims import CLAIMS, account_of
from kundenkontor.receivables.commands import change_totals, lock_items, move_items
from kundenkontor.receivables.models import REGAINED, WRITTEN_OFF, OpenItem, WriteOff
from kundenkontor.receivables.queries import standing_loss


@transaction.atomic
def write_off_invoice(
    invoice: Invoice, *, reason: str, lost_on: date | None = None, on: date, actor: Actor
) -> WriteOff:
    """Write off all that is open of a document: nothing is expected of it any more, though it stays owed.

    The VAT of it is no longer due from ``lost_on`` on (default: today), the day on which it could not be collected any
    more. Raises NothingToWriteOff, LossOutOfTime.
    """
    item = lock_items([invoice.open_item_id])[invoice.open_item_id]
    if CLAIMS[item.kind].sign < 0 or not item.open_amount:
        raise errors.NothingToWriteOff(number=invoice.number)
    row = WriteOff(amount=item.open_amount, happened_on=lost_on or on)
    if not invoice.issue_date <= row.happened_on <= on:
        raise errors.LossOutOfTime(since=invoice.issue_date, until=on)
    return _write(row, item, expected_losses(invoice, item), reason=reason, on=on, actor=actor)


@transaction.atomic
def take_back_write_off(
    loss: WriteOff, amount: Decimal, *, reason: str, arrived_on: date | None, on: date, actor: Actor
) -> WriteOff:
    """An amount of a loss is owed again: money arrived on a day, from which its VAT is due again, to be booked next.

    Without a day writing it off was a mistake: it counts on the day of the loss. Raises LossOutOfTime,
    LossAlreadyRegained.
    """
    item = lock_items([loss.open_item_id])[loss.open_item_id]
    row = WriteOff(amount=amount, happened_on=arrived_on or loss.happened_on, reverses=loss)
    if not loss.happened_on <= row.happened_on <= on:
        raise errors.LossOutOfTime(since=loss.happened_on, until=on, field="arrived_on")
    left = left_of(loss)
    if not ZERO < amount <= left:
        raise errors.LossAlreadyRegained(available=left)
    back = {key: -part for key, part in regained(booked_losses([loss]), loss.amount - left, amount).items()}
    return _write(row, item, back, reason=reason, on=on, actor=actor)


def refuse_written_off(item: OpenItem, number: str) -> None:
    """What was written off was taken from the base already: a correction would take it twice. Raises WrittenOff."""
    if standing_loss(item.pk):
        raise errors.WrittenOff(number=number)


def _write(row: WriteOff, item: OpenItem, losses: Losses, *, reason: str, on: date, actor: Actor) -> WriteOff:
    """Book a loss (or negative, what is regained of one) of a locked item, write its row and its event."""
    row.pk = take_ids("receivables_writeoff", 1)[0]
    row.customer_id, row.open_item, row.reason = item.customer_id, item, reason[:300]
    row.recorded_at, row.recorded_by = utc_now(), actor.label[:150]
    kind = "write_off" if row.reverses_id is None else "write_off_reversal"
    entry = EntryDraft(kind, str(row.pk), item.customer_id, _postings(item, losses), row.happened_on)
    (row.entry_id,) = write_entries(item.seller_id, [entry], currency=item.currency)
    row.save(force_insert=True)
    change = row.amount if row.reverses_id else -row.amount
    move_items({item.pk: change})
    change_totals({item.customer_id: (0, ZERO, change, ZERO)})
    hashed = REGAINED if row.reverses_id else WRITTEN_OFF
    payload = {"amount": str(row.amount), "happened_on": row.happened_on.isoformat(), "reason": row.reason}
    row_hash = hash_rows(hashed, [row.pk])[row.pk]
    subject = Subject(row.pk, item.number, item.customer_id, item.seller_id, payload, row_hash)
    record_events(hashed.event, [subject], actor=actor, on=on)
    return row


def _postings(item: OpenItem, losses: Losses) -> list[PostingRow]:
    """The receivable against where it is lost; negative parts the other way round."""
    accounts = Accounts(item.seller_id, losses)
    owed = accounts[account_of(item)]
    return [
        (accounts[key], owed, part, None, item.pk) if part > 0 else (owed, accounts[key], -part, item.pk, None)
        for key, part in losses.items()
    ]
