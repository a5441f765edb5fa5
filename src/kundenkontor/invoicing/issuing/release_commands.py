"""Releasing a restored database: staff say the last number sent per series, and what is not here is declared a gap."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import IntegrityError, transaction

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import NUMBER_GAP_DECLARED, NUMBERS_RELEASED
from kundenkontor.invoicing.errors import GapTooLarge, LastNumberTooLow, NothingToRelease, ReasonMissing
from kundenkontor.invoicing.issuing.numbering import ensure_series
from kundenkontor.invoicing.issuing.patterns import format_number
from kundenkontor.invoicing.issuing.releasing import SeriesKey
from kundenkontor.invoicing.issuing.restored import list_unreleased
from kundenkontor.invoicing.models import NumberGap, NumberRelease, NumberSeries
from kundenkontor.kernel.clock import utc_now

LARGEST_GAP = 1_000_000  # a mistyped number; nobody issues as many between two backups


@transaction.atomic
def release_numbers(last_sent: Mapping[SeriesKey, int], *, reason: str, on: date, actor: Actor) -> list[NumberGap]:
    """Let documents be issued again: each series goes on after the last number that was sent.

    What lies between and is not here is a declared gap, the only thing that excuses a missing number (I-N1).
    Raises NothingToRelease, ReasonMissing, LastNumberTooLow, GapTooLarge.
    """
    reason = reason.strip()
    if not reason:
        raise ReasonMissing()
    released = _release_all(actor)
    gaps = [_declare_gap(key, last, reason, on, actor) for key, last in sorted(last_sent.items())]
    subjects = [Subject(one.restoration_id, payload={"reason": reason[:500]}) for one in released]
    record_events(NUMBERS_RELEASED, subjects, actor=actor, on=on)
    return [gap for gap in gaps if gap]


def _release_all(actor: Actor) -> list[NumberRelease]:
    """Whoever releases at the same time waits for the first one's commit, at the key."""
    now = utc_now()
    rows = [NumberRelease(restoration=one, released_at=now, released_by=actor.label[:150]) for one in list_unreleased()]
    if not rows:
        raise NothingToRelease()
    try:
        with transaction.atomic():
            return NumberRelease.objects.bulk_create(rows)
    except IntegrityError as error:
        raise NothingToRelease() from error


def _declare_gap(key: SeriesKey, last: int, reason: str, on: date, actor: Actor) -> NumberGap | None:
    found = ensure_series(*key) if last else NumberSeries.objects.filter(**key._asdict()).first()
    if found is None:
        return None
    series = NumberSeries.objects.select_for_update().get(pk=found.pk)
    if last < series.next_number - 1:
        raise LastNumberTooLow(number=format_number(series.pattern, series.year, series.next_number - 1))
    if last == series.next_number - 1:
        return None
    if last - series.next_number >= LARGEST_GAP:
        raise GapTooLarge(number=format_number(series.pattern, series.year, last))
    gap = NumberGap.objects.create(
        series=series,
        first=series.next_number,
        last=last,
        reason=reason[:500],
        declared_on=on,
        declared_by=actor.label[:150],
    )
    series.next_number = last + 1
    series.save(update_fields=["next_number"])
    payload = {"gap": gap.pk, "first": gap.first, "last": gap.last, "reason": gap.reason}
    subject = Subject(series.pk, seller_id=series.seller_id, payload=payload)
    record_events(NUMBER_GAP_DECLARED, [subject], actor=actor, on=on)
    return gap
