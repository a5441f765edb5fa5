"""States of background jobs in words, by procrastinate's names."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

STATES = {
    "todo": _("waiting"),
    "doing": _("running"),
    "failed": _("failed"),
    "succeeded": _("done"),
}
