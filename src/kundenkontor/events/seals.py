"""The hash chain over all events, and its daily anchor outside the database (I-D5).

hash = SHA-256(previous hash + canonical event). Only ``seal_events`` writes seals, under an advisory lock, in id
order over what is visible; the chain's order is that of the seals, because ids become visible out of order.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from kundenkontor.events.models import EventSeal, SealAnchor
from kundenkontor.kernel.bulk import copy_lines

SEAL_LOCK = 4_711_001
BATCH = 20_000
# how far back a late commit is looked for every minute; the daily sweep looks at all events
WINDOW = 500_000
GENESIS = bytes(32)
_ANCHOR_LINE = re.compile(r"\S+ (\d+) ([0-9a-f]{64})")

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
    SELECT s.sequence, s.hash, e.id, {CANONICAL}
    FROM events_eventseal s LEFT JOIN events_event e ON e.id = s.event_id
    WHERE s.sequence > %s ORDER BY s.sequence LIMIT %s
"""  # nosec B608  # a constant


def seal_events(*, everything: bool = False) -> int:
    """Seal what is visible and unsealed; return how many. Only one process at a time does so, others return 0.

    ``everything`` looks at all events instead of the last ones.
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
        for event_id, canonical in cursor.fetchall():
            sequence, previous = sequence + 1, link(previous, canonical)
            lines.append(f"{sequence}\t{event_id}\t\\\\x{previous.hex()}\n")
    copy_lines("events_eventseal", "sequence, event_id, hash", lines)
    return len(lines)


def link(previous: bytes, canonical: str) -> bytes:
    """One link of the chain."""
    return hashlib.sha256(previous + canonical.encode()).digest()


@transaction.atomic
def anchor_day(day: date) -> SealAnchor | None:
    """Write down the last seal of a day, in the database and in a file beside it; once a day.

    The file is appended before the commit: a line without a row is harmless, a row without a line is not.
    """
    last = EventSeal.objects.order_by("-sequence").first()
    if last is None or SealAnchor.objects.filter(day=day).exists():
        return None
    anchor = SealAnchor(day=day, sequence=last.sequence, hash=bytes(last.hash))
    SealAnchor.objects.bulk_create([anchor], ignore_conflicts=True)
    _append(f"{day.isoformat()} {last.sequence} {bytes(last.hash).hex()}\n")
    return anchor


def anchor_file() -> Path:
    """Copied elsewhere by backups, so that a rewritten database shows."""
    return Path(settings.VAR_DIR) / "anchors.log"


def _append(line: str) -> None:
    anchor_file().parent.mkdir(parents=True, exist_ok=True)
    with anchor_file().open("a", encoding="ascii") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def verify_chain() -> list[str]:
    """Walk the chain from first to last; return what is wrong, empty if nothing is.

    Finds events changed, deleted, swapped or put between sealed ones, seals rewritten, and a chain cut at its end or
    written anew since an anchor.
    """
    findings: list[str] = []
    anchors = _anchors(findings)
    findings += _walk(anchors)
    last = EventSeal.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    missing = {sequence for sequence, _, _ in anchors if sequence > last}
    return findings + [f"the chain ends at {last}, but seal {sequence} was anchored" for sequence in sorted(missing)]


def _anchors(findings: list[str]) -> set[tuple[int, str, str]]:
    """(sequence, hash, where it is written) from table and file; lines that say nothing are noted as findings."""
    rows = SealAnchor.objects.values_list("day", "sequence", "hash")
    anchors = {(sequence, bytes(hash_).hex(), f"the anchor of {day}") for day, sequence, hash_ in rows}
    if anchor_file().exists():
        for number, line in enumerate(anchor_file().read_text("ascii", "replace").splitlines(), 1):
            where = f"line {number} of {anchor_file().name}"
            if match := _ANCHOR_LINE.fullmatch(line):
                anchors.add((int(match[1]), match[2], where))
            else:
                findings.append(f"{where} is no anchor")
    return anchors


def _walk(anchors: set[tuple[int, str, str]]) -> Iterator[str]:
    by_sequence: dict[int, list[tuple[str, str]]] = {}
    for sequence, hash_, where in anchors:
        by_sequence.setdefault(sequence, []).append((hash_, where))
    expected, previous = 0, GENESIS
    for sequence, stored, event_id, canonical in _links():
        expected += 1
        if sequence != expected:
            yield f"seal {expected} is missing"
            expected = sequence
        if event_id is None:
            yield f"the event of seal {sequence} is missing"
        elif stored != link(previous, canonical):
            yield f"event {event_id} is not the one that seal {sequence} sealed"
        for hash_, where in by_sequence.get(sequence, ()):
            if hash_ != stored.hex():
                yield f"seal {sequence} is not the one in {where}"
        previous = stored


def _links() -> Iterator[tuple[int, bytes, int | None, str]]:
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_CHAIN, [after, BATCH])
            rows = cursor.fetchall()
        for sequence, hash_, event_id, canonical in rows:
            yield sequence, bytes(hash_), event_id, canonical
            after = sequence
        if len(rows) < BATCH:
            return
