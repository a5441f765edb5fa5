"""What a billing run did and would do, in words: outcomes, VAT cases, differences."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from kundenkontor.billing.models import BillingRun
from kundenkontor.billing.preview import SeenBefore, SumChange, Sums
from kundenkontor.billing.queries import COMPLETENESS
from kundenkontor.billing.words import SUMS
from kundenkontor.kernel.formats import format_decimal, format_money
from kundenkontor.taxes.words import VAT_CASES
from kundenkontor.web.forms import reader_language


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


def invoices_of(run: BillingRun) -> tuple[int, Decimal]:
    """How many were issued over how much with VAT, or would be."""
    if run.result:
        return run.result["invoices"], Decimal(run.result["total_with_vat"])
    return run.sums.invoices, run.sums.total_with_vat


def changes_between(before: Sums, after: Sums) -> list[Change]:
    """Every sum that differs."""
    return [_change(SUMS[change.key], change, is_money="total" in change.key) for change in before.changes_to(after)]


def vat_changes_between(before: SeenBefore, after: SeenBefore) -> list[Change]:
    """Every VAT case whose net sum differs."""
    return [_change(vat_case(change.key), change, is_money=True) for change in before.vat_changes_to(after)]


def vat_case(name: str) -> str:
    """``S 20 AT`` as words."""
    category, rate, country = [*name.split(" "), "", ""][:3]
    return f"{VAT_CASES.get(category, category)} {rate} % {country}".strip()


def _change(label: object, change: SumChange, *, is_money: bool) -> Change:
    sign = "+" if change.after > change.before else ""
    values = (change.before, change.after, change.after - change.before)
    before, after, difference = (_shown(value, is_money) for value in values)
    return Change(label, before, after, sign + difference)


def _shown(value: Decimal, is_money: bool) -> str:
    language = reader_language()
    return format_money(value, "EUR", language) if is_money else format_decimal(value, language, places=0)


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
