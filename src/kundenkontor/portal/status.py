"""The status of documents as lists show it: one of three words, and a second one where it helps (M16)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.queries import CREDIT_NOTE, OPEN
from kundenkontor.web.components import Badge


def badges_of(invoice: Invoice) -> list[Badge]:
    """Badges for a row of ``invoicing.queries.with_status``: offen, bezahlt or Gutschrift, then a second label."""
    row: Any = invoice
    if row.status == CREDIT_NOTE:
        return [Badge("neutral", _("Credit note"))]
    if row.is_cancelled:
        first = Badge("info", _("open")) if row.status == OPEN else Badge("neutral", _("paid"))
        return [first, Badge("neutral", _("cancelled"))]
    if row.status != OPEN:
        return [Badge("good", _("paid"))]
    if row.is_overdue:
        return [Badge("info", _("open")), Badge("bad", _("overdue"))]
    if row.is_partly_paid:
        return [Badge("info", _("open")), Badge("warn", _("partly paid"))]
    return [Badge("info", _("open"))]


def status_words(invoice: Invoice) -> str:
    """The same as text, for files."""
    return ", ".join(badge.label for badge in badges_of(invoice))


def type_of(invoice: Invoice) -> str:
    """Rechnung or Gutschrift, as lists have it."""
    return _("Credit note") if is_credit_note(invoice) else _("Invoice")


def is_credit_note(invoice: Invoice) -> bool:
    return invoice.sign < 0
