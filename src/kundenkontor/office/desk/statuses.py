"""States of documents and mails as word and shape. Derived, never stored."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.queries import status_of, with_status
from kundenkontor.web.components import Badge
from kundenkontor.web.forms import written


def with_states(invoices: QuerySet[Invoice], today: date) -> QuerySet[Invoice]:
    """Join what the states of a document are derived from, without a query per row."""
    return with_status(invoices.select_related("customer", "open_item"), on=today)


def invoice_badges(invoice: Invoice, today: date) -> list[Badge]:
    """Open, paid or credit note (M16); beside it overdue, partly paid or cancelled. Needs ``with_states``."""
    item = invoice.open_item
    state = status_of(
        invoice.kind,
        item.open_amount,
        item.original_amount,
        invoice.due_date,
        corrected_amount=getattr(invoice, "corrected_amount", item.open_amount * 0),
        is_cancelled=bool(getattr(invoice, "is_cancelled", False)),
        on=today,
    )
    first = {
        "open": Badge("info", _("open")),
        "paid": Badge("good", _("paid")),
        "credit_note": Badge("neutral", _("Credit note")),
    }[state.status]
    second = {
        "overdue": Badge("bad", _("overdue")),
        "partly_paid": Badge("warn", _("partly paid")),
        "cancelled": Badge("neutral", _("cancelled")),
    }
    return [first, second[state.label]] if state.label else [first]


def delivery_badge(state: str, mail_state: str = "") -> Badge:
    """Where a document is on its way to the customer."""
    if state == "parked":
        return Badge("bad", _("Not sent"))
    if state == "waiting":
        return Badge("info", _("Waits for the PDF"))
    return mail_badge(mail_state or "queued")


def mail_badge(state: str) -> Badge:
    """Where a mail is."""
    return {
        "queued": Badge("info", _("Queued")),
        "sending": Badge("info", _("Being sent")),
        "sent": Badge("good", _("Sent")),
        "failed": Badge("bad", _("Failed")),
    }[state]


def count_documents(count: int) -> str:
    """How many, in words."""
    return ngettext("{count} document", "{count} documents", count).format(count=written(count))
