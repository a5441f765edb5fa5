"""Routes and navigation of billing."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from kundenkontor.office.billing import parked, runs, warnings
from kundenkontor.office.desk.groups import GROUPS
from kundenkontor.web.areas import Entry

NAVIGATION = [
    Entry(21, _("Billing runs"), "office:billing-runs", "run", "billing.read", GROUPS["billing"]),
]
urlpatterns: list[URLPattern] = [
    path("", runs.runs, name="billing-runs"),
    path("start/", runs.start, name="billing-run-start"),
    path("<int:run_id>/", runs.run, name="billing-run"),
    path("<int:run_id>/progress/", runs.progress, name="billing-run-progress"),
    path("<int:run_id>/confirm/", runs.confirm, name="billing-run-confirm"),
    path("<int:run_id>/recompute/", runs.recompute, name="billing-run-recompute"),
    path("<int:run_id>/resume/", runs.resume, name="billing-run-resume"),
    path("<int:run_id>/discard/", runs.discard, name="billing-run-discard"),
    path("<int:run_id>/contracts/", runs.contracts, name="billing-run-contracts"),
    path("<int:run_id>/warnings/", warnings.warnings, name="billing-run-warnings"),
    path("<int:run_id>/parked/", parked.parked, name="billing-parked"),
    path("<int:run_id>/parked/retry/", parked.retry_everybody, name="billing-retry-all"),
    path("<int:run_id>/parked/<int:customer_id>/release/", parked.release, name="billing-release"),
    path("<int:run_id>/parked/<int:customer_id>/retry/", parked.retry, name="billing-retry"),
]
