"""VAT cases and checks of VAT ids in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

# BT-151, UNTDID 5305
VAT_CASES = {
    "S": _("VAT"),
    "AE": _("Reverse charge"),
    "O": _("Outside the scope of VAT"),
    "E": _("Exempt"),
}
CHECK_WAYS = {
    "authority": _("Confirmed by the tax office"),
    "staff": _("Evidence seen by staff"),
    "import": _("Confirmed when taken over from the old system"),
}
