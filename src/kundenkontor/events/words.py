"""Who did it, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ACTORS = {
    "customer": _("customers"),
    "staff": _("staff"),
    "system": _("the system"),
    "operator": _("the command line"),
}
