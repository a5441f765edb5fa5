"""``kundenkontor worker``: background jobs."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import click
from procrastinate.worker import Worker

from kundenkontor.cli.start import end_with_parent, grace_seconds, needs_django

OPTIONS: dict[str, Any] = {"delete_jobs": "successful", "fetch_job_polling_interval": 2.0}


@click.command()
@click.option(
    "--concurrency", envvar="WORKER_CONCURRENCY", default=2, show_default=True, type=int, help="Jobs at once."
)
@click.option("--once", is_flag=True, help="End when no job is waiting.")
@needs_django
def command(concurrency: int, once: bool) -> None:
    """Run background jobs: rendering, mail, periodic work. Any number of workers may run."""
    from kundenkontor.config.checks import refuse_weak_settings  # noqa: PLC0415  # needs Django

    refuse_weak_settings(with_database=True)
    end_with_parent()
    run_jobs(concurrency=concurrency, wait=not once)


def run_jobs(*, concurrency: int, wait: bool) -> None:
    """Work with an app of its own: tasks that enqueue others still do so in Django's transaction.

    ``replace_connector`` would let them enqueue on another connection, so that a reaction could start
    before the commit of what it reacts to.
    """
    from procrastinate.contrib.django import app  # noqa: PLC0415  # needs Django

    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    own = app.with_connector(connector)
    if wait:
        asyncio.run(_work(own, concurrency))
    else:  # one after the other until nothing waits: here nothing hangs for long
        own.run_worker(name=f"worker-{os.getpid()}", concurrency=concurrency, wait=False, **OPTIONS)


async def _work(app: Any, concurrency: int) -> None:
    """General places for most of our own work, and places by themselves for each kind of outside service, so that one
    that hangs holds no other work up, and for what readers wait for."""
    from kundenkontor.jobs.declaring import PLACES  # noqa: PLC0415  # needs Django

    async with app.open_async():
        app.perform_import_paths()
        general = sorted({task.queue for task in app.tasks.values()} - set(PLACES))
        places = [(general, concurrency), *(([queue], number) for queue, number in PLACES.items())]
        grace = grace_seconds()
        workers: list[Any] = [
            Worker(
                app, queues, f"worker-{os.getpid()}-{queues[0]}", places_of,
                shutdown_graceful_timeout=grace, install_signal_handlers=False, **OPTIONS,
            )
            for queues, places_of in places
        ]  # fmt: skip
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, lambda: [worker.stop() for worker in workers])
        await asyncio.gather(*(worker.run() for worker in workers))
