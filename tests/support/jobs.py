"""Running the jobs that a test enqueued, in its own transaction."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.db import connection, connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from kundenkontor.cli.worker import run_jobs as run_worker_jobs


def run_jobs(*names: str, limit: int = 100, reacting: bool = True) -> list[str]:
    """Run waiting jobs, oldest first, with those they enqueue in turn; only these tasks if any are named.

    Reactions run too, unless ``reacting`` is off: they enqueue what somebody asked for. Returns the names of the tasks
    that ran, without the prefix, and without reactions unless they are named.
    """
    wanted = [f"kundenkontor.{name}" for name in (*names, *(["react"] if reacting else []))]
    ran: list[str] = []
    while len(ran) < limit:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing' WHERE id ="
                " (SELECT id FROM procrastinate_jobs WHERE status = 'todo' AND (%s OR task_name = ANY(%s))"
                " ORDER BY id LIMIT 1) RETURNING id, task_name, args",
                [not names, wanted],
            )
            row = cursor.fetchone()
        if row is None:
            break
        job_id, task, args = row
        app.tasks[task].func(**(json.loads(args) if isinstance(args, str) else args))
        ProcrastinateJob.objects.filter(pk=job_id).delete()  # as the worker does with what succeeded
        ran.append(task.removeprefix("kundenkontor."))
    return [name for name in ran if name != "react" or not names or "react" in names]


def run_worker() -> None:
    """Work off what waits with the product's own worker; for tests that commit."""
    in_a_thread(_work)


def in_a_thread(work: Callable[[], None]) -> None:
    """For whatever has an event loop of its own: in the test's thread a browser's may be running."""
    with ThreadPoolExecutor(max_workers=1) as threads:
        threads.submit(work).result()


def _work() -> None:
    asyncio.run(sync_to_async(connections.close_all)())  # the thread of an earlier test knows a dropped database
    run_worker_jobs(concurrency=1, wait=False)
