"""States as word and shape, for both faces. Derived, never stored; the words are those of the packages below."""

from __future__ import annotations

from typing import Any

from kundenkontor.delivery import words as delivery
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.words import STATUSES
from kundenkontor.messaging import words as messaging
from kundenkontor.web.components import Badge, Tone

DOCUMENT_TONES: dict[str, Tone] = {
    "open": "info",
    "overdue": "bad",
    "partly_paid": "warn",
    "paid": "good",
    "credit_note": "neutral",
    "cancelled": "neutral",
}
MAIL_TONES: dict[str, Tone] = {
    "queued": "info",
    "claimed": "info",
    "done": "good",
    "failed": "bad",
    "unknown": "warn",
}


def document_badges(invoice: Invoice) -> list[Badge]:
    """Open, paid or credit note (M16); beside it cancelled, overdue or partly paid.

    Needs a row of ``invoicing.queries.with_status``. Nobody has to be pleased that a cancelled document is settled.
    """
    row: Any = invoice
    if row.is_cancelled:
        tone = DOCUMENT_TONES[row.status] if row.status == "open" else "neutral"
        return [Badge(tone, str(STATUSES[row.status])), _document("cancelled")]
    first = _document(row.status)
    if row.is_overdue:
        return [first, _document("overdue")]
    return [first, _document("partly_paid")] if row.is_partly_paid else [first]


def _document(state: str) -> Badge:
    return Badge(DOCUMENT_TONES[state], str(STATUSES[state]))


def delivery_badge(state: str, mail_state: str = "") -> Badge:
    """Where a document is on its way to the customer."""
    if state == "queued":
        return mail_badge(mail_state or "queued")
    return Badge("bad" if state == "parked" else "info", str(delivery.STATES[state]))


def mail_badge(state: str) -> Badge:
    """Where a mail is."""
    return Badge(MAIL_TONES[state], str(messaging.STATES[state]))
