"""The hash chain over all events (I-D5).

hash = HMAC-SHA-256(key, previous hash + canonical event); the key lies outside the database (``keys.py``). Only
``seal_events`` writes seals, under an advisory lock, in id order over what is visible; the chain's order is that of the
seals, because ids become visible out of order.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction

from kundenkontor.events.keys import current_key, key_file, read_keys
from kundenkontor.events.models import EventSeal
from kundenkontor.kernel.bulk import copy_lines
from kundenkontor.kernel.clock import utc_now

SEAL_LOCK = 4_711_001
BATCH = 20_000
# how far back a late commit is looked for every minute; the daily sweep looks at all events
WINDOW = 500_000
GENESIS = bytes(32)
# how much older than an event sealed before it an event may be: longer than any transaction takes
LATE = timedelta(hours=1)

CANONICAL = """
    jsonb_build_array(
        e.id, e.name, to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), e.business_date,
        e.actor_kind, e.actor_label, e.actor_user_id, e.seller_id, e.customer_id, e.subject_id, e.reference,
        e.payload, encode(e.document_hash, 'hex'), e.hash_version
    )::text
"""
_UNSEALED = f"""
    SELECT e.id, {CANONICAL} FROM events_event e LEFT JOIN events_eventseal s ON s.event_id = e.id
    WHERE s.sequence IS NULL AND e.id > %s ORDER BY e.id LIMIT %s
"""  # nosec B608  # a constant
_CHAIN = f"""
    SELECT s.sequence, s.key_id, s.hash, e.id, e.occurred_at, {CANONICAL}
    FROM events_eventseal s LEFT JOIN events_event e ON e.id = s.event_id
    WHERE s.sequence > %s ORDER BY s.sequence LIMIT %s
"""  # nosec B608  # a constant


def seal_events(*, everything: bool = False) -> int:
    """Seal what is visible and unsealed; return how many. Only one process at a time does so, others return 0.

    ``everything`` looks at all events instead of the last ones. Raises SealKeyMissing.
    """
    total = 0
    while (count := _seal_batch(everything=everything)) is not None:
        total += count
        if count < BATCH:
            break
    return total


@transaction.atomic
def _seal_batch(*, everything: bool) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEAL_LOCK])
        if not cursor.fetchone()[0]:
            return None
        last = EventSeal.objects.order_by("-sequence").first()
        sequence, previous = (0, GENESIS) if last is None else (last.sequence, bytes(last.hash))
        since = 0 if everything or last is None else last.event_id - WINDOW
        cursor.execute(_UNSEALED, [since, BATCH])
        lines = []
        if events := cursor.fetchall():
            key = current_key(is_first=last is None)
            for event_id, canonical in events:
                sequence, previous = sequence + 1, link(key.secret, previous, canonical)
                lines.append(f"{sequence}\t{event_id}\t{key.id}\t\\\\x{previous.hex()}\n")
    copy_lines("events_eventseal", "sequence, event_id, key_id, hash", lines)
    return len(lines)


def link(secret: bytes, previous: bytes, canonical: str) -> bytes:
    """One link of the chain."""
    return hmac.digest(secret, previous + canonical.encode(), "sha256")


class _Link(NamedTuple):
    sequence: int
    key_id: str
    hash: bytes
    event_id: int | None
    occurred_at: datetime | None
    canonical: str


def verify_chain() -> list[str]:
    """Walk the chain from first to last; return what is wrong, empty if nothing is.

    Finds events changed, deleted, swapped, put between sealed ones or dated back, seals rewritten, and events that
    nobody sealed. That the chain was cut at its end, only the anchors tell.
    """
    return [*_walk(), *_never_sealed()]


def unknown_keys() -> str:
    """What cannot be recomputed here, in a sentence; empty where all keys are here.

    Seals of a key that the file calls lost, or all of them where there is no file at all: an auditor's copy.
    """
    known = {key.id for key in read_keys() if key.secret}
    with connection.cursor() as cursor:
        cursor.execute("SELECT key_id, count(*) FROM events_eventseal GROUP BY key_id ORDER BY min(sequence)")
        missing = [(key_id, count) for key_id, count in cursor.fetchall() if key_id not in known]
    named = ", ".join(f"{count} of key {key_id}" for key_id, count in missing)
    return f"not recomputed, for want of the key: {named} ({key_file().name})" if missing else ""


def _walk() -> Iterator[str]:
    keys = {key.id: (place, key.secret) for place, key in enumerate(read_keys())}
    expected, previous, place, latest = 0, GENESIS, 0, None
    for seal in _links():
        expected += 1
        if seal.sequence != expected:
            yield f"seal {expected} is missing"
            expected = seal.sequence
        at, secret = keys.get(seal.key_id, (-1, b""))
        if keys and at < place:
            yield f"seal {seal.sequence} names key {seal.key_id}, which does not seal there"
        place = max(place, at)
        if seal.event_id is None:
            yield f"the event of seal {seal.sequence} is missing"
        elif secret and seal.hash != link(secret, previous, seal.canonical):
            yield f"event {seal.event_id} is not the one that seal {seal.sequence} sealed"
        if latest and seal.occurred_at and seal.occurred_at < latest - LATE:
            yield f"event {seal.event_id} is older than those sealed before it"
        latest = max(filter(None, (latest, seal.occurred_at)), default=None)
        previous = seal.hash


def _never_sealed() -> list[str]:
    """Events older than an hour without a seal: put in by hand, or nobody seals."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id FROM events_event e LEFT JOIN events_eventseal s ON s.event_id = e.id"
            " WHERE s.sequence IS NULL AND e.occurred_at < %s ORDER BY e.id",
            [utc_now() - LATE],
        )
        return [f"event {id_} was never sealed" for (id_,) in cursor.fetchall()]


def _links() -> Iterator[_Link]:
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_CHAIN, [after, BATCH])
            rows = cursor.fetchall()
        for sequence, key_id, hash_, event_id, occurred_at, canonical in rows:
            yield _Link(sequence, key_id, bytes(hash_), event_id, occurred_at, canonical)
            after = sequence
        if len(rows) < BATCH:
            return
