"""States of contracts in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

STATES = {
    "running": _("running"),
    "ending": _("cancelled, still running"),
    "ended": _("ended"),
    "future": _("not begun"),
}
