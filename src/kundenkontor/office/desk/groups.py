"""The groups of the office's navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

GROUPS = {
    "customers": _("Customers"),
    "billing": _("Billing"),
    "money": _("Money"),
    "mail": _("Mail"),
    "settings": _("Settings"),
    "control": _("Control"),
}
