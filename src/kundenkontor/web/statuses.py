"""States as word and shape, for both faces: the words are those of the packages below, the tones stand here beside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from kundenkontor.contracts import words as contracts
from kundenkontor.contracts.models import Contract
from kundenkontor.invoicing.queries import CANCELLED, OPEN, OVERDUE, PARTLY_PAID, is_overdue, is_partly_paid, status_of
from kundenkontor.invoicing.words import STATUSES
from kundenkontor.payments import words as payments
from kundenkontor.web.components import Badge, Tone

DOCUMENT_TONES: Mapping[str, Tone] = {
    "open": "info",
    "overdue": "bad",
    "partly_paid": "warn",
    "paid": "good",
    "credit_note": "neutral",
    "cancelled": "neutral",
    "written_off": "neutral",
}
CONTRACT_TONES: Mapping[str, Tone] = {"running": "good", "ending": "warn", "ended": "neutral", "future": "info"}
PAYMENT_TONES: Mapping[str, Tone] = {"received": "info", "booked": "good", "reversed": "bad"}


def badge(state: str, words: Mapping[str, Any], tones: Mapping[str, Tone]) -> Badge:
    """A state in the words of its package."""
    return Badge(tones[state], str(words[state]))


def document_badges(invoice: Any) -> list[Badge]:
    """Open, paid or credit note (M16), cancelled or written off; beside open cancelled, overdue or partly paid.

    Needs a row of ``invoicing.queries.with_status``.
    """
    status = status_of(invoice)
    first = _document(status)
    if invoice.is_cancelled:
        return [first, _document(CANCELLED)] if status == OPEN else [first]
    if is_overdue(invoice):
        return [first, _document(OVERDUE)]
    return [first, _document(PARTLY_PAID)] if is_partly_paid(invoice) else [first]


def _document(state: str) -> Badge:
    return badge(state, STATUSES, DOCUMENT_TONES)


def contract_badge(contract: Contract, today: date) -> Badge:
    """Whether a contract runs."""
    return badge(contract.state_on(today), contracts.STATES, CONTRACT_TONES)


def payment_badge(state: str) -> Badge:
    """Received (eingegangen), booked (verbucht) or reversed (M25), as ``payments.queries.with_state`` says."""
    return badge(state, payments.STATES, PAYMENT_TONES)


def due_of(invoice: Any) -> date | None:
    """The day by which a document is to be paid; none of what was cancelled or takes back. Needs ``with_status``."""
    due: date | None = None if status_of(invoice) == CANCELLED else invoice.due_on
    return due
