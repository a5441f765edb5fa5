"""Routes and navigation of control."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from kundenkontor.office.control import events, files, release, system
from kundenkontor.office.desk.groups import GROUPS
from kundenkontor.web.areas import Entry

NAVIGATION = [
    Entry(61, _("Events"), "office:events", "clock", "events.read", GROUPS["control"]),
    Entry(62, _("Integrity"), "office:integrity", "shield", "integrity.read", GROUPS["control"]),
    Entry(63, _("Jobs"), "office:jobs", "gear", "integrity.read", GROUPS["control"]),
    Entry(64, _("Business clock"), "office:clock", "calendar", "clock.move", GROUPS["control"], in_production=False),
]
urlpatterns: list[URLPattern] = [
    path("events/", events.events, name="events"),
    path("integrity/", system.integrity, name="integrity"),
    path("integrity/run/", system.integrity_run, name="integrity-run"),
    path("integrity/release/", release.release, name="release"),
    path("integrity/files/", files.damaged_files, name="damaged-files"),
    path("integrity/files/mend/", files.mend_files, name="mend-files"),
    path("jobs/", system.jobs, name="jobs"),
    path("jobs/<int:job_id>/retry/", system.job_retry, name="job-retry"),
    path("clock/", system.clock, name="clock"),
]
