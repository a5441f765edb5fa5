"""Background entries of invoicing."""

from __future__ import annotations

from kundenkontor.invoicing.papers.sampling import sample_rules
from kundenkontor.jobs.declaring import job


@job("sample_rules", queue="checks", cron="*/10 * * * *", only_one=True)
def judge_sample(timestamp: int = 0) -> None:
    """Ask the official rules about some of the documents rendered since the last time."""
    sample_rules()
