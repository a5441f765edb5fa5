"""Documents as the desks' lists show them, and states that several desks show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import ngettext

from kundenkontor.access.models import User
from kundenkontor.access.words import LOGIN_STATES
from kundenkontor.billing.models import BillingRun
from kundenkontor.billing.words import RUN_STATES
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.queries import with_status
from kundenkontor.web.components import Badge, Tone
from kundenkontor.web.forms import written
from kundenkontor.web.statuses import badge

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
