"""Declaring background jobs: retried with growing pauses, on fresh database connections."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date
from functools import cached_property, update_wrapper
from typing import Any, Generic, ParamSpec, get_type_hints

from django.db import close_old_connections, connection
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

Parameters = ParamSpec("Parameters")
# who waits in front of a screen or a mailbox goes before bulk work
PRIORITIES = {
    "readers": 30,
    "access": 25,
    "mail": 20,
    "tick": 20,
    "seals": 10,
    "reactions": 10,
    "billing": 10,
    "imports": 10,
    "delivery": 5,
}
# places of their own in a worker (cli/worker.py): for what asks outside services, which may hang and must hold no
# general place, and for what readers wait for, which must not wait for a general one
PLACES = {"mail": 1, "taxes": 1, "readers": 2}
RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)  # 4 s, 16 s, 64 s … about a day in all


def renew_connection() -> None:
    """Let go of a connection that is old or broken; never inside somebody's transaction."""
    if not connection.in_atomic_block:
        close_old_connections()


class Job(Generic[Parameters]):
    """A function that runs in the background: deferred it runs after commit, called it runs now.

    Its arguments are ids, days and small values (an actor), never rows; they travel as JSON and arrive as they were.
    """

    def __init__(self, function: Callable[Parameters, None], name: str, options: Mapping[str, Any]) -> None:
        self.function = function
        declare: Any = app.task(name=f"kundenkontor.{name}", **options)
        self.task = declare(self._run)
        update_wrapper(self, function)

    def __call__(self, *args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        renew_connection()
        try:
            self.function(*args, **kwargs)
        finally:
            renew_connection()

    def defer(self, *args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        """Enqueue it in the caller's transaction: it runs exactly if that commits."""
        self.defer_at(self.task.priority, *args, **kwargs)

    def defer_at(self, priority: int, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        """Enqueue it with a priority of its own; the higher goes first."""
        arguments = inspect.signature(self.function).bind(*args, **kwargs).arguments
        stored = {name: _as_json(value) for name, value in arguments.items()}
        self.task.configure(priority=priority).defer(**stored)

    def _run(self, **stored: Any) -> None:
        run: Any = self
        run(**{name: _from_json(self._hints[name], value) for name, value in stored.items()})

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self.function)


def _as_json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _from_json(hint: Any, value: Any) -> Any:
    if hint is date:
        return date.fromisoformat(value)
    return hint(**value) if isinstance(hint, type) and is_dataclass(hint) else value


def job(
    name: str, *, queue: str, cron: str = "", only_one: bool = False
) -> Callable[[Callable[Parameters, None]], Job[Parameters]]:
    """Register a function as the job ``kundenkontor.<name>``; ``cron`` runs it periodically.

    ``only_one``: never two at a time, and no second one is queued while one waits. Jobs may run twice: what they
    call is idempotent.
    """
    options: dict[str, Any] = {"lock": name, "queueing_lock": name} if only_one else {}
    options |= {"queue": queue, "priority": PRIORITIES.get(queue, 0), "retry": False if cron else RETRY}

    def declare(function: Callable[Parameters, None]) -> Job[Parameters]:
        declared = Job(function, name, options)
        if cron:
            app.periodic(cron=cron, periodic_id=name)(declared.task)
        return declared

    return declare
