"""All checks of stored data in one place: what ``kundenkontor verify`` and the integrity page run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kundenkontor.access.checks import CHECKS as WALLS
from kundenkontor.billing.checks import CHECKS as CHARGES
from kundenkontor.invoicing.checks import CHECKS as DOCUMENTS
from kundenkontor.invoicing.hashing import check_document_hashes
from kundenkontor.kernel.checks import Check, Finding, run_checks
from kundenkontor.ledger.checks import CHECKS as BOOKS
from kundenkontor.payments.checks import CHECKS as PAYMENTS

MONEY_CHECKS: tuple[Check, ...] = (*BOOKS, *DOCUMENTS, *PAYMENTS, *CHARGES)
STATEMENT_CHECKS: tuple[Check, ...] = (*MONEY_CHECKS, *WALLS)
Progress = Callable[[Finding], None]


def check_books() -> list[Finding]:
    """Only what is wrong in books, documents, payments and charges; in the caller's transaction."""
    return [finding for finding in run_checks(MONEY_CHECKS) if finding.count]


def check_all(progress: Progress | None = None) -> list[Finding]:
    """Run every check; one finding each, with count 0 where all is well. ``progress`` hears of each as it ends."""
    findings = []
    for finding in _all_findings():
        findings.append(finding)
        if progress:
            progress(finding)
    return findings


def _all_findings() -> Iterator[Finding]:
    yield from run_checks(STATEMENT_CHECKS)
    yield check_document_hashes()
