"""Reminders as letters."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.papers.letters import account_of, purpose_of
from kundenkontor.messaging.letters.reminder import OverdueReminder, RemindedDocument, Reminder, UpcomingReminder

REMINDERS: dict[str, type[Reminder]] = {"upcoming": UpcomingReminder, "overdue": OverdueReminder}


def reminder_letter(kind: str, rows: Sequence[tuple[Invoice, Decimal]], balance: Decimal) -> Reminder:
    """``rows`` are invoices of one customer with their open amounts; ``balance`` is what we owe the customer."""
    documents = tuple(
        RemindedDocument(
            number=invoice.number,
            issued=invoice.issue_date,
            due=invoice.due_date,
            open_amount=open_amount,
            currency=invoice.currency,
            purpose=purpose_of(invoice),
        )
        for invoice, open_amount in rows
    )
    return REMINDERS[kind](documents=documents, account=account_of(rows[0][0]), balance=balance)
