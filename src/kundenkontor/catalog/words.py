"""Products and billing periods in words."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy, ngettext

GROUPS = {
    "webhosting": gettext_lazy("Web hosting"),
    "domains": gettext_lazy("Domains"),
    "ssl": gettext_lazy("SSL certificates"),
    "storage": gettext_lazy("Storage"),
    "add_ons": gettext_lazy("Add-ons"),
}
OFFERS = {"active": gettext_lazy("on offer"), "inactive": gettext_lazy("no longer on offer")}
# of a price, or of whatever else holds from a day to a day
VALIDITIES = {
    "future": gettext_lazy("to come"),
    "now": gettext_lazy("holds"),
    "past": gettext_lazy("past"),
}
PERIODS = {
    1: gettext_lazy("monthly"),
    3: gettext_lazy("quarterly"),
    6: gettext_lazy("half-yearly"),
    12: gettext_lazy("yearly"),
}
PER_PERIOD = {
    1: gettext_lazy("per month"),
    3: gettext_lazy("per quarter"),
    6: gettext_lazy("per half-year"),
    12: gettext_lazy("per year"),
}


def period_name(months: int) -> str:
    """``12`` -> yearly, ``24`` -> every 2 years."""
    if months in PERIODS:
        return str(PERIODS[months])
    return gettext("every {years} years").format(years=months // 12)


def per_period(months: int) -> str:
    """How often something is billed: per month, per quarter, per year, every n months or years."""
    if months in PER_PERIOD:
        return str(PER_PERIOD[months])
    if months % 12 == 0:
        return ngettext("every %(n)s year", "every %(n)s years", months // 12) % {"n": months // 12}
    return ngettext("every %(n)s month", "every %(n)s months", months) % {"n": months}
