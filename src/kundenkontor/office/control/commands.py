"""What staff does to the queue of jobs."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import ConnectorException

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import JOB_RESTARTED
from kundenkontor.kernel.clock import utc_now
from kundenkontor.office.desk.errors import JobNotFailed, JobWaitsAlready


@transaction.atomic
def restart_failed_job(job: ProcrastinateJob, *, on: date, actor: Actor) -> None:
    """Let a failed job run again, in the background. Logged. Raises JobNotFailed, JobWaitsAlready."""
    if job.status != "failed":
        raise JobNotFailed()
    try:
        with transaction.atomic():
            app.job_manager.retry_job_by_id(job.pk, retry_at=utc_now())
    except ConnectorException as error:  # of some kinds no two may wait
        raise JobWaitsAlready() from error
    record_events(JOB_RESTARTED, [Subject(payload={"job": job.pk, "task": job.task_name})], actor=actor, on=on)
