"""Keeping uploaded files until they are taken in, and taking them in with progress that others can see."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from django.db import connection, transaction

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import IMPORT_CONFIRMED
from kundenkontor.imports.errors import ImportStuck, UploadGone
from kundenkontor.imports.models import ImportUpload
from kundenkontor.imports.planning.queries import preview_import
from kundenkontor.imports.writing.commands import import_files
from kundenkontor.jobs.queries import is_waiting
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.errors import DomainError
from kundenkontor.parties.models import Seller

Upload = tuple[str, bytes] | None
DISCARDABLE = ("previewed", "failed")
PREVIEWS_KEPT = timedelta(days=7)
WAITS_AT_MOST = timedelta(days=1)


@transaction.atomic
def store_upload(
    seller: Seller,
    customers: Upload,
    contracts: Upload,
    *,
    cut_over_date: date | None,
    next_numbers: Mapping[str, int],
    on: date,
    actor: Actor,
) -> ImportUpload:
    """Keep the files for the preview; they are read once, so an unusable file is refused here.

    ``customers`` and ``contracts`` are (file name, bytes). Raises NothingToImport, UnusableFile.
    """
    contents = (customers[1] if customers else None, contracts[1] if contracts else None)
    plan = preview_import(seller, *contents, on=on)
    return ImportUpload.objects.create(
        seller=seller,
        customers_file=contents[0],
        contracts_file=contents[1],
        customers_name=customers[0][:200] if customers else "",
        contracts_name=contracts[0][:200] if contracts else "",
        cut_over_date=plan.cut_over_date_or_default(cut_over_date),
        next_numbers=dict(next_numbers),
        uploaded_at=utc_now(),
        uploaded_by=actor.label[:150],
    )


@transaction.atomic
def confirm_upload(upload: ImportUpload, *, on: date, actor: Actor) -> None:
    """Hand the previewed files to the worker. Raises UploadGone if that was done, or they were discarded."""
    changed = ImportUpload.objects.filter(pk=upload.pk, state="previewed").update(state="waiting")
    if not changed:
        raise UploadGone()
    record_events(IMPORT_CONFIRMED, [Subject(upload.pk, seller_id=upload.seller_id)], actor=actor, on=on)


@transaction.atomic
def discard_upload(upload: ImportUpload) -> None:
    """Throw files away that were not taken in. Raises UploadGone."""
    deleted, _ = ImportUpload.objects.filter(pk=upload.pk, state__in=DISCARDABLE).delete()
    if not deleted:
        raise UploadGone()


def purge_uploads() -> None:
    """Throw away uploads of a week ago that were never confirmed, or refused: their files hold personal data."""
    ImportUpload.objects.filter(state__in=DISCARDABLE, uploaded_at__lt=utc_now() - PREVIEWS_KEPT).delete()


def end_stuck_uploads() -> None:
    """What waits for a day while no job takes it in, whose job was given up for example, has failed: nothing of it was
    written. Staff read why, and throw it away or upload it again."""
    stuck = ImportUpload.objects.filter(state="waiting", uploaded_at__lt=utc_now() - WAITS_AT_MOST)
    if not is_waiting("react", "import_upload"):
        stuck.update(state="failed", refusal=ImportStuck().as_json())


def take_in(upload: ImportUpload, *, on: date, actor: Actor) -> None:
    """Import the files of a confirmed upload; a refusal is kept for the page.

    What is written and that it is done are one transaction, so a repeat finds either nothing or the end.
    """
    with ThreadPoolExecutor(1) as beside:

        def progress(step: str, done: int, total: int) -> None:
            beside.submit(_write_progress, upload.pk, [step, done, total])

        try:
            with transaction.atomic():
                report = import_files(
                    upload.seller,
                    *upload.contents,
                    cut_over_date=upload.cut_over_date,
                    next_numbers=upload.next_numbers,
                    names=(upload.customers_name, upload.contracts_name),
                    on=on,
                    actor=actor,
                    progress=progress,
                )
                ImportUpload.objects.filter(pk=upload.pk).update(
                    state="done", run_id=report.run_id, customers_file=None, contracts_file=None
                )
        except DomainError as refusal:
            beside.shutdown()
            ImportUpload.objects.filter(pk=upload.pk).update(state="failed", refusal=refusal.as_json())


def _write_progress(upload_id: int, progress: list[object]) -> None:
    """In a thread of its own, hence on a connection of its own: visible before the import commits."""
    try:
        ImportUpload.objects.filter(pk=upload_id, state="waiting").update(progress=progress)
    finally:
        connection.close()
