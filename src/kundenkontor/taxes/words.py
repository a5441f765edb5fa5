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

# by code and country of ``thresholds``
LIMITS = {
    "oss": _("Services to consumers in other member states"),
    "small_business DE": _("Small business"),
    "small_business_at_once DE": _("Small business, within the year"),
    "small_business AT": _("Small business"),
    "small_business_at_once AT": _("Small business, within the year"),
}
# what follows where this year (False) or the last one (True) exceeds it
LIMITS_EXCEEDED = {
    ("oss", False): _("From the sale that exceeds it on, consumers abroad pay the VAT of their country (OSS)."),
    ("oss", True): _("All this year consumers abroad pay the VAT of their country (OSS)."),
    ("small_business DE", False): _(
        "From next year on VAT is charged; in the year in which the business began at once."
    ),
    ("small_business DE", True): _("All this year VAT is charged."),
    ("small_business_at_once DE", False): _("VAT is charged from the sale that exceeds it on."),
    ("small_business AT", False): _("From next year on VAT is charged."),
    ("small_business AT", True): _("All this year VAT is charged."),
    ("small_business_at_once AT", False): _("VAT is charged from the sale that exceeds it on."),
}
LIMIT_COUNTS = {
    "receipts": _("as received, net"),
    "gross": _("by the end of the service, with VAT"),
    "abroad": _("by the end of the service, net"),
}
LIMIT_STATES = {
    "far": _("below"),
    "near": _("nearly reached"),
    "exceeded": _("exceeded"),
}
