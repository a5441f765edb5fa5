"""Recording what happened, and moving the business clock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from kundenkontor.events.actor import Actor
from kundenkontor.events.errors import ClockCannotGoBack, ClockIsReal
from kundenkontor.events.models import BusinessClock
from kundenkontor.events.queries import business_date
from kundenkontor.kernel.clock import utc_now


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about. ``reference`` is the number people know; ``payload`` is JSON without secrets."""

    id: int | None = None
    reference: str = ""
    customer_id: int | None = None
    seller_id: int | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    document_hash: bytes | None = None


EVENT_COLUMNS = (
    "name, occurred_at, business_date, actor_kind, actor_label, actor_user_id,"
    " seller_id, customer_id, subject_id, reference, payload, document_hash"
)


def record_events(name: str, subjects: Iterable[Subject], *, actor: Actor, on: date) -> list[int]:
    """Append one event per subject, in the caller's transaction, and enqueue what follows from them.

    Returns the event ids in the order of the subjects. Reactions are deferred in the same
    transaction: they happen exactly if the thing happened.
    """
    now = utc_now()
    head = (name, now, on, actor.kind, actor.label[:150], actor.user_id)
    rows = [
        (*head, s.seller_id, s.customer_id, s.id, s.reference, json.dumps(s.payload), s.document_hash)
        for s in subjects
    ]
    if not rows:
        return []
    ids = _insert_events(rows)
    defer_reactions(name, ids)
    return ids


def _insert_events(rows: Sequence[tuple[Any, ...]]) -> list[int]:
    one = "(" + ", ".join(["%s"] * 12) + ")"
    ids: list[int] = []
    with connection.cursor() as cursor:
        for start in range(0, len(rows), 1000):
            part = rows[start : start + 1000]
            values = ", ".join([one] * len(part))
            cursor.execute(
                f"INSERT INTO events_event ({EVENT_COLUMNS}) VALUES {values} RETURNING id",  # noqa: S608  # placeholders only
                [value for row in part for value in row],
            )
            ids += [row[0] for row in cursor.fetchall()]
    return ids


REACTION_BATCH = 500


def defer_reactions(name: str, event_ids: Sequence[int]) -> None:
    """Enqueue one job per 500 events, by task name, if anything reacts to this event."""
    from procrastinate.contrib.django import app  # noqa: PLC0415  # the job app needs loaded Django apps

    if name not in settings.REACTING_EVENTS:
        return
    task = app.configure_task("kundenkontor.react", queue="reactions")
    for start in range(0, len(event_ids), REACTION_BATCH):
        task.defer(name=name, event_ids=list(event_ids[start : start + REACTION_BATCH]))


@transaction.atomic
def move_clock(days: int, *, actor: Actor) -> date:
    """Move the business date forward by some days; demo and test mode only. Returns the new business date."""
    if settings.MODE == "production":
        raise ClockIsReal()
    if days < 0:
        raise ClockCannotGoBack()
    clock, _ = BusinessClock.objects.select_for_update().get_or_create(singleton=True)
    clock.offset_days += days
    clock.save(update_fields=["offset_days"])
    today = business_date(settings.TIME_ZONE)
    record_events("clock.moved", [Subject(payload={"days": days})], actor=actor, on=today)
    return today
