"""States of mails in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

STATES = {
    "queued": _("queued"),
    "sending": _("being sent"),
    "sent": _("sent"),
    "failed": _("failed"),
}
