"""How commands start Django, and how they end when something is wrong: one sentence, exit code 1."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from kundenkontor.config.embedded import use_own_database
from kundenkontor.config.postgres import PostgresFailed

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
PR_SET_PDEATHSIG = 1


def start_django() -> None:
    """Load settings and apps."""
    import django  # noqa: PLC0415  # only commands that need it pay for it

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
        from django.db import OperationalError  # noqa: PLC0415

        from kundenkontor.config.checks import WeakSettings  # noqa: PLC0415
        from kundenkontor.kernel.errors import DomainError  # noqa: PLC0415

        try:
            return function(*args, **kwargs)
        except (DomainError, WeakSettings) as refusal:
            raise click.ClickException(str(refusal)) from refusal
        except OperationalError as error:
            raise click.ClickException(f"The database cannot be used: {first_line(error)}") from error

    return start


def first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


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
