"""Routes and navigation of imports."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from kundenkontor.office.desk.groups import GROUPS
from kundenkontor.office.imports import file_format, uploads
from kundenkontor.web.areas import Entry

NAVIGATION = [
    Entry(53, _("Imports"), "office:imports", "download", "imports.read", GROUPS["settings"]),
]
urlpatterns: list[URLPattern] = [
    path("", uploads.imports, name="imports"),
    path("new/", uploads.import_new, name="import-new"),
    path("format/", file_format.import_format, name="import-format"),
    path("format/<slug:rows>.csv", file_format.import_template, name="import-template"),
    path("<int:import_id>/", uploads.import_run, name="import"),
    path("uploads/<int:upload_id>/", uploads.import_preview, name="import-preview"),
    path("uploads/<int:upload_id>/progress/", uploads.import_progress, name="import-progress"),
    path("uploads/<int:upload_id>/confirm/", uploads.import_confirm, name="import-confirm"),
    path("uploads/<int:upload_id>/discard/", uploads.import_discard, name="import-discard"),
]
