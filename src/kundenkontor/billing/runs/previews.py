"""What a preview adds up and how two previews differ. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from kundenkontor.billing.drafting.drafting import CustomerPlan
from kundenkontor.billing.models import COMPARED_SUMS
from kundenkontor.kernel.money import ZERO

LARGEST = 20
MAX_EXAMPLES = 100  # customers that a preview names per warning; it counts them all


class SumChange(NamedTuple):
    """One sum of two previews that differs."""

    key: str
    before: Decimal
    after: Decimal


class PreviewSums:
    """What a preview adds up while it looks at one chunk of customers after the other.

    The ``fingerprint`` is of every customer to be billed with its sums and VAT cases: two previews with equal sums
    may bill different people.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.total_without_vat = ZERO
        self.total_with_vat = ZERO
        self.by_product: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        self.by_vat: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        self.largest: list[tuple[Decimal, int, str]] = []
        self.warnings: dict[str, dict[str, Any]] = {}
        self.fingerprint = hashlib.sha256()

    def add(self, plan: CustomerPlan) -> None:
        if plan.refusals:
            self.counts["parked"] += 1
            self.reasons.update({refusal.code for refusal in plan.refusals})
            return
        self.counts["customers"] += 1
        self.counts["invoices"] += len(plan.invoices)
        self.total_without_vat += plan.total_without_vat
        self.total_with_vat += plan.total_with_vat
        self.largest.append((plan.total_with_vat, plan.buyer.id, plan.buyer.number))
        self._add_lines(plan)
        self._add_warnings(plan)

    def _add_lines(self, plan: CustomerPlan) -> None:
        lines, cases = 0, set()
        for invoice in plan.invoices:
            lines += len(invoice.draft.lines)
            for line in invoice.draft.lines:
                case = f"{line.vat_category} {line.vat_rate.normalize():f} {line.country}"
                cases.add(case)
                self.by_product[line.item_name] += line.net_amount
                self.by_vat[case] += line.net_amount
        self.counts["lines"] += lines
        facts = (plan.buyer.id, len(plan.invoices), lines, sorted(cases))
        self.fingerprint.update(f"{facts} {plan.total_without_vat} {plan.total_with_vat}\n".encode())

    def _add_warnings(self, plan: CustomerPlan) -> None:
        for code, warning in {warning.code: warning for warning in plan.warnings}.items():
            found = self.warnings.setdefault(code, {"count": 0, "customers": []})
            found["count"] += 1
            if len(found["customers"]) < MAX_EXAMPLES:
                buyer, total = plan.buyer, str(plan.total_with_vat)
                found["customers"].append([buyer.number, buyer.id, total, warning.params])

    def trim(self) -> None:
        self.largest = sorted(self.largest, reverse=True)[:LARGEST]

    def as_json(self) -> dict[str, Any]:
        self.trim()
        return {
            **{key: self.counts[key] for key in ("customers", "invoices", "lines", "parked")},
            "total_without_vat": str(self.total_without_vat),
            "total_with_vat": str(self.total_with_vat),
            "by_product": [[name, str(sum_)] for name, sum_ in sorted(self.by_product.items(), key=lambda x: -x[1])],
            "by_vat": [[name, str(sum_)] for name, sum_ in sorted(self.by_vat.items())],
            "largest": [[number, id_, str(total)] for total, id_, number in self.largest],
            "parked_reasons": dict(self.reasons.most_common()),
            "warnings": self.warnings,
            "fingerprint": self.fingerprint.hexdigest(),
        }


def changed_sums(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[SumChange]:
    """Every compared sum that differs."""
    sums = ((key, _number(before.get(key)), _number(after.get(key))) for key in COMPARED_SUMS)
    return [SumChange(key, old, new) for key, old, new in sums if old != new]


def changed_vat_cases(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[SumChange]:
    """Every VAT case (``S 20 AT``) whose net sum differs."""
    old, new = dict(before.get("by_vat") or ()), dict(after.get("by_vat") or ())
    sums = ((case, _number(old.get(case)), _number(new.get(case))) for case in sorted({*old, *new}))
    return [SumChange(case, was, is_) for case, was, is_ in sums if was != is_]


def _number(value: object) -> Decimal:
    return Decimal(str(value or 0))
