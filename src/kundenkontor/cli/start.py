"""How commands start Django, and how they end when something is wrong: one sentence, exit code 1."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def start_django() -> None:
    """Load settings and apps."""
    import django  # noqa: PLC0415  # only commands that need it pay for it

    django.setup()


def needs_django(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Start Django before the command; say refusals and a lost database in one sentence."""

    @wraps(function)
    def start(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
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
