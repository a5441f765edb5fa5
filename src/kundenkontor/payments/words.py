"""Payments in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

METHODS = {
    "transfer": _("Bank transfer"),
    "cash": _("Cash"),
    "card": _("Card"),
    "other": _("Other"),
}
# received (eingegangen), booked (verbucht) or reversed (M25)
STATES = {
    "received": _("received"),
    "booked": _("booked"),
    "reversed": _("reversed"),
}
