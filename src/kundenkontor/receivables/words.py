"""Claims in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

OPEN_ITEMS = {
    "receivable": _("receivables"),
    "overdue": _("overdue"),
    "balance": _("balances of customers"),
    "offset": _("balances that can be offset"),
}
# what is between us and a customer
BALANCES = {
    "open": _("owes something"),
    "balance": _("has a balance"),
}
# of one open item
STATES = {
    "open": _("open"),
    "overdue": _("overdue"),
    "balance": _("balance"),
}
