"""Background entries of the office."""

from __future__ import annotations

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import INTEGRITY_CHECKED
from kundenkontor.events.queries import business_date
from kundenkontor.integrity import check_all
from kundenkontor.jobs.declaring import job


@job("check_integrity", queue="checks")
def check_integrity(actor_label: str) -> None:
    """Run every check and keep the findings as an event."""
    findings = [
        {"code": one.code, "title": one.title, "count": one.count, "examples": list(one.examples)}
        for one in check_all()
    ]
    subject = Subject(payload={"findings": findings})
    record_events(INTEGRITY_CHECKED, [subject], actor=Actor("staff", actor_label), on=business_date())
