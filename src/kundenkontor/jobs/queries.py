"""Looking at the queue."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django.models import ProcrastinateJob

from kundenkontor.jobs.declaring import Job


def is_waiting(*names: str) -> bool:
    """Whether a job of one of these names waits or runs: what it is about may be in its hands."""
    tasks = [f"kundenkontor.{name}" for name in names]
    return ProcrastinateJob.objects.filter(task_name__in=tasks, status__in=["todo", "doing"]).exists()


def is_asked(job: Job[Any], **arguments: int | str | list[int]) -> bool:
    """Whether the job waits or runs already with these arguments, among others."""
    rows = ProcrastinateJob.objects.filter(queue_name=job.task.queue, task_name=job.task.name, args__contains=arguments)
    return rows.filter(status__in=["todo", "doing"]).exists()
