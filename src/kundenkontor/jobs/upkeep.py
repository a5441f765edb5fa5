"""Upkeep of the queue itself: jobs of dead workers start again, and finished ones do not pile up."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.core.cache import cache
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status

from kundenkontor.jobs.declaring import PRIORITIES, renew_connection

DAYS_TO_KEEP_FAILED = 90
GIVEN_UP_AFTER = 3


@app.periodic(cron="*/2 * * * *", periodic_id="retry_stalled")
@app.task(
    name="kundenkontor.retry_stalled",
    queue="tick",
    priority=PRIORITIES["tick"],
    pass_context=True,
    queueing_lock="retry_stalled",
)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Jobs of workers that no longer answer start again; all of them are safe to repeat.

    One over which three workers died may be what kills them: it is given up, and stands among the failed ones.
    """
    await sync_to_async(renew_connection)()
    manager = context.app.job_manager
    for stalled in await manager.get_stalled_jobs():
        if await sync_to_async(_deaths_of)(stalled) >= GIVEN_UP_AFTER:
            await manager.finish_job(stalled, status=Status.FAILED, delete_job=False)
            continue
        try:
            await manager.retry_job(stalled)
        except ConnectorException:  # another one of its kind waits already: that one will do
            await manager.finish_job(stalled, status=Status.FAILED, delete_job=True)


def _deaths_of(job: Job) -> int:
    """How many workers died over it, with this one. Kept for a while beside the tries at the sign-in."""
    key = f"deaths-of-job-{job.id}"
    deaths: int = cache.get(key, 0) + 1
    cache.set(key, deaths, timeout=24 * 3600)
    return deaths


@app.periodic(cron="17 3 * * *", periodic_id="purge_jobs")
@app.task(
    name="kundenkontor.purge_jobs",
    queue="tick",
    priority=PRIORITIES["tick"],
    pass_context=True,
    queueing_lock="purge_jobs",
)
async def purge_jobs(context: JobContext, timestamp: int) -> None:
    """Finished jobs go daily; failed ones stay for the office to see for 90 days."""
    await sync_to_async(renew_connection)()
    manager = context.app.job_manager
    await manager.delete_old_jobs(nb_hours=24)
    await manager.delete_old_jobs(nb_hours=24 * DAYS_TO_KEEP_FAILED, include_failed=True)
