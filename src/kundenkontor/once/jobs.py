"""Background entries of answers."""

from __future__ import annotations

from kundenkontor.jobs.declaring import job
from kundenkontor.once.commands import purge_answers


@job("purge_submits", queue="checks", cron="29 3 * * *", only_one=True)
def purge_submits(timestamp: int = 0) -> None:
    """Once a night."""
    purge_answers()
