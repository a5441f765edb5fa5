"""Noting that the database is of an older state: restored from a backup, or found behind what was anchored outside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from django.db import connection, transaction

from kundenkontor.events.actor import SYSTEM, Actor
from kundenkontor.events.anchors import find_ahead, last_agreed
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.models import EventSeal, Restoration
from kundenkontor.events.names import DATABASE_RESTORED
from kundenkontor.kernel.clock import utc_now

NOTE_LOCK = 4_711_002


def note_backup(*, on: date, actor: Actor) -> Restoration:
    """A backup was restored. What was issued after it is known to nobody here."""
    last = EventSeal.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    return _note("backup", last, {}, on=on, actor=actor)


@transaction.atomic
def note_if_behind(*, on: date) -> Restoration | None:
    """Note that the chain ends before an anchor, or contradicts it; each time once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NOTE_LOCK])
    ahead = find_ahead()
    return None if ahead is None else _note("anchors", last_agreed(), ahead.numbers, on=on, actor=SYSTEM)


@transaction.atomic
def _note(
    cause: Literal["backup", "anchors"], sequence: int, numbers: Mapping[str, int], *, on: date, actor: Actor
) -> Restoration:
    restoration = Restoration.objects.create(noted_at=utc_now(), cause=cause, sequence=sequence, numbers=dict(numbers))
    subject = Subject(restoration.pk, payload={"cause": cause, "sequence": sequence})
    record_events(DATABASE_RESTORED, [subject], actor=actor, on=on)
    return restoration
