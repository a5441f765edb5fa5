"""Documents in words, beside what ``kernel.kinds`` says of their kinds."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kundenkontor.kernel import kinds

# the first word of a document, and beside "open" at most one of overdue, partly paid and cancelled (M16)
STATUSES = {
    "open": _("open"),
    "overdue": _("overdue"),
    "partly_paid": _("partly paid"),
    "paid": _("paid"),
    "credit_note": _("Credit note"),
    "cancelled": _("cancelled"),
    "written_off": _("written off"),
}
KINDS = {kind.code: _(kind.name) for kind in kinds.KINDS.values()}
TYPES = {
    "invoice": _("Invoices"),
    "credit_note": _("Credit notes"),
}
SERIES = {
    "invoice": _("Invoices"),
    "credit_note": _("Cancellations and corrections"),
    "payment_request": _("Advance payments"),
}
# what of a line is taken back, or the whole of it
CORRECTION_WAYS = {
    "amount": _("net amount"),
    "days": _("the last days"),
    "dates": _("days from – to"),
    "quantity": _("quantity"),
    "all": _("the whole line"),
}
