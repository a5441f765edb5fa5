"""Spending what a customer has left over: offset against what is owed, or returned."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject
from kundenkontor.events.hashing import Hashed
from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.bulk import take_ids
from kundenkontor.kernel.money import ZERO
from kundenkontor.ledger.commands import BANK, Accounts, EntryDraft, write_entries
from kundenkontor.ledger.models import JournalEntry
from kundenkontor.payments.commands.receiving import record_row
from kundenkontor.payments.errors import (
    AllocationTooLarge,
    AmountNotPositive,
    BalanceTooSmall,
    ItemNotFound,
    MovedTooEarly,
)
from kundenkontor.payments.models import OFFSET, REFUND, Allocation, Refund
from kundenkontor.receivables.claims import CLAIM_ACCOUNTS, CLAIMS, account_of
from kundenkontor.receivables.commands import change_totals, lock_items, move_items
from kundenkontor.receivables.models import OpenItem


@transaction.atomic
def offset_balance(
    balance_item: OpenItem, open_item: OpenItem, amount: Decimal, *, on: date, actor: Actor
) -> Allocation:
    """Settle what a customer owes with what we owe the same customer.

    It counts today. Money that settled something else by mistake counts on the day on which it arrived, though not
    before the document that it settles now.
    Raises AmountNotPositive, ItemNotFound (also for another customer's item), BalanceTooSmall, AllocationTooLarge.
    """
    items = lock_items([balance_item.pk, open_item.pk])
    balance, owed = _balance(items, balance_item.pk, amount), items.get(open_item.pk)
    if owed is None or CLAIMS[owed.kind].sign < 0 or owed.customer_id != balance.customer_id:
        raise ItemNotFound()
    if amount > owed.open_amount:
        raise AllocationTooLarge(available=owed.open_amount, number=owed.number)
    accounts = Accounts(balance.seller_id, CLAIM_ACCOUNTS)
    allocation_id, entry_id = take_ids("payments_allocation", 1)[0], take_ids("ledger_journalentry", 1)[0]
    posting = (accounts[account_of(balance)], accounts[account_of(owed)], amount, balance.pk, owed.pk)
    tax_day = arrival_of(balance, owed) or on
    entry = EntryDraft("offset", str(allocation_id), balance.customer_id, [posting], tax_day)
    write_entries(balance.seller_id, [entry], entry_ids=[entry_id], currency=balance.currency)
    allocation = Allocation.objects.create(
        pk=allocation_id,
        customer_id=balance.customer_id,
        balance_item=balance,
        open_item=owed,
        amount=amount,
        entry_id=entry_id,
        allocated_on=on,
    )
    move_items({balance.pk: -amount, owed.pk: -amount})
    change_totals({balance.customer_id: (0, ZERO, -amount, -amount)})
    payload = {"amount": str(amount), "settled": owed.number}
    _record(OFFSET, allocation.pk, balance, payload, on=on, actor=actor)
    return allocation


@transaction.atomic
def refund_balance(
    balance_item: OpenItem,
    amount: Decimal,
    *,
    reference: str = "",
    refunded_on: date | None = None,
    on: date,
    actor: Actor,
) -> Refund:
    """Note that money was returned out of a balance, never more than is left of it (I-M9).

    ``refunded_on``: when it left us (default: today). Raises AmountNotPositive, ItemNotFound, BalanceTooSmall,
    MovedTooEarly.
    """
    items = lock_items([balance_item.pk])
    balance = _balance(items, balance_item.pk, amount)
    day = refunded_on or on
    if not balance.due_date <= day <= on:
        raise MovedTooEarly(since=balance.due_date, until=on, field="refunded_on")
    accounts = Accounts(balance.seller_id, CLAIM_ACCOUNTS)
    refund_id, entry_id = take_ids("payments_refund", 1)[0], take_ids("ledger_journalentry", 1)[0]
    posting = (accounts[account_of(balance)], accounts[BANK], amount, balance.pk, None)
    entry = EntryDraft("refund", str(refund_id), balance.customer_id, [posting], day)
    write_entries(balance.seller_id, [entry], entry_ids=[entry_id], currency=balance.currency)
    refund = Refund.objects.create(
        pk=refund_id,
        customer_id=balance.customer_id,
        balance_item=balance,
        amount=amount,
        refunded_on=day,
        reference=reference[:140],
        entry_id=entry_id,
        refunded_by=actor.label[:150],
    )
    move_items({balance.pk: -amount})
    change_totals({balance.customer_id: (0, ZERO, ZERO, -amount)})
    payload = {"amount": str(amount), "refunded_on": day.isoformat()}
    _record(REFUND, refund.pk, balance, payload, on=on, actor=actor)
    return refund


def arrival_of(balance: OpenItem, owed: OpenItem) -> date | None:
    """When the money of a balance arrived that an undone allocation left, at the earliest on the document's day."""
    undone = Allocation.objects.filter(payment__customer_id=balance.customer_id, reverses__isnull=False)
    entries = JournalEntry.objects.filter(
        kind="allocation_reversal", pk__in=undone.values("entry_id"), postings__credit_item_id=balance.pk
    )
    day = entries.values_list("tax_day", flat=True).first()
    issued = Invoice.objects.filter(open_item=owed).values_list("issue_date", flat=True).first()
    return max(day, issued or day) if day else None


def _balance(items: dict[int, OpenItem], item_id: int, amount: Decimal) -> OpenItem:
    """The locked balance. Raises AmountNotPositive, ItemNotFound, BalanceTooSmall."""
    if amount <= 0:
        raise AmountNotPositive()
    balance = items.get(item_id)
    if balance is None or CLAIMS[balance.kind].sign > 0:
        raise ItemNotFound()
    if amount > balance.open_amount:
        raise BalanceTooSmall(available=balance.open_amount)
    return balance


def _record(hashed: Hashed, id_: int, balance: OpenItem, payload: dict[str, str], *, on: date, actor: Actor) -> None:
    subject = Subject(id_, balance.number, balance.customer_id, balance.seller_id, dict(payload))
    record_row(hashed, id_, subject, on=on, actor=actor)
