"""Documents as the desks' lists show them, and states that several desks show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db.models import QuerySet
from django.utils.timezone import localtime
from django.utils.translation import ngettext

from kundenkontor.access.models import User
from kundenkontor.access.words import LOGIN_STATES
from kundenkontor.billing.models import BillingRun
from kundenkontor.billing.words import RUN_STATES
from kundenkontor.delivery import words as delivery
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.queries import with_status
from kundenkontor.jobs.attempts import Attempt
from kundenkontor.kernel.formats import format_instant
from kundenkontor.messaging import words as messaging
from kundenkontor.receivables import words as receivables
from kundenkontor.receivables.claims import CLAIMS
from kundenkontor.receivables.models import OpenItem
from kundenkontor.web.components import Badge, Tone
from kundenkontor.web.forms import reader_language, written
from kundenkontor.web.statuses import badge

DELIVERY_TONES: Mapping[str, Tone] = {"waiting": "info", "queued": "info", "parked": "bad"}
MAIL_TONES: Mapping[str, Tone] = {
    "queued": "info",
    "claimed": "info",
    "done": "good",
    "failed": "bad",
    "unknown": "warn",
}
OPEN_ITEM_TONES: Mapping[str, Tone] = {"open": "info", "overdue": "bad", "balance": "neutral"}
LOGIN_TONES: Mapping[str, Tone] = {"active": "good", "invited": "info", "locked": "neutral"}
RUN_TONES: Mapping[str, Tone] = {
    "previewing": "info",
    "previewed": "warn",
    "confirming": "info",
    "running": "info",
    "finished": "good",
    "discarded": "neutral",
}


def with_states(invoices: QuerySet[Invoice], today: date) -> QuerySet[Invoice]:
    """With what the states of a document are derived from, without a query per row."""
    return with_status(invoices.select_related("customer"), on=today)


def count_documents(count: int) -> str:
    """How many, in words."""
    return ngettext("{count} document", "{count} documents", count).format(count=written(count))


def run_badge(run: BillingRun) -> Badge:
    """The state of a billing run."""
    return badge(run.state, RUN_STATES, RUN_TONES)


def login_badge(user: User) -> Badge:
    """Whether a login is open; invited: its password was never set."""
    state = "locked" if not user.is_active else "active" if user.has_usable_password() else "invited"
    return badge(state, LOGIN_STATES, LOGIN_TONES)


def delivery_badge(state: str, mail_state: str = "") -> Badge:
    """Where a document is on its way to the customer."""
    if state == "queued":
        return mail_badge(mail_state or "queued")
    return badge(state, delivery.STATES, DELIVERY_TONES)


def mail_badge(state: str) -> Badge:
    """Where a mail is."""
    return badge(state, messaging.STATES, MAIL_TONES)


def open_item_badge(item: OpenItem, today: date) -> Badge:
    """What the customer owes, now or since its day, or has to get back."""
    state = "balance" if CLAIMS[item.kind].sign < 0 else "overdue" if item.due_date < today else "open"
    return badge(state, receivables.STATES, OPEN_ITEM_TONES)


def next_attempt_of(row: Attempt) -> str:
    """When the worker tries again; after that staff has to look."""
    return format_instant(localtime(row.next_attempt_at), reader_language()) if row.next_attempt_at else "–"
