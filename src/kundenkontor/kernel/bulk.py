"""Writing many rows at once: PostgreSQL's COPY in text format, and blocks of ids from a sequence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

NULL = r"\N"
# exactly the characters that COPY TO escapes, so that a hash over these lines can be recomputed from the tables
_ESCAPES = str.maketrans({char: f"\\{name}" for char, name in zip("\\\b\f\n\r\t\v", "\\bfnrtv", strict=True)})


def escape(text: str) -> str:
    """A text as one field of COPY's text format."""
    return text.translate(_ESCAPES)


def field(value: Any) -> str:
    """Any value as one field; bytes become bytea, None becomes NULL."""
    if value is None:
        return NULL
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if value is True or value is False:
        return "t" if value else "f"
    if isinstance(value, bytes):
        return r"\\x" + value.hex()
    return str(value)


def copy_lines(table: str, columns: str, lines: Sequence[str]) -> None:
    """COPY ready lines (tab-separated, each ending in a newline) into a table, in the caller's transaction.

    Raises Django's IntegrityError and OperationalError, as other statements do.
    """
    if not lines:
        return
    statement = f"COPY {table} ({columns}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write("".join(lines))


def copy_rows(table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows of values into a table, in the caller's transaction."""
    copy_lines(table, columns, ["\t".join([field(value) for value in row]) + "\n" for row in rows])


def take_ids(table: str, count: int) -> list[int]:
    """Draw fresh ids for rows that will be copied. Ids may have gaps; only document numbers may not."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [row[0] for row in cursor.fetchall()]
