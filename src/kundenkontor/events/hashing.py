"""Hashes over rows, kept in the sealed events, so that ``verify`` finds what was changed behind the triggers (I-D5).

A hash covers columns of one or more tables, listed by version. A column that comes later makes another version: the
former lists stay as they are, an event says beside its hash of which version it is, and the seal covers both. The text
that is hashed is what COPY TO writes, so bulk work hashes the very lines that it copies in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import psycopg
from django.db import connection

from kundenkontor.events.names import EventName


class RowHash(NamedTuple):
    """SHA-256 over the rows of one subject, by the columns of a version."""

    version: int
    digest: bytes


class Columns(NamedTuple):
    """Columns of one table; the first names the subject, and the first ``key`` of them order the rows.

    ``where`` chooses among the rows of the table.
    """

    table: str
    columns: str
    key: int = 1
    where: str = "true"

    def select(self, ids: Iterable[int] | None = None) -> str:
        subject = self.columns.partition(",")[0]
        where = f" WHERE {self.where}"
        where += "" if ids is None else f" AND {subject} IN ({', '.join(map(str, ids))})"
        order = ", ".join(str(place) for place in range(1, self.key + 1))
        return f"SELECT {self.columns} FROM {self.table}{where} ORDER BY {order}"  # nosec B608  # constants and ids


@dataclass(frozen=True, slots=True)
class Hashed:
    """What the hashes in the events of one name cover. The last table of a version has one row per subject.

    ``code`` and ``title`` are those of the check. ``is_latest``: rows that may change; the newest event about a subject
    tells how they are.
    """

    code: str
    title: str
    event: EventName
    versions: Mapping[int, tuple[Columns, ...]]
    is_latest: bool = False

    @property
    def newest(self) -> int:
        return max(self.versions)


Group = tuple[int, bytes]


def hash_rows(hashed: Hashed, ids: Sequence[int]) -> dict[int, RowHash]:
    """Hash what is stored of each subject, in the caller's transaction."""
    digests = {id_: hashlib.sha256() for id_ in ids}
    if digests:
        with connection.wrap_database_errors, connection.cursor() as cursor:
            for part in hashed.versions[hashed.newest]:
                for id_, rows in _groups(cursor, part.select(digests)):
                    digests[id_].update(rows)
    return {id_: RowHash(hashed.newest, digest.digest()) for id_, digest in digests.items()}


def find_changed(hashed: Hashed) -> list[str]:
    """Compare what is stored now with the hashes in the events, each version in a walk of its own."""
    return [text for version in hashed.versions for text in _walk(hashed, version)]


def _walk(hashed: Hashed, version: int) -> Iterator[str]:
    """Read the tables once in the order of subjects; memory stays flat.

    All streams see one snapshot, so that what is written meanwhile is left out.
    """
    parts = hashed.versions[version]
    only = "DISTINCT ON (subject_id) " if hashed.is_latest else ""
    events = (
        f"SELECT {only}subject_id, hash_version, encode(document_hash, 'hex') FROM events_event"  # nosec B608  # constants
        f" WHERE name = '{hashed.event.name}' ORDER BY subject_id, id DESC"
    )
    with _streams([*(part.select() for part in parts), events]) as streams:
        for id_, (*rows, event) in _merge(streams):
            if wrong := _wrong_with(hashed, version, rows, event):
                yield f"{wrong} {id_}"


def _wrong_with(hashed: Hashed, version: int, rows: Sequence[bytes | None], event: bytes | None) -> str | None:
    """The walk of the newest version also finds what has no event, and events of a version that nobody knows."""
    stored = None if event is None else _read_event(event)
    if stored is None or stored.version not in hashed.versions:
        if version != hashed.newest:
            return None
        return "without event:" if event is None else "event of no known version:"
    if stored.version != version:
        return None
    if rows[-1] is None:
        return "missing:"
    digest = hashlib.sha256(b"".join(row or b"" for row in rows)).digest()
    return None if digest == stored.digest else "changed:"


def _read_event(rows: bytes) -> RowHash | None:
    """The hash in a subject's event; None where it says no version, or where there are several events."""
    _, version, digest = rows.split(b"\t", 2)
    is_one = version.isdigit() and rows.count(b"\n") == 1
    return RowHash(int(version), bytes.fromhex(digest.decode())) if is_one else None


def _merge(streams: Sequence[Iterator[Group]]) -> Iterator[tuple[int, list[bytes | None]]]:
    """Walk ordered streams side by side: each subject once, with what each stream has of it."""
    current = [next(stream, None) for stream in streams]
    while any(group is not None for group in current):
        subject = min(group[0] for group in current if group is not None)
        parts: list[bytes | None] = []
        for index, group in enumerate(current):
            if group is not None and group[0] == subject:
                parts.append(group[1])
                current[index] = next(streams[index], None)
            else:
                parts.append(None)
        yield subject, parts


@contextmanager
def _streams(statements: Sequence[str]) -> Iterator[list[Iterator[Group]]]:
    """A connection for each statement, all on the snapshot of the first."""
    opened = [psycopg.connect(**_parameters()) for _ in statements]
    try:
        for each in opened:
            each.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        row = opened[0].execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        for other in opened[1:]:
            other.execute(f"SET TRANSACTION SNAPSHOT '{row[0]}'")
        yield [_stream(each, statement) for each, statement in zip(opened, statements, strict=True)]
    finally:
        for each in opened:
            each.close()


def _parameters() -> dict[str, Any]:
    parameters: dict[str, Any] = connection.get_connection_params()
    wanted = ("dbname", "user", "password", "host", "port", "sslmode")
    # instants are hashed as Django's own connection prints them
    return {name: parameters[name] for name in wanted if parameters.get(name)} | {"options": "-c TimeZone=UTC"}


def _stream(conn: psycopg.Connection[Any], statement: str) -> Iterator[Group]:
    with conn.cursor() as cursor:
        yield from _groups(cursor, statement)


def _groups(cursor: Any, statement: str) -> Iterator[Group]:
    """The rows of a statement as COPY text, joined by their subject, which is the first field."""
    with cursor.copy(f"COPY ({statement}) TO STDOUT") as copy:
        key: bytes | None = None
        rows: list[bytes] = []
        for piece in copy:
            row = bytes(piece)
            found = row[: row.index(b"\t")]
            if found != key:
                if key is not None:
                    yield int(key), b"".join(rows)
                key, rows = found, []
            rows.append(row)
        if key is not None:
            yield int(key), b"".join(rows)
