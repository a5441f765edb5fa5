"""Whether the books are sound, asked after whatever a test did to them."""

from __future__ import annotations

from kundenkontor.integrity import MONEY_CHECKS
from kundenkontor.kernel.checks import Finding, run_checks


def check_books() -> list[Finding]:
    """Only what is wrong in books, documents, payments and charges; in the caller's transaction."""
    return [finding for finding in run_checks(MONEY_CHECKS) if finding.count]
