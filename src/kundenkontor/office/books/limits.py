"""How near sellers are to limits of turnover, before they are reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenkontor.invoicing.books.limits import Watched, watched
from kundenkontor.kernel.formats import format_money, format_rate
from kundenkontor.office.books.frame import tabs
from kundenkontor.parties.models import Seller
from kundenkontor.taxes.words import LIMIT_COUNTS, LIMIT_STATES, LIMITS, LIMITS_EXCEEDED
from kundenkontor.web.components import Badge, Tone
from kundenkontor.web.forms import reader_language
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.tables import Column, rows_of
from kundenkontor.web.statuses import badge

TONES: Mapping[str, Tone] = {"far": "good", "near": "warn", "exceeded": "bad"}
KEPT_SECONDS = 600  # for the start page


def _badges(row: Watched) -> list[Badge]:
    return [badge(row.state, LIMIT_STATES, TONES)]


def _key(row: Watched) -> str:
    return f"{row.threshold.code} {row.threshold.country}".strip()


def _follows(row: Watched) -> str:
    """What follows where it is exceeded."""
    return str(LIMITS_EXCEEDED[_key(row), row.is_past])


def _counted(row: Watched) -> str:
    return str(LIMIT_COUNTS[row.threshold.counts])


def _share(row: Watched) -> str:
    return format_rate((row.share * 100).quantize(1), reader_language())


COLUMNS = [
    Column(gettext_lazy("Seller"), lambda row: row.seller.name),
    Column(gettext_lazy("Limit"), lambda row: str(LIMITS[_key(row)]), sub=lambda row: row.threshold.source),
    Column(gettext_lazy("Year"), lambda row: str(row.year)),
    Column(gettext_lazy("Turnover"), lambda row: row.amount, "money", sub=_counted),
    Column(gettext_lazy("At most"), lambda row: row.threshold.amount, "money", sub=_share),
    Column(gettext_lazy("Status"), _badges, "badges"),
    Column(gettext_lazy("If exceeded"), _follows),
]


def all_watched(today: date) -> list[Watched]:
    """Of all sellers whom a limit concerns."""
    return [row for seller in Seller.objects.order_by("name") for row in watched(seller, today)]


@require_safe
@staff_permission("books.read")
def limits(request: StaffRequest) -> HttpResponse:
    """The limits that concern each seller, with this year's turnover and last year's."""
    rows = all_watched(request.today)
    context = {"tabs": tabs("limits"), "columns": COLUMNS, "rows": rows_of(COLUMNS, rows)}
    return render(request, "office/books/limits.html", context)


def warnings_of(today: date) -> list[str]:
    """A sentence per limit that is near or exceeded, for the start page; ten minutes old at most."""
    key = f"limits:{today}"
    rows: list[Watched] | None = cache.get(key)
    if rows is None:
        rows = [row for row in all_watched(today) if row.state != "far"]
        cache.set(key, rows, KEPT_SECONDS)
    return [_sentence(row) for row in rows]


def _sentence(row: Watched) -> str:
    language = reader_language()
    return _("{seller}, {limit}: {amount} of {most} in {year}. {follows}").format(
        seller=row.seller.name,
        limit=LIMITS[_key(row)],
        amount=format_money(row.amount, "EUR", language),
        most=format_money(row.threshold.amount, "EUR", language),
        year=row.year,
        follows=_follows(row),
    )
