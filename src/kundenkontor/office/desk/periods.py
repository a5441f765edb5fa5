"""Billing periods in words, for lists and forms."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kundenkontor.catalog.models import PERIOD_MONTHS

NAMES = {
    1: gettext_lazy("monthly"),
    3: gettext_lazy("quarterly"),
    6: gettext_lazy("half-yearly"),
    12: gettext_lazy("yearly"),
}


def period_name(months: int) -> str:
    """``12`` -> yearly, ``24`` -> every 2 years."""
    if months in NAMES:
        return str(NAMES[months])
    return _("every {years} years").format(years=months // 12)


def period_choices() -> list[tuple[str, str]]:
    """All periods a contract or list price may have."""
    return [(str(months), period_name(months)) for months in PERIOD_MONTHS]
