"""How commands start Django, and how they end when something is wrong: one sentence, exit code 1."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import click
import psycopg

from kundenkontor.config.database.address import DatabaseUnusable, first_line
from kundenkontor.config.database.embedded import use_own_database
from kundenkontor.config.database.postgres import PostgresFailed

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
PR_SET_PDEATHSIG = 1
TABLES_MISSING = ("42P01", "42703", "3F000")  # table, column, schema


def start_django() -> None:
    """Load settings and apps. Raises ClickException for a setting that cannot be read."""
    import django  # noqa: PLC0415  # only commands that need it pay for it
    from django.conf import settings  # noqa: PLC0415

    try:
        settings.MODE  # noqa: B018  # loads the settings
    except ValueError as error:
        raise click.ClickException(f"A setting cannot be used: {error}.") from None
    django.setup()


def needs_django(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Start Django before the command; say refusals and a lost database in one sentence.

    Without DATABASE_URL the command works on the PostgreSQL that ``kundenkontor up`` keeps.
    """

    @wraps(function)
    def start(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            use_own_database()
        except PostgresFailed as error:
            raise click.ClickException(str(error)) from error
        start_django()
        with said_in_one_sentence():
            return function(*args, **kwargs)

    return start


@contextmanager
def said_in_one_sentence() -> Iterator[None]:
    """Refusals, and a database that is lost or not of this version; in English, as all that commands say.

    Needs Django. Raises ClickException.
    """
    from django.db import DatabaseError  # noqa: PLC0415  # slow to load
    from django.utils.translation import override  # noqa: PLC0415

    from kundenkontor.config.checks import WeakSettings  # noqa: PLC0415
    from kundenkontor.kernel.errors import DomainError  # noqa: PLC0415

    try:
        yield
    except (DomainError, WeakSettings, DatabaseUnusable) as refusal:
        with override("en"):
            raise click.ClickException(str(refusal)) from refusal
    except (DatabaseError, psycopg.Error) as error:
        sentence = database_sentence(error)
        if not sentence:
            raise
        raise click.ClickException(sentence) from error


def database_sentence(error: BaseException) -> str:
    """What an operator can do something about, in words; nothing for our own mistakes."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    if getattr(cause, "sqlstate", None) in TABLES_MISSING:
        return "The database is empty or not of this version; bring it up to date first: kundenkontor migrate"
    if isinstance(cause, psycopg.OperationalError | psycopg.errors.InsufficientPrivilege):
        return f"The database cannot be used: {first_line(error)}"
    return ""


def end_with_parent() -> None:
    """A child of ``kundenkontor up`` ends when its parent is killed (Linux's parent-death signal)."""
    parent = os.environ.get("KUNDENKONTOR_PARENT")
    if not parent:
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit(1)


def grace_seconds() -> float:
    """How long running work may go on after SIGTERM; short below ``up``, which promises to stop within 5 s."""
    return 1.0 if os.environ.get("KUNDENKONTOR_PARENT") else 25.0
