"""Checks of stored data: each is one statement that lists what is wrong, or a function that does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Check:
    """``sql`` selects one text per wrong row and nothing if all is well; ``title`` says what must hold."""

    code: str
    title: str
    sql: str
    params: Sequence[Any] | Mapping[str, Any] = ()
    note: Callable[[], str] = str


@dataclass(frozen=True, slots=True)
class Walk:
    """A check that no single statement can make: ``find`` returns one text per wrong thing.

    ``note`` says, where all is well, what could not be looked at, or what waits; "" for nothing.
    """

    code: str
    title: str
    find: Callable[[], list[str]]
    note: Callable[[], str] = str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: how many rows are wrong (0 = all is well), and the first of them."""

    code: str
    title: str
    count: int
    examples: tuple[str, ...]
    note: str = ""


def run_check(check: Check | Walk) -> Finding:
    """Run one check in the caller's transaction or its own; counts all, keeps the first five."""
    if isinstance(check, Walk):
        wrong = check.find()
        return Finding(check.code, check.title, len(wrong), tuple(wrong[:EXAMPLES]), check.note())
    first = f"(array_agg(example ORDER BY example))[1:{EXAMPLES}]"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), {first} FROM ({check.sql}) AS wrong(example)", check.params or None)  # nosec B608
        count, examples = cursor.fetchone()
    return Finding(check.code, check.title, count, tuple(examples or ()), check.note())


def run_checks(checks: Iterable[Check | Walk]) -> Iterator[Finding]:
    """One finding per check, in order."""
    for check in checks:
        yield run_check(check)
