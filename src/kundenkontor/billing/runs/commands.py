"""A billing run from preview to completeness report. No number exists before it is confirmed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from threading import Lock
from typing import Any

from django.db import IntegrityError, connection, transaction

from kundenkontor.billing.errors import (
    AnotherRunIsRunning,
    BilledUntilFarAway,
    IssueDateFarAway,
    IssueDateInFuture,
    PreviewChanged,
    RunNotDiscardable,
    RunNotPreviewed,
)
from kundenkontor.billing.models import PREVIEWS, BillingChunk, BillingRun, ParkedCustomer
from kundenkontor.billing.preview import LastRun, Preview, SeenBefore
from kundenkontor.billing.queries import completeness_of, list_left_runs
from kundenkontor.billing.runs.chunks import REFUSED_BY_DATABASE, bill_chunk, drafter_for, park_customers, plan_range
from kundenkontor.billing.runs.previews import PreviewSums
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import (
    BILLING_ISSUING_ASKED,
    BILLING_PREVIEW_ASKED,
    BILLING_RETRY_ASKED,
    BILLING_RUN_CONFIRMED,
    BILLING_RUN_DISCARDED,
    BILLING_RUN_FINISHED,
    BILLING_RUN_STARTED,
)
from kundenkontor.invoicing.errors import IssueDateTooEarly
from kundenkontor.invoicing.issuing.numbering import refuse_early_date
from kundenkontor.kernel.bulk import collector_paused
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.errors import DomainError, message
from kundenkontor.parties.models import Seller

CONTRACTS_PER_CHUNK = 5000
LOOK_LOCK = 7312  # the class of advisory locks that stand for a look at a run
DAYS_AWAY = 31
DAYS_AHEAD = 366
Progress = Callable[[int, int], None]
OTHER_CUSTOMERS = message("the split of the same sums among customers and VAT cases")

_RANGES = """
SELECT min(customer_id), max(customer_id)
FROM (
    SELECT customer_id, ((sum(contracts) OVER (ORDER BY customer_id) - 1) / %s)::int AS part
    FROM (
        SELECT customer_id, count(*) AS contracts
        FROM (
            SELECT customer_id FROM contracts_contract WHERE seller_id = %s
            UNION ALL SELECT customer_id FROM billing_oneoffitem WHERE seller_id = %s AND discarded_at IS NULL
            UNION ALL SELECT o.customer_id FROM invoicing_correction k JOIN invoicing_invoice o ON o.id = k.original_id
                      WHERE k.is_billed_again AND o.seller_id = %s
        ) billable GROUP BY customer_id
    ) counted
) parts GROUP BY part ORDER BY part
"""


@transaction.atomic
def start_run(
    seller: Seller, billed_until: date, *, on: date, actor: Actor, per_chunk: int = CONTRACTS_PER_CHUNK
) -> BillingRun:
    """Open a run, to be previewed; earlier previews of the seller are discarded. Raises BilledUntilFarAway."""
    if (billed_until - on).days > DAYS_AHEAD:
        raise BilledUntilFarAway(days=DAYS_AHEAD)
    BillingRun.objects.filter(seller=seller, state__in=PREVIEWS).update(state="discarded")
    run = BillingRun.objects.create(
        seller=seller,
        billed_until=billed_until,
        state="previewing",
        started_by=actor.label,
        created_at=utc_now(),
        contracts_per_chunk=per_chunk,
    )
    payload = {"billed_until": billed_until.isoformat()}
    record_events(BILLING_RUN_STARTED, [_subject(run, payload)], actor=actor, on=on)
    return run


def ask_for_run(seller: Seller, billed_until: date, *, on: date, actor: Actor) -> BillingRun:
    """Open a run whose preview the worker computes. Raises BilledUntilFarAway."""
    run = start_run(seller, billed_until, on=on, actor=actor)
    ask_for_preview(run, on=on, actor=actor)
    return run


@transaction.atomic
def ask_for_preview(run: BillingRun, *, on: date, actor: Actor) -> None:
    """Let the worker compute a preview, or compute it anew after something was mended."""
    forget_preview(run)
    record_events(BILLING_PREVIEW_ASKED, [_subject(run)], actor=actor, on=on)


def _subject(run: BillingRun, payload: dict[str, Any] | None = None) -> Subject:
    return Subject(run.pk, seller_id=run.seller_id, payload=payload or {})


def forget_preview(run: BillingRun) -> None:
    """Take the sums away that are about to be computed anew, so that nobody reads or confirms them meanwhile."""
    BillingRun.objects.filter(pk=run.pk, state__in=PREVIEWS).update(
        stored_preview=None, chunks_seen=0, state="previewing"
    )


def preview_run(run: BillingRun, *, progress: Progress | None = None) -> Preview:
    """Compute everything the run would do, without a number and without a document, and store the sums."""
    with _look_of(run):
        forget_preview(run)
        preview = _look_at_all(run, "previewing", progress)
        computed = BillingRun.objects.filter(pk=run.pk, state="previewing")
        computed.update(stored_preview=preview.as_json(), state="previewed")
    run.refresh_from_db()
    return preview


def _look_at_all(run: BillingRun, state: str, progress: Progress | None = None) -> Preview:
    """What the run would do now. How far it got stands in the run, as long as the run is in that state: somebody may
    have confirmed or discarded it meanwhile."""
    chunks = _cut_into_chunks(run)
    drafter, sums = drafter_for(run), PreviewSums()
    for done, chunk in enumerate(chunks, 1):
        plans = plan_range(drafter, chunk.first_customer_id, chunk.last_customer_id)
        with transaction.atomic():
            park_customers(run.pk, [plan for plan in plans if plan.refusals], chunk)
        for plan in plans:
            sums.add(plan)
        sums.trim()
        BillingRun.objects.filter(pk=run.pk, state=state).update(chunks_seen=done)
        if progress:
            progress(done, len(chunks))
    return sums.preview(_last_run(run))


@transaction.atomic
def _cut_into_chunks(run: BillingRun) -> list[BillingChunk]:
    """Ranges over the customers of now, nobody parked yet; a run that issues or has ended keeps those it has.

    Cut at every look, so that who became a customer after the run was started is seen and billed.
    """
    locked = BillingRun.objects.select_for_update().get(pk=run.pk)
    if locked.state in (*PREVIEWS, "confirming"):
        run.chunks.all().delete()
        run.parked.filter(is_released=False).delete()
        with connection.cursor() as cursor:
            cursor.execute(_RANGES, [locked.contracts_per_chunk, *[run.seller_id] * 3])
            ranges = cursor.fetchall()
        BillingChunk.objects.bulk_create(
            BillingChunk(run=run, position=position, first_customer_id=first, last_customer_id=last)
            for position, (first, last) in enumerate(ranges)
        )
    return list(run.chunks.order_by("position"))


def _last_run(run: BillingRun) -> LastRun | None:
    last = BillingRun.objects.filter(seller_id=run.seller_id, state="finished").order_by("-id").first()
    if last is None:
        return None
    return LastRun(last.pk, last.billed_until, last.sums)


def confirm_run(
    run: BillingRun, *, issue_date: date, actor: Actor, on: date | None = None, progress: Progress | None = None
) -> BillingRun:
    """Take the confirmation and begin at once. Raises what both raise."""
    return begin_issuing(take_confirmation(run, issue_date=issue_date, actor=actor, on=on), progress=progress)


@transaction.atomic
def take_confirmation(run: BillingRun, *, issue_date: date, actor: Actor, on: date | None = None) -> BillingRun:
    """Note that somebody wants the run to issue what its preview shows; ``begin_issuing`` compares and lets it.

    ``on`` is the business date, by which a person's issue date is judged. Raises RunNotPreviewed, IssueDateInFuture,
    IssueDateFarAway, IssueDateTooEarly, AnotherRunIsRunning.
    """
    if on is not None and issue_date > on:
        raise IssueDateInFuture()
    if on is not None and (on - issue_date).days > DAYS_AWAY:
        raise IssueDateFarAway(days=DAYS_AWAY)
    refuse_early_date(run.seller_id, "invoice", issue_date)
    facts: dict[str, Any] = {
        "issue_date": issue_date,
        "confirmed_at": utc_now(),
        "confirmed_by_kind": actor.kind,
        "confirmed_by": actor.label[:150],
        "confirmed_by_user_id": actor.user_id,
        "chunks_seen": 0,
    }
    try:
        with transaction.atomic():
            confirmed = BillingRun.objects.filter(pk=run.pk, state="previewed").update(state="confirming", **facts)
    except IntegrityError as error:
        raise AnotherRunIsRunning() from error
    if not confirmed:
        raise RunNotPreviewed()
    run.refresh_from_db()
    subject = _subject(run, {"total_with_vat": str(run.sums.total_with_vat)})
    record_events(BILLING_RUN_CONFIRMED, [subject], actor=actor, on=issue_date)
    return run


@transaction.atomic
def ask_for_issuing(run: BillingRun, *, issue_date: date, on: date, actor: Actor) -> None:
    """Take the confirmation and let the worker compare and issue. Raises what ``take_confirmation`` raises."""
    take_confirmation(run, issue_date=issue_date, on=on, actor=actor)
    record_events(BILLING_ISSUING_ASKED, [_subject(run)], actor=actor, on=on)


@transaction.atomic
def resume_run(run: BillingRun, *, on: date, actor: Actor) -> bool:
    """Let the worker go on with a confirmed run that nobody works on any more. Returns whether it was one."""
    is_left = list_left_runs().filter(pk=run.pk).exists()
    if is_left:
        record_events(BILLING_ISSUING_ASKED, [_subject(run)], actor=actor, on=on)
    return is_left


def begin_issuing(run: BillingRun, *, progress: Progress | None = None) -> BillingRun:
    """Look at everything once more; if nothing changed since the preview, the chunks may issue documents from here on.

    Otherwise the new sums are the preview, which names what it was before (``changed_from``) and waits for
    another confirmation. Twice is once: who comes second waits, and finds the run as the first left it.
    Raises PreviewChanged.
    """
    with _look_of(run):
        run.refresh_from_db()
        if run.state == "confirming":
            _compare_and_let(run, progress)
    return run


def _compare_and_let(run: BillingRun, progress: Progress | None) -> None:
    assert run.preview is not None
    before = run.preview.seen
    after = _look_at_all(run, "confirming", progress)
    confirming = BillingRun.objects.filter(pk=run.pk, state="confirming")
    changes = _changes(before, after.seen)
    if changes:
        stored = replace(after, changed_from=before).as_json()
        confirming.update(state="previewed", stored_preview=stored, issue_date=None)
        raise PreviewChanged(changes=changes)
    confirming.update(state="running", stored_preview=after.as_json())
    run.refresh_from_db()


@contextmanager
def _look_of(run: BillingRun) -> Iterator[None]:
    """One look at a run at a time, for it cuts the chunks anew: a lock of the session, because a look takes many
    transactions and lets its progress be seen. It ends with the process, however that ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOOK_LOCK, run.pk])
    try:
        yield
    finally:
        if not connection.needs_rollback:  # else what is around us is rolled back, and the session ends
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOOK_LOCK, run.pk])


def _changes(before: SeenBefore, after: SeenBefore) -> str:
    """What differs, sum by sum; with equal sums, that others stand behind them. Empty if nothing differs."""
    changes = [f"{key}: {old} → {new}" for key, old, new in before.sums.changes_to(after.sums)]
    if not changes and before.fingerprint != after.fingerprint:
        return DomainError.translate(OTHER_CUSTOMERS)
    return ", ".join(changes)


@collector_paused()
def run_chunks(run: BillingRun, *, actor: Actor, progress: Progress | None = None) -> int:
    """Bill the chunks that are not done; several processes may do this at once. Returns how many this one did.

    Two threads take turns at planning: while the database takes the rows of one chunk, commits it or reads the next,
    the other is planned. Inside somebody's transaction there is only this thread.
    """
    open_ids = list(run.chunks.filter(is_done=False).order_by("position").values_list("id", flat=True))
    share = _Share(run, iter(open_ids), actor, progress)
    if connection.in_atomic_block or len(open_ids) < 2:
        return share.work()
    with ThreadPoolExecutor(max_workers=2) as threads:
        return sum(threads.map(lambda _: share.work_on_own_connection(), range(2)))


class _Share:
    """What one process does of a run: the chunks that are left, for one thread or two."""

    def __init__(self, run: BillingRun, todo: Iterator[int], actor: Actor, progress: Progress | None) -> None:
        assert run.issue_date is not None
        self.run, self.todo, self.actor, self.progress = run, todo, actor, progress
        self.drafter, self.issue_date, self.turn = drafter_for(run), run.issue_date, Lock()

    def work(self) -> int:
        """Bill one chunk after the other until none is left; return how many."""
        did = 0
        for chunk_id in self.todo:
            did += self._bill(chunk_id)
            if self.progress:
                total = self.run.chunks.count()
                self.progress(total - self.run.chunks.filter(is_done=False).count(), total)
        return did

    def work_on_own_connection(self) -> int:
        try:
            return self.work()
        finally:
            connection.close()

    def _bill(self, chunk_id: int) -> bool:
        """Where somebody issued a document with a later date meanwhile, the rest of the run takes that date: numbers
        follow dates (I-N2), and a run that was stopped must be able to end. Where the database refuses the chunk,
        the second attempt parks whom it refuses.
        """
        try:
            return self._bill_once(chunk_id)
        except IssueDateTooEarly as refusal:
            self.issue_date = refusal.params["last"]
        except REFUSED_BY_DATABASE:  # somebody billed one of its customers in this moment, or something is wrong
            pass
        return self._bill_once(chunk_id, is_careful=True)

    def _bill_once(self, chunk_id: int, *, is_careful: bool = False) -> bool:
        return bill_chunk(
            chunk_id,
            self.drafter,
            issue_date=self.issue_date,
            actor=self.actor,
            turn=self.turn,
            is_careful=is_careful,
        )


@transaction.atomic
def finish_run(run: BillingRun, *, on: date, actor: Actor) -> bool:
    """Close the run once every chunk is done, with its completeness report. Returns whether it is finished."""
    locked = BillingRun.objects.select_for_update().get(pk=run.pk)
    if locked.state != "running" or locked.chunks.filter(is_done=False).exists():
        return locked.state == "finished"
    locked.state = "finished"
    locked.finished_at = utc_now()
    locked.result = completeness_of(locked)
    locked.save(update_fields=["state", "finished_at", "result"])
    record_events(BILLING_RUN_FINISHED, [_subject(run, locked.result)], actor=actor, on=on)
    run.refresh_from_db()
    return True


@transaction.atomic
def discard_run(run: BillingRun, *, on: date, actor: Actor) -> None:
    """Throw a preview away. Raises RunNotDiscardable for a confirmed run."""
    discarded = BillingRun.objects.filter(pk=run.pk, state__in=PREVIEWS).update(state="discarded")
    if not discarded:
        raise RunNotDiscardable()
    ParkedCustomer.objects.filter(run=run).delete()
    record_events(BILLING_RUN_DISCARDED, [_subject(run)], actor=actor, on=on)


@transaction.atomic
def ask_for_retry(run: BillingRun, customer_ids: Sequence[int] | None = None, *, on: date, actor: Actor) -> None:
    """Let the worker bill parked customers of a finished run again: those named, or every one."""
    subject = _subject(run)
    if customer_ids is not None:
        subject = replace(subject, payload={**subject.payload, "customers": list(customer_ids)})
    record_events(BILLING_RETRY_ASKED, [subject], actor=actor, on=on)
