"""A document that a customer sends to the own bookkeeping."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.utils.translation import gettext as _

from kundenkontor.kernel.formats import format_date
from kundenkontor.messaging.letters.letter import Letter, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardedDocument(Letter):
    kind: ClassVar[str] = "forward"

    title: str  # in the letter's language
    number: str
    issued: date
    customer_name: str
    customer_number: str

    def write(self, language: str) -> Text:
        named = {"title": self.title, "number": self.number, "date": format_date(self.issued, language)}
        text = _("{title} {number} of {date} for {name} (customer number {customer}) was forwarded to you as PDF.")
        sentence = text.format(**named, name=self.customer_name, customer=self.customer_number)
        return Text(_("{title} {number} of {date}").format(**named), [sentence])
