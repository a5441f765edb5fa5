"""Documents that lack their files, words, plan or mail while nothing says why: read from the tables, whatever became of
the jobs. The tick has them done, and ``verify`` names them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.db.models.functions import Collate, Lower

from kundenkontor.delivery.models import Delivery
from kundenkontor.events.names import SELLER_CHANGED
from kundenkontor.invoicing.models import Invoice, SearchToken
from kundenkontor.invoicing.papers.kind import INVOICE
from kundenkontor.jobs.queries import is_waiting
from kundenkontor.kernel.clock import utc_now
from kundenkontor.papers.models import PaperFile, RenderFailure

SOON = timedelta(minutes=10)  # what the jobs need when nothing is wrong
LATE = timedelta(hours=1)
RECENT = 20_000  # documents that are looked at every minute; once a day all are


def list_without_files(before: datetime, *, recent: bool = False) -> QuerySet[Invoice]:
    """Issued before an instant, without PDF, and no failure says why; none while rendering waits in the queue."""
    if is_waiting("react", "render"):
        return Invoice.objects.none()
    of_it = {"paper_kind": INVOICE.code, "paper_id": OuterRef("pk")}
    rendered, failed = PaperFile.objects.filter(kind="pdf", **of_it), RenderFailure.objects.filter(**of_it)
    return _issued(before, recent=recent).filter(~Exists(rendered), ~Exists(failed))


def list_late_files() -> QuerySet[Invoice]:
    """Of the recent documents, those that should have their files by now, for staff."""
    return list_without_files(utc_now() - SOON, recent=True)


def list_late_mails() -> QuerySet[Delivery]:
    """What should be in the outbox by now, for staff."""
    return list_unmailed(utc_now() - SOON)


def list_without_words(before: datetime, *, recent: bool = False) -> QuerySet[Invoice]:
    """Those that the search does not even find by their number."""
    if is_waiting("react"):
        return Invoice.objects.none()
    number = Collate(Lower(OuterRef("number")), "C")
    words = SearchToken.objects.filter(customer_id=OuterRef("customer_id"), token=number, invoice_id=OuterRef("pk"))
    return _issued(before, recent=recent).filter(~Exists(words))


def list_unplanned(before: datetime) -> QuerySet[Invoice]:
    """Those of sellers who mail automatically, issued since they do, that nobody has planned to send."""
    if is_waiting("react"):
        return Invoice.objects.none()
    planned = Delivery.objects.filter(paper_kind=INVOICE.code, paper_id=OuterRef("pk"))
    rows = _issued(before).filter(~Exists(planned), seller__mails_automatically=True)
    for seller_id, since in _mails_since():
        rows = rows.exclude(seller_id=seller_id, issued_at__lt=since)
    return rows


def list_unmailed(before: datetime) -> QuerySet[Delivery]:
    """Planned before an instant, with a PDF as old, and still not in the outbox."""
    paper = {"paper_kind": OuterRef("paper_kind"), "paper_id": OuterRef("paper_id")}
    rendered = Exists(PaperFile.objects.filter(kind="pdf", created_at__lt=before, **paper))
    return Delivery.objects.filter(rendered, state="waiting", created_at__lt=before).order_by("pk")


def _issued(before: datetime, *, recent: bool = False) -> QuerySet[Invoice]:
    rows = Invoice.objects.filter(issued_at__lt=before).order_by("pk")
    if recent:
        newest = Invoice.objects.aggregate(newest=Max("pk"))["newest"] or 0
        rows = rows.filter(pk__gt=newest - RECENT)
    return rows


def _mails_since() -> list[tuple[int, datetime]]:
    """Since when each seller mails automatically, where that was changed since it was made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject_id, max(occurred_at) FROM events_event"
            " WHERE name = %s AND payload ? 'mails_automatically' GROUP BY subject_id",
            [SELLER_CHANGED.name],
        )
        return list(cursor.fetchall())
