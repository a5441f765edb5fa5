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
# of countries with a rate of their own, ``territories.RATE_AREAS``
RATE_AREAS = {
    "PT-20": _("Portugal: Azores"),
    "PT-30": _("Portugal: Madeira"),
    "AT-JM": _("Austria: Jungholz and Mittelberg, sellers established there"),
}
CHECK_WAYS = {
    "vies": "VIES",
    "authority": _("Confirmed by the tax office"),
    "staff": _("Evidence seen by staff"),
    "import": _("Confirmed when taken over from the old system"),
}
CHECKS_BY_STAFF = {way: CHECK_WAYS[way] for way in ("authority", "staff", "import")}
CHECK_OUTCOMES = {
    "valid": _("valid"),
    "invalid": _("invalid"),
    "unavailable": _("no answer"),
}
