"""Imports in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kundenkontor.imports.planning.plan import Outcome

OUTCOMES: dict[Outcome, Any] = {
    "refused": _("refused"),
    "new": _("new"),
    "changed": _("changed"),
    "unchanged": _("unchanged"),
}
FILES = {
    "customers": _("Customers"),
    "contracts": _("Contracts"),
}
STEPS = {
    "reading": _("Reading the files"),
    "comparing": _("Comparing with what is known"),
    "customers": _("Writing customers"),
    "contracts": _("Writing contracts"),
}
