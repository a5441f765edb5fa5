"""Words of the portal for codes of the tables."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

GROUPS = {
    "webhosting": gettext_lazy("Web hosting"),
    "domains": gettext_lazy("Domains"),
    "ssl": gettext_lazy("SSL certificates"),
    "storage": gettext_lazy("Storage"),
    "add_ons": gettext_lazy("Add-ons"),
}
CONTACT_GROUPS = {
    "main": gettext_lazy("Main contact"),
    "invoices": gettext_lazy("Invoices"),
    "technical": gettext_lazy("Technical"),
}
PAYMENT_METHODS = {
    "transfer": gettext_lazy("Bank transfer"),
    "cash": gettext_lazy("Cash"),
    "card": gettext_lazy("Card"),
    "other": gettext_lazy("Other"),
}


def period_words(months: int) -> str:
    """How often a contract is billed: per month, per quarter, per year, every n months or years."""
    known = {1: _("per month"), 3: _("per quarter"), 6: _("per half-year"), 12: _("per year")}
    if months in known:
        return known[months]
    if months % 12 == 0:
        return ngettext("every %(n)s year", "every %(n)s years", months // 12) % {"n": months // 12}
    return ngettext("every %(n)s month", "every %(n)s months", months) % {"n": months}
