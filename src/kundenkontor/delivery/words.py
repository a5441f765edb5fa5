"""The way of a document to its customer, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

STATES = {
    "waiting": _("waits for the PDF"),
    "queued": _("handed to the outbox"),
    "parked": _("not sent"),
}
REMINDERS = {
    "upcoming": _("before the due date"),
    "overdue": _("payment reminder"),
}
