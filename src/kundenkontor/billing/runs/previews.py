"""What a preview adds up while it looks at one chunk of customers after the other. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from decimal import Decimal

from kundenkontor.billing.drafting.drafting import CustomerPlan
from kundenkontor.billing.preview import CustomerSum, LastRun, Preview, SeenBefore, Sums, Warned
from kundenkontor.kernel.errors import DomainError
from kundenkontor.kernel.money import ZERO

LARGEST = 20
MAX_EXAMPLES = 100  # customers that a preview names per warning; it counts them all


class PreviewSums:
    """Takes one plan after the other."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.total_without_vat = ZERO
        self.total_with_vat = ZERO
        self.by_product: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        self.by_vat: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        self.largest: list[CustomerSum] = []
        self.warnings: dict[str, _Warnings] = {}
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
        customer = CustomerSum(plan.buyer.id, plan.buyer.number, plan.total_with_vat)
        self.largest.append(customer)
        self._add_lines(plan)
        for warning in {warning.code: warning for warning in plan.warnings}.values():
            self.warnings.setdefault(warning.code, _Warnings(warning)).add(customer)

    def _add_lines(self, plan: CustomerPlan) -> None:
        lines, cases = 0, set()
        for invoice in plan.invoices:
            lines += len(invoice.draft.lines)
            for line in invoice.draft.lines:
                net, tax = line.measure.net_amount, line.tax
                case = f"{tax.category} {tax.rate.normalize():f} {tax.country}"
                cases.add(case)
                self.by_product[line.item.name] += net
                self.by_vat[case] += net
        self.counts["lines"] += lines
        facts = (plan.buyer.id, len(plan.invoices), lines, sorted(cases))
        self.fingerprint.update(f"{facts} {plan.total_without_vat} {plan.total_with_vat}\n".encode())

    def trim(self) -> None:
        self.largest = sorted(self.largest, key=lambda one: (one.total, one.id), reverse=True)[:LARGEST]

    def preview(self, last_run: LastRun | None) -> Preview:
        """Everything that was added."""
        self.trim()
        counts = {key: self.counts[key] for key in ("customers", "invoices", "lines", "parked")}
        sums = Sums(**counts, total_without_vat=self.total_without_vat, total_with_vat=self.total_with_vat)
        return Preview(
            SeenBefore(sums, dict(sorted(self.by_vat.items())), self.fingerprint.hexdigest()),
            tuple(sorted(self.by_product.items(), key=lambda item: -item[1])),
            tuple(self.largest),
            dict(self.reasons),
            tuple(self.warnings[code].warned() for code in sorted(self.warnings)),
            last_run,
        )


class _Warnings:
    """The customers of one warning."""

    def __init__(self, reason: DomainError) -> None:
        self.reason, self.count = reason, 0
        self.customers: list[CustomerSum] = []

    def add(self, customer: CustomerSum) -> None:
        self.count += 1
        if len(self.customers) < MAX_EXAMPLES:
            self.customers.append(customer)

    def warned(self) -> Warned:
        return Warned(self.reason.code, self.reason.stored_params(), self.count, tuple(self.customers))
