"""What a billing run did and would do, in words: outcomes, VAT cases, differences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kundenkontor.billing.models import BillingRun
from kundenkontor.billing.queries import COMPLETENESS
from kundenkontor.web.components import Badge
from kundenkontor.web.formats import format_decimal, format_money
from kundenkontor.web.forms import reader_language

OUTCOMES = {
    "billed": gettext_lazy("billed"),
    "parked": gettext_lazy("parked"),
    "free": gettext_lazy("free of charge"),
    "open": gettext_lazy("not billed yet; the next run bills it"),
    "billed_elsewhere": gettext_lazy("billed elsewhere (before the cut-over)"),
    "no_price": gettext_lazy("without a price"),
}
VAT_CASES = {
    "S": gettext_lazy("VAT"),
    "AE": gettext_lazy("Reverse charge"),
    "O": gettext_lazy("Outside the scope of VAT"),
    "E": gettext_lazy("Exempt"),
}
SUMS = {
    "customers": gettext_lazy("Customers"),
    "invoices": gettext_lazy("Invoices"),
    "lines": gettext_lazy("Lines"),
    "parked": gettext_lazy("Parked customers"),
    "total_without_vat": gettext_lazy("Total without VAT"),
    "total_with_vat": gettext_lazy("Total with VAT"),
}


class Change(NamedTuple):
    """One sum before and now, and by how much it differs; ready to be read."""

    label: Any
    before: str
    after: str
    difference: str


class OutcomeRow(NamedTuple):
    """A contract and what a run did with it."""

    contract_id: int
    customer_id: int
    number: str
    identifier: str
    customer_number: str
    customer_name: str
    outcome: str


def run_badge(run: BillingRun) -> Badge:
    """The state of a run."""
    return {
        "previewing": Badge("info", _("Preview is being computed")),
        "previewed": Badge("warn", _("Preview, waits for confirmation")),
        "confirming": Badge("info", _("Being confirmed")),
        "running": Badge("info", _("Issuing")),
        "finished": Badge("good", _("Finished")),
        "discarded": Badge("neutral", _("Discarded")),
    }[run.state]


def sums_of(run: BillingRun) -> Mapping[str, Any]:
    """What was issued, or would be."""
    sums: Mapping[str, Any] = run.result or run.preview
    return sums


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every sum that differs."""
    found = []
    for key, label in SUMS.items():
        old, new = Decimal(str(before.get(key) or 0)), Decimal(str(after.get(key) or 0))
        if old != new:
            sign = "+" if new > old else ""
            found.append(Change(label, _shown(key, old), _shown(key, new), sign + _shown(key, new - old)))
    return found


def _shown(key: str, value: Decimal) -> str:
    language = reader_language()
    return format_money(value, "EUR", language) if "total" in key else format_decimal(value, language, places=0)


_BEHIND = f"""
SELECT c.id, c.customer_id, c.number, contract.identifier, k.number,
       CASE WHEN k.company <> '' THEN k.company ELSE btrim(k.first_name || ' ' || k.last_name) END, c.outcome
FROM ({COMPLETENESS}) c
JOIN contracts_contract contract ON contract.id = c.id
JOIN parties_customer k ON k.id = c.customer_id
WHERE c.id > %(after)s AND (%(outcome)s = '' OR c.outcome = %(outcome)s)
ORDER BY c.id LIMIT %(size)s
"""  # nosec B608  # two constants


def contracts_behind(run: BillingRun, outcome: str, *, after: int = 0, size: int = 1_000_000) -> list[OutcomeRow]:
    """The active contracts with one outcome (all with ""), as the books stand now, in order of their ids."""
    params: dict[str, int | str | date] = {
        "until": run.billed_until,
        "from": run.billed_until.replace(day=1),
        "run": run.pk,
        "seller": run.seller_id,
        "outcome": outcome,
        "after": after,
        "size": size,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BEHIND, params)
        return [OutcomeRow(*row) for row in cursor.fetchall()]
