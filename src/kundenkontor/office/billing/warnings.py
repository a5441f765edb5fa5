"""Whom the warnings of a preview concern; they are billed all the same."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kundenkontor.billing.models import BillingRun
from kundenkontor.billing.preview import Preview
from kundenkontor.parties.models import Customer
from kundenkontor.web.components import Link
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest


@dataclass(frozen=True, slots=True)
class WarnedCustomer:
    """A customer with a warning and what it would be billed."""

    id: int
    number: str
    name: str
    total: Decimal


@dataclass(frozen=True, slots=True)
class RunWarning:
    """A warning, the customers that the preview names, and how many more there are."""

    label: str
    sentence: str
    rows: list[WarnedCustomer]
    more: int


@require_safe
@staff_permission("billing.read")
def warnings(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """The customers behind one warning of a run, or behind all of them."""
    found = get_object_or_404(BillingRun, pk=run_id)
    code = request.GET.get("code", "")
    shown = _warnings(found.preview) if found.preview else []
    context = {
        "warnings": [warning for key, warning in shown if code in ("", key)],
        "crumbs": [
            Link(_("Billing runs"), reverse("office:billing-runs")),
            Link(str(found.pk), reverse("office:billing-run", args=[found.pk])),
            Link(_("Warnings")),
        ],
    }
    return render(request, "office/billing/warnings.html", context)


def _warnings(preview: Preview) -> list[tuple[str, RunWarning]]:
    ids = [customer.id for warned in preview.warnings for customer in warned.customers]
    names = {id_: customer.name for id_, customer in Customer.objects.in_bulk(ids).items()}
    return [
        (
            warned.code,
            RunWarning(
                label=warned.reason.short(),
                sentence=warned.reason.warning_sentence,
                rows=[
                    WarnedCustomer(id_, number, names.get(id_, ""), total) for id_, number, total in warned.customers
                ],
                more=warned.count - len(warned.customers),
            ),
        )
        for warned in preview.warnings
    ]
