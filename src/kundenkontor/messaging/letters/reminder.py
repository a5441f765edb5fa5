"""The reminder before the due date, and the Zahlungserinnerung after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext as _

from kundenkontor.kernel.formats import format_date, format_money
from kundenkontor.messaging.letters.letter import BankDetails, Letter, Text, table

NAMED = 3  # documents in the subject


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindedDocument:
    """A document of which something is open."""

    number: str
    issued: date
    due: date
    open_amount: Decimal
    currency: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder(Letter):
    """No fee, no interest, no threat: it is a reminder."""

    documents: tuple[RemindedDocument, ...]
    account: BankDetails | None
    balance: Decimal  # owed back to the customer, in EUR

    def write(self, language: str) -> Text:
        subject, opening = self._words()
        numbers = ", ".join(one.number for one in self.documents[:NAMED])
        more = " …" if len(self.documents) > NAMED else ""
        paragraphs = (
            opening,
            "\n".join(_item(one, language) for one in self.documents),
            *self._balance(language),
            table(self.account.rows() if self.account else []),
            _("If you have already paid, please disregard this mail."),
            _("With kind regards"),
        )
        return Text(subject.format(numbers=numbers + more), paragraphs)

    def _balance(self, language: str) -> tuple[str, ...]:
        """Nobody pays what on balance is not owed."""
        if not self.balance:
            return ()
        text = _("You have a balance of {amount} with us; please deduct it from what you pay.")
        return (text.format(amount=format_money(self.balance, "EUR", language)),)

    def _words(self) -> tuple[str, str]:
        """Subject and opening."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class UpcomingReminder(Reminder):
    kind: ClassVar[str] = "reminder_upcoming"

    def _words(self) -> tuple[str, str]:
        opening = _("a friendly note that payment for the following documents will be due soon:")
        return _("Payment due soon: {numbers}"), opening


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueReminder(Reminder):
    kind: ClassVar[str] = "reminder_overdue"

    def _words(self) -> tuple[str, str]:
        opening = _("we have not yet received your payment for the following documents. Perhaps it was overlooked:")
        return _("Payment reminder: {numbers}"), opening


def _item(document: RemindedDocument, language: str) -> str:
    line = _("{number} of {issued}: {amount} open, due on {due}").format(
        number=document.number,
        issued=format_date(document.issued, language),
        amount=format_money(document.open_amount, document.currency, language),
        due=format_date(document.due, language),
    )
    return f"{line}\n  " + table([(_("Purpose"), document.purpose)])
