"""All checks of stored data in one place: what ``kundenkontor verify`` and the integrity page run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kundenkontor.access.checks import CHECKS as WALLS
from kundenkontor.billing.checks import CHECKS as CHARGES
from kundenkontor.documents.models import StoredFile
from kundenkontor.documents.queries import verify_files
from kundenkontor.events.seals import verify_chain
from kundenkontor.invoicing.checks import CHECKS as DOCUMENTS
from kundenkontor.invoicing.issuing.hashing import check_document_hashes
from kundenkontor.kernel.checks import EXAMPLES, Check, Finding, run_checks
from kundenkontor.kernel.errors import message
from kundenkontor.ledger.checks import CHECKS as BOOKS
from kundenkontor.parties.checks import CHECKS as PARTIES
from kundenkontor.payments.checks import CHECKS as PAYMENTS

MONEY_CHECKS: tuple[Check, ...] = (*BOOKS, *DOCUMENTS, *PARTIES, *PAYMENTS, *CHARGES)
STATEMENT_CHECKS: tuple[Check, ...] = (*MONEY_CHECKS, *WALLS)
Progress = Callable[[Finding], None]


def check_books() -> list[Finding]:
    """Only what is wrong in books, documents, payments and charges; in the caller's transaction."""
    return [finding for finding in run_checks(MONEY_CHECKS) if finding.count]


def check_all(progress: Progress | None = None, *, files: bool = True) -> list[Finding]:
    """Run every check; one finding each, with count 0 where all is well. ``progress`` hears of each as it ends.

    ``files`` reads every stored file, which takes as long as the disk needs; the rest is one statement each.
    """
    findings = []
    for finding in _all_findings(files=files):
        findings.append(finding)
        if progress:
            progress(finding)
    return findings


def _all_findings(*, files: bool) -> Iterator[Finding]:
    yield from run_checks(STATEMENT_CHECKS)
    yield check_document_hashes()
    title = message("The chain of events is unbroken and agrees with its anchors")
    yield _finding("events_are_chained", title, verify_chain())
    if files:
        title = message("Every stored file is there, byte for byte")
        damaged = [file.sha256 for file in verify_files(StoredFile.objects.order_by("pk").iterator(1000))]
        yield _finding("files_are_unchanged", title, damaged)


def _finding(code: str, title: str, wrong: list[str]) -> Finding:
    return Finding(code, title, len(wrong), tuple(wrong[:EXAMPLES]))
