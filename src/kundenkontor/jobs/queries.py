"""Looking at the queue."""

from __future__ import annotations

from procrastinate.contrib.django.models import ProcrastinateJob


def is_waiting(*names: str) -> bool:
    """Whether a job of one of these names waits or runs: what it is about may be in its hands."""
    tasks = [f"kundenkontor.{name}" for name in names]
    return ProcrastinateJob.objects.filter(task_name__in=tasks, status__in=["todo", "doing"]).exists()
