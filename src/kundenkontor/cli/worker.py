"""``kundenkontor worker``: background jobs."""

from __future__ import annotations

import os

import click

from kundenkontor.cli.start import end_with_parent, grace_seconds, needs_django


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
    app.with_connector(connector).run_worker(
        name=f"worker-{os.getpid()}",
        concurrency=concurrency,
        wait=wait,
        delete_jobs="successful",
        fetch_job_polling_interval=2.0,
        shutdown_graceful_timeout=grace_seconds(),
    )
