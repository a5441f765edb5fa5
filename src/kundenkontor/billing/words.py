"""Billing in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

RUN_STATES = {
    "previewing": _("Preview is being computed"),
    "previewed": _("Preview, waits for confirmation"),
    "confirming": _("Being confirmed"),
    "running": _("Issuing"),
    "finished": _("Finished"),
    "discarded": _("Discarded"),
}
# what a run did with a contract
OUTCOMES = {
    "billed": _("billed"),
    "parked": _("parked"),
    "free": _("free of charge"),
    "open": _("not billed yet; the next run bills it"),
    "cancelled": _("cancelled, to be billed again"),
    "waived": _("cancelled, not billed any more"),
    "billed_elsewhere": _("billed elsewhere (before the cut-over)"),
    "no_price": _("without a price"),
}
CHARGES = {
    "recurring": _("Period"),
    "set_up": _("Set-up, once"),
    "one_off": _("One-time service"),
}
ONE_OFF_STATES = {
    "waiting": _("waits for the next run"),
    "billed": _("billed"),
    "discarded": _("discarded"),
}
# of a preview or of what a run issued
SUMS = {
    "customers": _("Customers"),
    "invoices": _("Invoices"),
    "lines": _("Lines"),
    "parked": _("Parked customers"),
    "total_without_vat": _("Total without VAT"),
    "total_with_vat": _("Total with VAT"),
}
