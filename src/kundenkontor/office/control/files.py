"""Stored files that somebody found missing or damaged, and what becomes of them."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from kundenkontor.documents.models import DamagedFile
from kundenkontor.office.desk.statuses import next_attempt_of
from kundenkontor.office.desk.submits import submit_once
from kundenkontor.papers.commands import ask_to_mend
from kundenkontor.web.components import Link
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Listing, Sort
from kundenkontor.web.lists.tables import Column, ListPage, render_list

COLUMNS = [
    Column("SHA-256", lambda row: row.file.sha256, sub=lambda row: row.file.media_type, sub_label=gettext_lazy("Kind")),
    Column(gettext_lazy("Found"), lambda row: row.found_at, "day"),
    Column(gettext_lazy("Error"), lambda row: row.last_error[:300]),
    Column(gettext_lazy("Attempts"), lambda row: row.attempts, "number"),
    Column(gettext_lazy("Next attempt"), next_attempt_of),
]


@require_safe
@staff_permission("integrity.read")
def damaged_files(request: StaffRequest) -> HttpResponseBase:
    """Each with the reason for which it could not be made again."""
    sorts = {"found": Sort(gettext_lazy("Found"), ("id",))}
    listing = Listing(request.GET, filters=(), sorts=sorts, default_sort="-found")
    about = ListPage(
        _("Damaged files"),
        _("Handed to nobody. Documents are made again where that gives the same bytes; others come from the backup."),
        _("Every file is whole."),
        "beschaedigte-dateien.csv",
        crumbs=[Link(_("Integrity"), reverse("office:integrity")), Link(_("Damaged files"))],
        extra={"may_retry": "integrity.run" in request.permissions},
    )
    rows = DamagedFile.objects.select_related("file")
    return render_list(request, about, listing, rows, COLUMNS, template="office/control/damaged_files.html")


@require_POST
@staff_permission("integrity.run")
def mend_files(request: StaffRequest) -> HttpResponseBase:
    """Try again now with all of them, after the backup gave a file back for example."""

    def act() -> str:
        ask_to_mend(on=request.today, actor=request.actor)
        return _("The files are being looked at again.")

    return submit_once(request, reverse("office:damaged-files"), act)
