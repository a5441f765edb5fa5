"""Rows that no command hashes (histories, which triggers write; mails, files, deliveries) are sealed in batches (I-D5).

An event names the table, the columns and the ids of up to a thousand rows, and keeps their hash. Changes and deletions
show from then on; what was done to a row in the minute before its batch does not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction

from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.hashing import RowHash
from kundenkontor.events.names import ROWS_SEALED
from kundenkontor.kernel.tables import Sealing, sealings

BATCH = 1000
RECENT = 20  # how many batches back a late commit is looked for every minute; the daily sweep looks at all rows
VERSION = 1
_UNSEALED = """
WITH recent AS (
    SELECT payload FROM events_event WHERE name = %s AND reference = %s ORDER BY id DESC LIMIT %s
), known AS (
    SELECT id::bigint FROM recent, jsonb_array_elements_text(payload -> 'ids') AS ids (id)
)
SELECT t.{key} FROM {table} t
WHERE {where} AND t.{key} > coalesce((SELECT min(id) FROM known WHERE %s), 0)
  AND NOT EXISTS (SELECT FROM known k WHERE k.id = t.{key})
ORDER BY 1
"""


def seal_rows(*, on: date, everything: bool = False) -> int:
    """Put rows that are in no batch yet into one; return how many. ``everything`` looks at all rows."""
    return sum(_seal_table(sealing, on, everything=everything) for sealing in sealings())


@transaction.atomic
def _seal_table(sealing: Sealing, on: date, *, everything: bool) -> int:
    key = connection.ops.quote_name(sealing.columns[0])
    statement = _UNSEALED.format(key=key, table=sealing.table, where=sealing.where or "true")  # nosec B608
    with connection.cursor() as cursor:
        cursor.execute(statement, [ROWS_SEALED.name, sealing.table, None if everything else RECENT, not everything])
        ids = [row[0] for row in cursor.fetchall()]
    parts = [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
    record_events(ROWS_SEALED, [_subject(sealing, part) for part in parts], actor=SYSTEM, on=on)
    return len(ids)


def _subject(sealing: Sealing, ids: Sequence[int]) -> Subject:
    digest, _ = _hash(sealing.table, sealing.columns, ids)
    payload = {"columns": list(sealing.columns), "ids": list(ids)}
    return Subject(reference=sealing.table, payload=payload, document_hash=RowHash(VERSION, digest))


def _hash(table: str, columns: Sequence[str], ids: Sequence[int]) -> tuple[bytes, int]:
    """SHA-256 of the rows as COPY writes them, in the order of their ids, and how many there are."""
    names = [connection.ops.quote_name(column) for column in columns]
    listed = ", ".join(str(int(id_)) for id_ in ids)
    select = f"SELECT {', '.join(names)} FROM {table} WHERE {names[0]} IN ({listed}) ORDER BY 1"  # nosec B608  # own names
    digest, count = hashlib.sha256(), 0
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({select}) TO STDOUT") as copy,
    ):
        for row in copy:
            digest.update(bytes(row))
            count += 1
    return digest.digest(), count


def find_changed_rows() -> list[str]:
    """Compare every batch with its rows as they are."""
    known = {sealing.table: sealing for sealing in sealings()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, reference, payload::text, document_hash FROM events_event WHERE name = %s ORDER BY id",
            [ROWS_SEALED.name],
        )
        return [text for row in cursor.fetchall() if (text := _wrong_with(row, known))]


def _wrong_with(row: Sequence[Any], known: dict[str, Sealing]) -> str:
    event_id, table, text, stored = row
    payload = json.loads(text)
    if table not in known or not set(payload["columns"]) <= set(known[table].columns):
        return f"event {event_id} seals what is no table"
    ids = payload["ids"]
    digest, count = _hash(table, payload["columns"], ids)
    if count < len(ids):
        return f"{table}: {len(ids) - count} of the rows {ids[0]} to {ids[-1]} are missing"
    return "" if digest == bytes(stored) else f"{table}: a row among {ids[0]} to {ids[-1]} was changed"
