"""Background entries of the office."""

from __future__ import annotations

from datetime import timedelta

from kundenkontor.billing.models import BillingRun, ParkedCustomer
from kundenkontor.billing.runs.chunks import retry_parked
from kundenkontor.events.actor import Actor
from kundenkontor.events.background import job
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.queries import business_date
from kundenkontor.integrity import check_all
from kundenkontor.kernel.clock import utc_now
from kundenkontor.office.background import import_upload, send_access_to_all
from kundenkontor.office.models import ImportUpload

__all__ = ["check_integrity", "import_upload", "purge_uploads", "retry_all", "send_access_to_all"]
CHECKED_EVENT = "integrity.checked"
PREVIEWS_KEPT = timedelta(days=7)


@job("purge_uploads", queue="checks", cron="41 3 * * *", only_one=True)
def purge_uploads(timestamp: int = 0) -> None:
    """Throw away uploads that were previewed a week ago and never confirmed; their files hold personal data."""
    ImportUpload.objects.filter(state="previewed", uploaded_at__lt=utc_now() - PREVIEWS_KEPT).delete()


@job("retry_parked", queue="billing")
def retry_all(run_id: int, actor_label: str) -> None:
    """Bill every parked customer of a finished run again; killed, a repeat bills who is left."""
    run = BillingRun.objects.select_related("seller").get(pk=run_id)
    ids = list(ParkedCustomer.objects.filter(run=run).values_list("customer_id", flat=True).distinct())
    retry_parked(run, ids, on=business_date(run.seller.zone), actor=Actor("staff", actor_label))


@job("check_integrity", queue="checks")
def check_integrity(actor_label: str) -> None:
    """Run every check and keep the findings as an event."""
    findings = [
        {"code": one.code, "title": one.title, "count": one.count, "examples": list(one.examples)}
        for one in check_all()
    ]
    subject = Subject(payload={"findings": findings})
    record_events(CHECKED_EVENT, [subject], actor=Actor("staff", actor_label), on=business_date())
