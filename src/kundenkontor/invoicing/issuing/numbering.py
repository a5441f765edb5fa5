"""Gapless numbers: the series row is locked by the transaction that writes the documents."""

from __future__ import annotations

from datetime import date

from django.db.models import Max

from kundenkontor.invoicing.errors import IssueDateTooEarly
from kundenkontor.invoicing.issuing.patterns import default_pattern, format_number
from kundenkontor.invoicing.issuing.restored import refuse_unreleased
from kundenkontor.invoicing.models import NumberSeries
from kundenkontor.parties.models import Seller


def ensure_series(seller_id: int, kind: str, year: int) -> NumberSeries:
    """The series of a year, continuing the pattern of the year before.

    Numbers without a year go on counting: the former series is locked until commit, so that it cannot
    give the same number meanwhile.
    """
    found = NumberSeries.objects.filter(seller_id=seller_id, kind=kind, year=year).first()
    if found is not None:
        return found
    formers = NumberSeries.objects.filter(seller_id=seller_id, kind=kind, year__lt=year).order_by("-year")
    former = formers.select_for_update().first()
    pattern = former.pattern if former else own_default(seller_id, kind)
    continues = former is not None and "{year}" not in pattern
    series, _ = NumberSeries.objects.get_or_create(
        seller_id=seller_id,
        kind=kind,
        year=year,
        defaults={"pattern": pattern, "next_number": former.next_number if former and continues else 1},
    )
    return series


def own_default(seller_id: int, kind: str) -> str:
    """The pattern with which a seller begins to number a kind."""
    return default_pattern(kind, Seller.objects.filter(pk__lt=seller_id).count())


def take_numbers(series: NumberSeries, count: int, issue_date: date) -> tuple[int, list[str]]:
    """Lock the series until commit and take a block. Returns the first place and the numbers.

    A rolled-back transaction gives its numbers back, so the series has no gap (I-N1); an issue date before the
    last one of its kind is refused, so number order is issue order (I-N2), across a new year as well: the kind's other
    years are locked too, the newest first, as ``ensure_series`` does. Raises IssueDateTooEarly, RestoredNotReleased.
    """
    refuse_unreleased()
    years = NumberSeries.objects.filter(seller_id=series.seller_id, kind=series.kind).order_by("-year")
    locked = next(row for row in years.select_for_update() if row.pk == series.pk)
    _refuse_before_the_last(series.seller_id, series.kind, issue_date)
    first = locked.next_number
    locked.next_number = first + count
    locked.last_issue_date = issue_date
    if "{year}" not in locked.pattern:
        _count_on(locked)
    locked.save(update_fields=["next_number", "last_issue_date"])
    return first, [format_number(locked.pattern, locked.year, first + offset) for offset in range(count)]


def refuse_early_date(seller_id: int, kind: str, issue_date: date) -> None:
    """Say beforehand, without a lock, what taking numbers would refuse; raises it."""
    refuse_unreleased()
    _refuse_before_the_last(seller_id, kind, issue_date)


def _refuse_before_the_last(seller_id: int, kind: str, issue_date: date) -> None:
    last = last_issue_date(seller_id, kind)
    if last is not None and issue_date < last:
        raise IssueDateTooEarly(last=last)


def last_issue_date(seller_id: int, kind: str) -> date | None:
    """The day of the last document of a kind, of whatever year: nothing may be dated before it."""
    series = NumberSeries.objects.filter(seller_id=seller_id, kind=kind)
    last: date | None = series.aggregate(last=Max("last_issue_date"))["last"]
    return last


def _count_on(series: NumberSeries) -> None:
    """A later year's series that has no documents yet begins after the numbers given now."""
    later = NumberSeries.objects.filter(seller_id=series.seller_id, kind=series.kind, year__gt=series.year)
    behind = later.filter(pattern=series.pattern, next_number__lt=series.next_number)
    behind.update(next_number=series.next_number)
