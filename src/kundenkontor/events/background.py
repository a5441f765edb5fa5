"""Declaring background tasks: retried with growing pauses, on fresh database connections."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import close_old_connections, connection
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
# who waits in front of a screen or a mailbox goes before bulk work
PRIORITIES = {"mail": 20, "tick": 20, "seals": 10, "reactions": 10, "billing": 10, "imports": 10, "delivery": 5}
RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)  # 4 s, 16 s, 64 s … about a day in all


def renew_connection() -> None:
    """Let go of a connection that is old or broken; never inside somebody's transaction."""
    if not connection.in_atomic_block:
        close_old_connections()


def job(
    name: str, *, queue: str, cron: str = "", only_one: bool = False
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Register a function as the task ``kundenkontor.<name>``; ``cron`` runs it periodically.

    ``only_one``: never two at a time, and no second one is queued while one waits. Jobs take ids, not objects, and
    may run twice: what they call is idempotent.
    """

    def declare(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        @wraps(function)
        def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            renew_connection()
            try:
                return function(*args, **kwargs)
            finally:
                renew_connection()

        options: dict[str, Any] = {"lock": name, "queueing_lock": name} if only_one else {}
        options["priority"] = PRIORITIES.get(queue, 0)
        declare_task: Any = app.task(
            name=f"kundenkontor.{name}", queue=queue, retry=False if cron else RETRY, **options
        )
        task = declare_task(run)
        if cron:
            app.periodic(cron=cron, periodic_id=name)(task)
        return run

    return declare


def defer(name: str, *, queue: str, **arguments: Any) -> None:
    """Enqueue a task by name, in the caller's transaction: it runs exactly if that commits."""
    app.configure_task(f"kundenkontor.{name}", queue=queue).defer(**arguments)
