"""All checks of stored data in one place: what ``kundenkontor verify`` and the integrity page run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

from kundenkontor.access.checks import CHECKS as WALLS
from kundenkontor.access.checks import find_undeclared_tables
from kundenkontor.billing.checks import CHECKS as CHARGES
from kundenkontor.delivery.checks import CHECKS as DELIVERIES
from kundenkontor.documents.commands import note_damage
from kundenkontor.documents.models import StoredFile
from kundenkontor.documents.queries import verify_files
from kundenkontor.events.actor import Actor
from kundenkontor.events.anchors import anchor_chain, is_due, verify_anchors, write_head
from kundenkontor.events.batches import find_changed_rows, seal_rows
from kundenkontor.events.commands import Subject, mark_day, record_events
from kundenkontor.events.hashing import Hashed, find_changed
from kundenkontor.events.models import DayMark
from kundenkontor.events.names import INTEGRITY_CHECK_ASKED, INTEGRITY_CHECKED
from kundenkontor.events.queries import business_date
from kundenkontor.events.restore_commands import note_if_behind
from kundenkontor.events.seals import seal_events, unknown_keys, verify_chain
from kundenkontor.invoicing.checks import CHECKS as DOCUMENTS
from kundenkontor.invoicing.issuing.releasing import last_numbers
from kundenkontor.invoicing.issuing.rows import DOCUMENT
from kundenkontor.jobs.declaring import job
from kundenkontor.kernel.checks import Check, Finding, Walk, run_check, run_checks
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.errors import message
from kundenkontor.kernel.tables import declared_tables, faults
from kundenkontor.ledger.checks import CHECKS as BOOKS
from kundenkontor.papers.checks import CHECKS as PAPERS
from kundenkontor.papers.checks import STRAYS
from kundenkontor.parties.checks import CHECKS as DECLARATIONS
from kundenkontor.parties.models import BANK_ACCOUNTS
from kundenkontor.parties.snapshots import SNAPSHOT
from kundenkontor.payments.checks import CHECKS as PAYMENTS
from kundenkontor.payments.models import HASHED as OF_PAYMENTS
from kundenkontor.receivables.checks import CHECKS as CLAIMS
from kundenkontor.receivables.models import HASHED as OF_CLAIMS
from kundenkontor.taxes.checks import CHECKS as VAT_IDS
from kundenkontor.taxes.models import VAT_ID_CHECK


def _find_undeclared() -> list[str]:
    known = {check.code for check in (*STATEMENT_CHECKS, *WALKS, FILES)}
    unknown = [
        f"{table.name}: no check is called {code}"
        for table in declared_tables().values()
        for code in table.facts.checks
        if code not in known
    ]
    return faults() + unknown + find_undeclared_tables()


def _find_damaged_files() -> list[str]:
    return [file.sha256 for file in verify_files(StoredFile.objects.order_by("pk").iterator(1000))]


MONEY_CHECKS: tuple[Check | Walk, ...] = (*BOOKS, *DECLARATIONS, *CLAIMS, *PAPERS, *DOCUMENTS, *PAYMENTS, *CHARGES)
STATEMENT_CHECKS: tuple[Check | Walk, ...] = (*MONEY_CHECKS, *VAT_IDS, *DELIVERIES, *WALLS)
ROWS = Walk(
    "rows_are_as_sealed",
    message("Histories, mails, files and deliveries are what they were when they were sealed"),
    find_changed_rows,
)
HASHED: tuple[Hashed, ...] = (DOCUMENT, SNAPSHOT, BANK_ACCOUNTS, VAT_ID_CHECK, *OF_PAYMENTS, *OF_CLAIMS)
WALKS = (
    STRAYS,
    ROWS,
    *(Walk(hashed.code, hashed.title, partial(find_changed, hashed)) for hashed in HASHED),
    Walk(
        "tables_are_declared",
        message("Every table says whose rows it holds, who sees them, whether they change and what checks them"),
        _find_undeclared,
    ),
    Walk(
        "events_are_chained",
        message("The chain of events is unbroken, and its seals are those of its keys"),
        verify_chain,
        unknown_keys,
    ),
    Walk(
        "anchors_are_written_twice",
        message("The chain agrees with its anchors, in the database and in the files beside it"),
        verify_anchors,
    ),
)
FILES = Walk("files_are_unchanged", message("Every stored file is there, byte for byte"), _find_damaged_files)
Progress = Callable[[Finding], None]


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


def ask_for_check(*, on: date, actor: Actor) -> None:
    """Let the worker check everything; the findings become an event."""
    record_events(INTEGRITY_CHECK_ASKED, [Subject()], actor=actor, on=on)


@job("check_integrity", queue="checks")
def check_integrity(actor: Actor) -> None:
    """Run every check and keep the findings as an event; damaged files are made again."""
    found = check_all()
    note_damage(hash_ for one in found if one.code == FILES.code for hash_ in one.examples)
    findings = [
        {"code": one.code, "title": one.title, "count": one.count, "examples": list(one.examples), "note": one.note}
        for one in found
    ]
    subject = Subject(payload={"findings": findings})
    record_events(INTEGRITY_CHECKED, [subject], actor=actor, on=business_date())


def _all_findings(*, files: bool) -> Iterator[Finding]:
    yield from run_checks(STATEMENT_CHECKS)
    yield from run_checks(WALKS)
    if files:
        yield run_check(FILES)


SWEEP = "seal_everything"


@job("seal_events", queue="seals", cron="* * * * *", only_one=True)
def keep_evidence(timestamp: int) -> None:
    """Once a minute: seal what happened. Once a day everything is looked at, and once an hour the chain is anchored."""
    today = business_date()
    note_if_behind(on=today)
    is_swept = DayMark.objects.filter(task=SWEEP, day=today).exists()
    _seal(today, everything=not is_swept)
    if not is_swept:
        mark_day(SWEEP, today)
    if is_due(utc_now()):
        anchor_chain(last_numbers(), now=utc_now())


@job("anchor_chain", queue="seals")
def anchor_now() -> None:
    """After a billing run: what was issued is sealed and anchored at once."""
    _seal(business_date(), everything=False)
    anchor_chain(last_numbers(), now=utc_now())


def _seal(on: date, *, everything: bool) -> None:
    seal_rows(on=on, everything=everything)
    if seal_events(everything=everything):
        write_head(last_numbers(), now=utc_now())
