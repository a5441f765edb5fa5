"""Doing something just before the n-th statement of this thread, or of all: SQL, COPY or COMMIT."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

Strike = Callable[[], None]


@contextmanager
def striking_at(number: int, strike: Strike | None, *, everywhere: bool = False) -> Iterator[list[str]]:
    """Call ``strike`` before the statement with this number (from 1); yields the list of statements so far.

    ``everywhere``: before that and every later one, of whatever thread, as when the server has gone.
    """
    seen: list[str] = []
    thread = threading.get_ident()
    originals = {
        (owner, name): getattr(owner, name)
        for owner, name in (
            (psycopg.Cursor, "execute"),
            (psycopg.Cursor, "executemany"),
            (psycopg.Cursor, "copy"),
            (psycopg.Connection, "commit"),
        )
    }

    def hooked(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            if everywhere or threading.get_ident() == thread:
                seen.append("COMMIT" if name == "commit" else " ".join(str(args[0]).split())[:100])
                is_due = len(seen) >= number if everywhere else len(seen) == number
                if is_due and strike is not None:
                    strike()
            return original(self, *args, **kwargs)

        return call

    for (owner, name), original in originals.items():
        setattr(owner, name, hooked(name, original))
    try:
        yield seen
    finally:
        for (owner, name), original in originals.items():
            setattr(owner, name, original)


class Struck(psycopg.OperationalError):
    """The connection ends here; Django raises its own OperationalError from it."""


def stop_here() -> None:
    raise Struck


def kill_this_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_backend() -> None:
    """kill -9 of our PostgreSQL process: the server takes all others down and recovers."""
    assert connection.connection is not None
    os.kill(connection.connection.info.backend_pid, signal.SIGKILL)
