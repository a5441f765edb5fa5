"""Background entries of stored files."""

from __future__ import annotations

from kundenkontor.documents.commands import purge_selections as purge
from kundenkontor.jobs.declaring import job


@job("purge_selections", queue="checks", cron="39 3 * * *", only_one=True)
def purge_selections(timestamp: int = 0) -> None:
    """Once a night."""
    purge()
