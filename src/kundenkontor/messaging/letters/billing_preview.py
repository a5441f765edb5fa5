"""Told to bookkeeping when a scheduled billing run waits for its confirmation, or issued by itself."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext as _

from kundenkontor.kernel.formats import format_money
from kundenkontor.messaging.letters.letter import Letter, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingPreview(Letter):
    """``notes`` are paragraphs in the letter's language; ``total_with_vat`` is in EUR."""

    kind: ClassVar[str] = "billing_preview"
    is_internal: ClassVar[bool] = True

    seller: str
    is_finished: bool
    invoices: int
    total_with_vat: Decimal
    parked: int
    notes: tuple[str, ...]
    link: str

    def write(self, language: str) -> Text:
        if self.is_finished:
            subject = _("Billing run of {seller} finished")
            text = _("{invoices} invoices for {total_with_vat} were issued; {parked} customers were put aside.")
        else:
            subject = _("Billing run of {seller}: please check the preview")
            text = _("The preview has {invoices} invoices for {total_with_vat}; {parked} customers are put aside.")
        total = format_money(self.total_with_vat, "EUR", language)
        sums = text.format(invoices=self.invoices, total_with_vat=total, parked=self.parked)
        return Text(subject.format(seller=self.seller), (sums, *self.notes, self.link))
