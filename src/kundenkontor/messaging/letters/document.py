"""A document with its PDF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext as _

from kundenkontor.kernel.formats import format_date, format_money
from kundenkontor.messaging.letters.letter import BankDetails, Letter, Text, table


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLetter(Letter):
    """ "Ihre Rechnung RE… vom …": amount, due date, where to pay and the purpose; or what a correction takes back."""

    kind: ClassVar[str] = "invoice"

    title: str  # in the letter's language
    number: str
    issued: date
    amount_due: Decimal
    currency: str
    asks_for_money: bool
    due: date
    account: BankDetails | None  # only the printed one counts (M47)
    reference: str
    purpose: str
    open_before: str = ""  # what the document says of earlier ones

    def write(self, language: str) -> Text:
        title = self.title.lower() if language == "en" else self.title  # it stands within a sentence
        named = {"title": title, "number": self.number, "date": format_date(self.issued, language)}
        opening = _(
            "attached you find your {title} {number} of {date} as PDF; it also contains the invoice data as XML."
        )
        earlier = (self.open_before,) if self.open_before else ()
        paragraphs = (opening.format(**named), self._amounts(language), *earlier, _("With kind regards"))
        return Text(_("Your {title} {number} of {date}").format(**named), paragraphs)

    def _amounts(self, language: str) -> str:
        amount = format_money(self.amount_due, self.currency, language)
        if not self.asks_for_money:
            text = _("Amount: {amount}. It is set off against the original invoice; you need not do anything.")
            return text.format(amount=amount)
        if self.amount_due <= 0:
            return _("Nothing has to be paid.")
        rows = [
            (_("Amount due"), amount),
            (_("Due on"), format_date(self.due, language)),
            *(self.account.rows() if self.account else []),
            (_("Payment reference"), self.reference),
            (_("Purpose"), self.purpose),
        ]
        return table(rows)
