"""Background entries of the audit trail."""

from __future__ import annotations

from kundenkontor.events import seals
from kundenkontor.events.models import SealAnchor
from kundenkontor.events.queries import business_date
from kundenkontor.jobs.declaring import job


@job("seal_events", queue="seals", cron="* * * * *", only_one=True)
def seal_events(timestamp: int) -> None:
    """Once a minute; with the first call of a business day everything is swept and anchored."""
    today = business_date()
    is_new_day = not SealAnchor.objects.filter(day=today).exists()
    seals.seal_events(everything=is_new_day)
    if is_new_day:
        seals.anchor_day(today)
