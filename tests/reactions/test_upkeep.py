"""Jobs of dead workers start again, and finished ones do not pile up."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from kundenkontor.events.actor import SYSTEM
from kundenkontor.invoicing.papers.kind import INVOICE
from kundenkontor.jobs.declaring import PRIORITIES
from kundenkontor.jobs.upkeep import retry_stalled
from kundenkontor.kernel.clock import utc_now
from kundenkontor.papers.jobs import render
from kundenkontor.reactions import tick
from tests.support.jobs import in_a_thread, run_worker


def jobs(task: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status::text FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", [f"kundenkontor.{task}"]
        )
        return [row[0] for row in cursor.fetchall()]


def execute(statement: str, *parameters: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def retry_stalled_now() -> None:
    """As a worker would, but without the worker, which would go on with what starts again."""
    in_a_thread(lambda: asyncio.run(_retry_stalled()))


async def _retry_stalled() -> None:
    connector: Any = app.connector
    async with app.with_connector(connector.get_worker_connector()).open_async() as opened:
        context: Any = SimpleNamespace(app=opened)
        await retry_stalled.func(context, timestamp=0)


def run_upkeep(task: str) -> None:
    app.configure_task(f"kundenkontor.{task}").defer(timestamp=0)
    run_worker()


@pytest.mark.commits
def test_a_job_whose_worker_died_runs_again() -> None:
    render.defer(INVOICE.code, [], SYSTEM)
    execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL")
    run_upkeep("retry_stalled")
    run_worker()
    assert jobs("render") == []


@pytest.mark.commits
def test_a_job_over_which_three_workers_died_is_given_up_and_stays_to_be_seen() -> None:
    render.defer(INVOICE.code, [], SYSTEM)
    for _ in range(2):
        execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL WHERE queue_name = 'render'")
        retry_stalled_now()
        assert jobs("render") == ["todo"]
    execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL WHERE queue_name = 'render'")
    retry_stalled_now()
    assert jobs("render") == ["failed"]


@pytest.mark.commits
def test_a_dead_tick_does_not_stop_the_next_one() -> None:
    tick.defer(0)
    execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL")
    tick.defer(0)
    run_upkeep("retry_stalled")
    run_worker()
    assert jobs("tick") == []


@pytest.mark.commits
def test_finished_jobs_are_purged_and_failed_ones_stay_to_be_seen() -> None:
    for days, status in ((2, "succeeded"), (2, "failed"), (100, "failed")):
        render.defer(INVOICE.code, [days], SYSTEM)
        execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo'")
        execute(f"UPDATE procrastinate_jobs SET status = '{status}' WHERE status = 'doing'")
        execute(
            "UPDATE procrastinate_events SET at = %s WHERE job_id = (SELECT max(id) FROM procrastinate_jobs)",
            utc_now() - timedelta(days=days),
        )
    run_upkeep("purge_jobs")
    assert jobs("render") == ["failed"]


def test_whoever_waits_in_front_of_a_screen_or_a_mailbox_goes_before_bulk_rendering() -> None:
    priorities = {name: task.priority for name, task in app.tasks.items()}
    awaited = (
        "kundenkontor.send_reset_links",
        "kundenkontor.send_mail",
        "kundenkontor.preview_run",
        "kundenkontor.import_upload",
    )
    assert min(priorities[name] for name in awaited) > priorities["kundenkontor.render"]
    assert all(task.priority == PRIORITIES["mail"] for task in app.tasks.values() if task.queue == "mail")
