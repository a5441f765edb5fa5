"""Recording what happened, and moving the business clock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date, datetime
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from kundenkontor.events.actor import Actor
from kundenkontor.events.errors import ClockCannotGoBack, ClockIsReal
from kundenkontor.events.hashing import RowHash
from kundenkontor.events.models import BusinessClock
from kundenkontor.events.names import CLOCK_MOVED, EventName
from kundenkontor.events.queries import business_date
from kundenkontor.kernel.bulk import NULL, copy_lines, escape, field, take_ids
from kundenkontor.kernel.clock import utc_now


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about. ``reference`` is the number people know; ``payload`` is JSON without secrets."""

    id: int | None = None
    reference: str = ""
    customer_id: int | None = None
    seller_id: int | None = None
    payload: dict[str, Any] = dataclass_field(default_factory=dict)
    document_hash: RowHash | None = None


EVENT_COLUMNS = (
    "id, name, occurred_at, business_date, actor_kind, actor_label, actor_user_id,"
    " seller_id, customer_id, subject_id, reference, payload, document_hash, hash_version"
)


def record_events(
    name: EventName, subjects: Iterable[Subject], *, actor: Actor, on: date, at: datetime | None = None
) -> list[int]:
    """Append one event per subject, in the caller's transaction, and enqueue what follows from them.

    ``at``: the instant that stands in the rows, too; else now. Returns the event ids in the order of the subjects.
    Reactions are deferred in the same transaction: they happen exactly if the thing happened.
    """
    listed = list(subjects)
    head = "\t".join(map(field, (name.name, at or utc_now(), on, actor.kind, actor.label[:150], actor.user_id)))
    ids = take_ids("events_event", len(listed))
    lines = [
        f"{id_}\t{head}\t{field(s.seller_id)}\t{field(s.customer_id)}\t{field(s.id)}\t{escape(s.reference)}"
        f"\t{escape(json.dumps(s.payload)) if s.payload else '{}'}\t{_hash_fields(s.document_hash)}\n"
        for id_, s in zip(ids, listed, strict=True)
    ]
    copy_lines("events_event", EVENT_COLUMNS, lines)
    defer_reactions(name, ids)
    return ids


def _hash_fields(row_hash: RowHash | None) -> str:
    return f"{NULL}\t{NULL}" if row_hash is None else f"{field(row_hash.digest)}\t{row_hash.version}"


REACTION_BATCH = 500


def defer_reactions(name: EventName, event_ids: Sequence[int]) -> None:
    """Enqueue one job per 500 events, if anything reacts to this event.

    The one place that names what lies above it: the table of reactions, by its path in the settings.
    """
    reactions = import_module(settings.REACTIONS)
    if name in reactions.REACTIONS:
        for start in range(0, len(event_ids), REACTION_BATCH):
            reactions.react.defer(name.name, event_ids[start : start + REACTION_BATCH])


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
    record_events(CLOCK_MOVED, [Subject(payload={"days": days})], actor=actor, on=today)
    return today


def mark_day(task: str, day: date) -> bool:
    """Claim something that happens once on a day, in the caller's transaction. Returns whether it was still free.

    A second worker waits for the first one's commit; a rolled-back claim is free again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_daymark (task, day, marked_at) VALUES (%s, %s, %s)"
            " ON CONFLICT (task, day) DO NOTHING RETURNING id",
            [task, day, utc_now()],
        )
        return cursor.fetchone() is not None
