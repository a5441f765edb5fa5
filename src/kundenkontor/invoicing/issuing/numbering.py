"""Gapless numbers: the series row is locked by the transaction that writes the documents."""

from __future__ import annotations

from datetime import date

from kundenkontor.invoicing.errors import IssueDateTooEarly
from kundenkontor.invoicing.issuing.patterns import format_number, series_year
from kundenkontor.invoicing.issuing.restored import refuse_unreleased
from kundenkontor.invoicing.models import NumberSeries
from kundenkontor.kernel.kinds import DEFAULT_PATTERNS


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
    pattern = former.pattern if former else DEFAULT_PATTERNS[kind]
    continues = former is not None and "{year}" not in pattern
    series, _ = NumberSeries.objects.get_or_create(
        seller_id=seller_id,
        kind=kind,
        year=year,
        defaults={"pattern": pattern, "next_number": former.next_number if former and continues else 1},
    )
    return series


def take_numbers(series: NumberSeries, count: int, issue_date: date) -> tuple[int, list[str]]:
    """Lock the series until commit and take a block. Returns the first place and the numbers.

    A rolled-back transaction gives its numbers back, so the series has no gap (I-N1); an issue date before the
    last one is refused, so number order is issue order (I-N2). Raises IssueDateTooEarly, RestoredNotReleased.
    """
    refuse_unreleased()
    locked = NumberSeries.objects.select_for_update().get(pk=series.pk)
    if locked.last_issue_date is not None and issue_date < locked.last_issue_date:
        raise IssueDateTooEarly(last=locked.last_issue_date)
    first = locked.next_number
    locked.next_number = first + count
    locked.last_issue_date = issue_date
    if "{year}" not in locked.pattern:
        _refuse_after_a_later_year(locked)
        _count_on(locked)
    locked.save(update_fields=["next_number", "last_issue_date"])
    return first, [format_number(locked.pattern, locked.year, first + offset) for offset in range(count)]


def refuse_early_date(seller_id: int, kind: str, issue_date: date) -> None:
    """Say beforehand, without a lock, what taking numbers would refuse; raises it."""
    refuse_unreleased()
    series = NumberSeries.objects.filter(seller_id=seller_id, kind=kind, year=series_year(issue_date)).first()
    if series is None:
        return
    if series.last_issue_date is not None and issue_date < series.last_issue_date:
        raise IssueDateTooEarly(last=series.last_issue_date)
    if "{year}" not in series.pattern:
        _refuse_after_a_later_year(series)


def _refuse_after_a_later_year(series: NumberSeries) -> None:
    """Numbers without a year count on in the next year's series; the old one then gives none any more."""
    later = NumberSeries.objects.filter(seller_id=series.seller_id, kind=series.kind, year__gt=series.year)
    last = later.order_by("-year").values_list("last_issue_date", flat=True).first()
    if last is not None:
        raise IssueDateTooEarly(last=last)


def _count_on(series: NumberSeries) -> None:
    """A later year's series that has no documents yet begins after the numbers given now."""
    later = NumberSeries.objects.filter(seller_id=series.seller_id, kind=series.kind, year__gt=series.year)
    behind = later.filter(pattern=series.pattern, next_number__lt=series.next_number)
    behind.update(next_number=series.next_number)
