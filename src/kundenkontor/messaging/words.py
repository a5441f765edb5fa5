"""States of mails in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

STATES = {
    "queued": _("queued"),
    "claimed": _("being sent"),
    "done": _("sent"),
    "failed": _("failed"),
    "unknown": _("unclear whether it arrived"),
}
