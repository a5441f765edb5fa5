"""Running the jobs that a test enqueued, in its own transaction."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.db import connection, connections
from procrastinate.contrib.django import app

from kundenkontor.cli.worker import run_jobs as run_worker_jobs


def run_jobs(*names: str, limit: int = 100) -> list[str]:
    """Run waiting jobs, oldest first, with those they enqueue in turn; only these tasks if any are named.

    Returns the names of the tasks that ran, without the prefix.
    """
    ran: list[str] = []
    while len(ran) < limit:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing' WHERE id ="
                " (SELECT id FROM procrastinate_jobs WHERE status = 'todo' AND (%s OR task_name = ANY(%s))"
                " ORDER BY id LIMIT 1) RETURNING task_name, args",
                [not names, [f"kundenkontor.{name}" for name in names]],
            )
            row = cursor.fetchone()
        if row is None:
            break
        arguments = json.loads(row[1]) if isinstance(row[1], str) else row[1]
        app.tasks[row[0]].func(**arguments)
        ran.append(row[0].removeprefix("kundenkontor."))
    return ran


def run_worker() -> None:
    """Work off what waits with the product's own worker; for tests that commit.

    In a thread of its own: in the test's thread a browser's event loop may be running.
    """
    with ThreadPoolExecutor(max_workers=1) as threads:
        threads.submit(_work).result()


def _work() -> None:
    asyncio.run(sync_to_async(connections.close_all)())  # the thread of an earlier test knows a dropped database
    run_worker_jobs(concurrency=1, wait=False)
