"""Background entries of imports."""

from __future__ import annotations

from kundenkontor.events.actor import Actor
from kundenkontor.events.queries import business_date
from kundenkontor.imports.models import ImportUpload
from kundenkontor.imports.uploads import commands
from kundenkontor.jobs.declaring import job


@job("import_upload", queue="imports")
def import_upload(upload_id: int, actor: Actor) -> None:
    """Take the files of a confirmed upload in."""
    upload = ImportUpload.objects.select_related("seller").filter(pk=upload_id, state="waiting").first()
    if upload is not None:
        commands.take_in(upload, on=business_date(upload.seller.zone), actor=actor)


@job("purge_uploads", queue="checks", cron="41 * * * *", only_one=True)
def purge_uploads(timestamp: int = 0) -> None:
    """Once an hour."""
    commands.end_stuck_uploads()
    commands.purge_uploads()
