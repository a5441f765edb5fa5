"""Writing many rows at once: PostgreSQL's COPY in text format, and blocks of ids from a sequence."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

from django.db import connection

LINES_AT_ONCE = 200
NULL = r"\N"
# exactly the characters that COPY TO escapes, so that a hash over these lines can be recomputed from the tables
_ESCAPES = str.maketrans({char: f"\\{name}" for char, name in zip("\\\b\f\n\r\t\v", "\\bfnrtv", strict=True)})
_find_special = re.compile(r"[\\\b\f\n\r\t\v]").search

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(dict[Key, Value]):
    """What a function gave for each argument, as ``kept[argument]``: in bulk work few different ones recur.

    Emptied when it grows over 100,000, so that a long run stays small.
    """

    def __init__(self, function: Callable[[Key], Value]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, key: Key) -> Value:
        if len(self) >= 100_000:
            self.clear()
        value = self[key] = self._function(key)
        return value


# one object per text, so that the hash of a Decimal (a microsecond) is computed once
DECIMALS: Kept[str, Decimal] = Kept(Decimal)
ISO_DATES: Kept[date, str] = Kept(date.isoformat)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Spare bulk work Python's cycle collector, which would look through a million live objects again and again.

    For pieces of bounded size that make no cycles: what they leave is freed by reference counts as always.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def escape(text: str) -> str:
    """A text as one field of COPY's text format."""
    return text.translate(_ESCAPES) if _find_special(text) else text


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


def copy_lines(table: str, columns: str, lines: Iterable[str]) -> None:
    """COPY lines (tab-separated, each ending in a newline) into a table, in the caller's transaction.

    They are sent in pieces: while lines are still being made, the database works on those before. So making one
    must not ask the database. Raises Django's IntegrityError and OperationalError, as other statements do.
    """
    waiting = iter(lines)
    piece = list(islice(waiting, LINES_AT_ONCE))
    if not piece:
        return
    statement = f"COPY {table} ({columns}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        while piece:
            copy.write("".join(piece))
            piece = list(islice(waiting, LINES_AT_ONCE))


def copy_rows(table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows of values into a table, in the caller's transaction."""
    copy_lines(table, columns, ("\t".join([field(value) for value in row]) + "\n" for row in rows))


def take_ids(table: str, count: int) -> list[int]:
    """Draw fresh ids for rows that will be copied. Ids may have gaps; only document numbers may not."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH named AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS sequence)
            SELECT nextval(sequence) FROM named, generate_series(1, %s)
            """,
            [table, count],
        )
        return [row[0] for row in cursor.fetchall()]


class FreshIds(Iterator[int]):
    """Fresh ids one after the other, for rows that are counted only while they are made; drawn a thousand at once."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._drawn: list[int] = []

    def __next__(self) -> int:
        if not self._drawn:
            self._drawn = take_ids(self._table, 1000)[::-1]
        return self._drawn.pop()
