"""Jobs of the master data: imports, and access mails to many."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from kundenkontor.access.commands import send_access
from kundenkontor.events.actor import Actor
from kundenkontor.events.background import job
from kundenkontor.events.queries import business_date
from kundenkontor.office.imports.commands import take_in
from kundenkontor.office.models import ImportUpload
from kundenkontor.office.people.access import reachable, without_login


@job("import_upload", queue="imports")
def import_upload(upload_id: int, actor_label: str, user_id: int | None) -> None:
    """Take the files of a confirmed upload in."""
    upload = ImportUpload.objects.select_related("seller").filter(pk=upload_id, state="waiting").first()
    if upload is not None:
        take_in(upload, on=business_date(upload.seller.zone), actor=Actor("staff", actor_label, user_id))


@job("send_access_to_all", queue="mail")
def send_access_to_all(actor_label: str, user_id: int | None, seller_id: int | None = None) -> None:
    """Let everybody in who has no login yet, address by address; a repeat goes on where it stopped."""
    rows = reachable(without_login(seller_id)).select_related("seller").order_by("address", "pk")
    pairs = list(rows.values_list("address", "pk"))
    actor = Actor("staff", actor_label, user_id)
    for _address, group in groupby(pairs, key=itemgetter(0)):
        part = rows.filter(pk__in=[pk for _, pk in group])
        send_access(part, on=business_date(), actor=actor)
