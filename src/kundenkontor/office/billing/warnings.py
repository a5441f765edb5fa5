"""Whom the warnings of a preview concern; they are billed all the same."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kundenkontor.billing.models import BillingRun
from kundenkontor.billing.runs.preview_words import REASONS, warnings_of
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
    context = {
        "warnings": [warning for key, warning in _warnings(found.preview) if code in ("", key)],
        "crumbs": [
            Link(_("Billing runs"), reverse("office:billing-runs")),
            Link(str(found.pk), reverse("office:billing-run", args=[found.pk])),
            Link(_("Warnings")),
        ],
    }
    return render(request, "office/billing/warnings.html", context)


def _warnings(preview: dict[str, Any]) -> list[tuple[str, RunWarning]]:
    named = {code: found["customers"] for code, found in preview.get("warnings", {}).items()}
    ids = [id_ for customers in named.values() for _number, id_, _total, _params in customers]
    names = {id_: customer.name for id_, customer in Customer.objects.in_bulk(ids).items()}
    return [
        (
            code,
            RunWarning(
                label=str(REASONS.get(code, code)),
                sentence=sentence,
                rows=[
                    WarnedCustomer(id_, number, names.get(id_, ""), Decimal(total))
                    for number, id_, total, _params in named[code]
                ],
                more=count - len(named[code]),
            ),
        )
        for code, count, sentence in warnings_of(preview)
    ]
