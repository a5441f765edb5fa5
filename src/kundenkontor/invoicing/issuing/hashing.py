"""Recomputing the hash of every document from its rows, to compare with the one in its sealed event (I-D5)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

from kundenkontor.invoicing.issuing.rows import HEAD_COLUMNS, LINE_COLUMNS, REFERENCE_COLUMNS, VAT_COLUMNS
from kundenkontor.kernel.checks import EXAMPLES, Finding
from kundenkontor.kernel.errors import message

CODE = "documents_are_unchanged"
TITLE = message("Every document is exactly what was issued: its rows give the hash in its event")
_SOURCES = (
    ("invoicing_invoiceline", LINE_COLUMNS, "invoice_id, position"),
    ("invoicing_vatbreakdown", VAT_COLUMNS, "invoice_id, position"),
    ("invoicing_documentreference", REFERENCE_COLUMNS, "invoice_id, position"),
    ("invoicing_invoice", HEAD_COLUMNS, "id"),
)
_EVENTS = """
COPY (
    SELECT subject_id, encode(document_hash, 'hex') FROM events_event
    WHERE name = 'invoice.issued' ORDER BY subject_id
) TO STDOUT
"""
Progress = Callable[[int, int], None]
Group = tuple[int, bytes]


def check_document_hashes(progress: Progress | None = None) -> Finding:
    """Read the tables once in the order of documents and compare; memory stays flat.

    Each stream needs a connection of its own; all see one snapshot, so that documents issued meanwhile are left out.
    """
    with _streams() as (streams, total):
        count = 0
        wrong: list[str] = []
        for done, (document_id, event) in enumerate(_by_document(streams), 1):
            if event is not None:
                count += 1
                if len(wrong) < EXAMPLES:
                    wrong.append(f"{event} {document_id}")
            if progress and done % 50_000 == 0:
                progress(done, total)
    return Finding(CODE, TITLE, count, tuple(wrong))


def _by_document(streams: Sequence[Iterator[Group]]) -> Iterator[tuple[int, str | None]]:
    """Merge the ordered streams; yield each document id with what is wrong, or None."""
    current = [next(stream, None) for stream in streams]
    while any(group is not None for group in current):
        document_id = min(group[0] for group in current if group is not None)
        parts: list[bytes | None] = []
        for index, group in enumerate(current):
            if group is not None and group[0] == document_id:
                parts.append(group[1])
                current[index] = next(streams[index], None)
            else:
                parts.append(None)
        yield document_id, _compare(*parts)


def _compare(*parts: bytes | None) -> str | None:
    """The parts of a document in the order of ``_SOURCES``, then its event."""
    *others, head, event = parts
    if event is None:
        return "without event:"
    if head is None:
        return "missing:"
    digest = hashlib.sha256(b"".join(part or b"" for part in others) + head.removesuffix(b"\n")).hexdigest()
    if event.split(b"\t")[1].strip() != digest.encode():
        return "changed:"
    return None


@contextmanager
def _streams() -> Iterator[Any]:
    """A connection for each table and one for the events, all on one snapshot."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM invoicing_invoice")
        total = cursor.fetchone()[0]
    opened = [psycopg.connect(**_parameters()) for _ in range(len(_SOURCES) + 1)]
    try:
        first = opened[0]
        first.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        row = first.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        for other in opened[1:]:
            other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            other.execute(f"SET TRANSACTION SNAPSHOT '{row[0]}'")
        statements = [f"COPY (SELECT {c} FROM {t} ORDER BY {o}) TO STDOUT" for t, c, o in _SOURCES]  # nosec B608
        copies = [_read(conn, sql) for conn, sql in zip(opened, [*statements, _EVENTS], strict=True)]
        yield copies, total
    finally:
        for conn in opened:
            conn.close()


def _parameters() -> dict[str, Any]:
    parameters: dict[str, Any] = connection.get_connection_params()
    wanted = ("dbname", "user", "password", "host", "port", "sslmode")
    return {name: parameters[name] for name in wanted if parameters.get(name)}


def _read(conn: psycopg.Connection[Any], statement: str) -> Iterator[Group]:
    """The rows of a COPY, joined by their document id, which is the first field."""
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
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
