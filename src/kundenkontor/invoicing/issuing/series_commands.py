"""Setting up series of numbers, before their first document."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import DecimalField
from django.db.models.functions import Cast, Substr

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import NUMBER_SERIES_CHANGED
from kundenkontor.invoicing.errors import NextNumberTooLow, SeriesHasDocuments, SeriesMeet, SeriesOfAnother
from kundenkontor.invoicing.issuing.numbering import ensure_series, own_default
from kundenkontor.invoicing.issuing.patterns import before_number, check_pattern, may_meet, series_year
from kundenkontor.invoicing.models import Invoice, NumberSeries
from kundenkontor.kernel.kinds import DEFAULT_PATTERNS
from kundenkontor.parties.models import Seller


@transaction.atomic
def set_series(
    seller_id: int, kind: str, *, pattern: str, next_number: int, is_shared: bool = False, on: date, actor: Actor
) -> NumberSeries:
    """Set pattern and next number of this year's series, only before its first document. Logged.

    The seller is locked, so that two of its series cannot be set side by side to patterns that meet. ``is_shared``:
    numbers that another seller gives, too, are wanted.
    Raises PatternInvalid, SeriesHasDocuments, SeriesMeet, SeriesOfAnother, NextNumberTooLow.
    """
    check_pattern(pattern)
    Seller.objects.select_for_update(no_key=True).get(pk=seller_id)
    series = ensure_series(seller_id, kind, series_year(on))
    series = NumberSeries.objects.select_for_update().get(pk=series.pk)
    if (series.pattern, series.next_number) == (pattern, next_number):
        return series
    if series.last_issue_date is not None or series.gaps.exists():
        raise SeriesHasDocuments()
    _refuse_meeting(series, pattern)
    if not is_shared:
        _refuse_anothers(series, pattern)
    _refuse_given(series, pattern, next_number)
    change = {"kind": kind, "from": [series.pattern, series.next_number], "to": [pattern, next_number]}
    series.pattern, series.next_number = pattern, next_number
    series.save(update_fields=["pattern", "next_number"])
    subject = Subject(id=series.pk, seller_id=seller_id, payload=change)
    record_events(NUMBER_SERIES_CHANGED, [subject], actor=actor, on=on)
    return series


def _refuse_meeting(series: NumberSeries, pattern: str) -> None:
    """Each kind of document keeps numbers of its own, also those kinds that have no series yet. Raises SeriesMeet."""
    rows = NumberSeries.objects.filter(seller_id=series.seller_id).order_by("year").values_list("kind", "pattern")
    patterns = {kind: own_default(series.seller_id, kind) for kind in DEFAULT_PATTERNS} | dict(rows)
    for kind, other in patterns.items():
        if kind != series.kind and may_meet(pattern, other):
            raise SeriesMeet(pattern=other)


def _refuse_anothers(series: NumberSeries, pattern: str) -> None:
    """The numbers of two sellers may be the same, but not by mistake. Raises SeriesOfAnother."""
    others = NumberSeries.objects.exclude(seller_id=series.seller_id).select_related("seller").order_by("-year", "pk")
    for other in others:
        if may_meet(pattern, other.pattern):
            raise SeriesOfAnother(seller=other.seller.name, pattern=other.pattern)


def _refuse_given(series: NumberSeries, pattern: str, next_number: int) -> None:
    """A series counts up, so it must begin above every number it could give again. Raises NextNumberTooLow."""
    before = before_number(pattern, series.year)
    counted = Cast(Substr("number", len(before) + 1), DecimalField(max_digits=21, decimal_places=0))
    given = Invoice.objects.filter(seller_id=series.seller_id, number__regex=f"^{before}[0-9]+$")
    last = given.annotate(counted=counted).order_by("-counted").first()
    if last is not None and last.counted >= next_number:
        raise NextNumberTooLow(number=last.number)
