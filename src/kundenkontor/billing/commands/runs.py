"""A billing run from preview to completeness report. No number exists before it is confirmed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction

from kundenkontor.billing.commands.chunks import bill_chunk, drafter_for, park_customers, plan_range
from kundenkontor.billing.drafting import CustomerPlan
from kundenkontor.billing.errors import (
    AnotherRunIsRunning,
    IssueDateFarAway,
    PreviewChanged,
    RunNotDiscardable,
    RunNotPreviewed,
)
from kundenkontor.billing.models import COMPARED_SUMS, PREVIEWS, BillingChunk, BillingRun, ParkedCustomer
from kundenkontor.billing.queries import completeness_of
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.invoicing.commands.numbering import refuse_early_date
from kundenkontor.invoicing.errors import IssueDateTooEarly
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.money import ZERO
from kundenkontor.parties.models import Seller

CONTRACTS_PER_CHUNK = 5000
DAYS_AWAY = 31
Progress = Callable[[int, int], None]

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
    """Open a run and cut the seller's customers into chunks; earlier previews of the seller are discarded."""
    BillingRun.objects.filter(seller=seller, state__in=PREVIEWS).update(state="discarded")
    run = BillingRun.objects.create(
        seller=seller, billed_until=billed_until, state="previewing", started_by=actor.label, created_at=utc_now()
    )
    with connection.cursor() as cursor:
        cursor.execute(_RANGES, [per_chunk, seller.pk, seller.pk, seller.pk])
        ranges = cursor.fetchall()
    BillingChunk.objects.bulk_create(
        [
            BillingChunk(run=run, position=position, first_customer_id=first, last_customer_id=last)
            for position, (first, last) in enumerate(ranges)
        ]
    )
    payload = {"billed_until": billed_until.isoformat()}
    record_events("billing.run_started", [Subject(run.pk, seller_id=seller.pk, payload=payload)], actor=actor, on=on)
    return run


class _Sums:
    """What a preview adds up while it looks at one chunk after the other."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.total_without_vat = ZERO
        self.total_with_vat = ZERO
        self.by_product: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        self.by_vat: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        self.largest: list[tuple[Decimal, int, str]] = []

    def add(self, plan: CustomerPlan) -> None:
        if plan.refusals:
            self.counts["parked"] += 1
            return
        self.counts["customers"] += 1
        self.counts["invoices"] += len(plan.invoices)
        self.total_without_vat += plan.total_without_vat
        self.total_with_vat += plan.total_with_vat
        self.largest.append((plan.total_with_vat, plan.buyer.id, plan.buyer.number))
        for invoice in plan.invoices:
            self.counts["lines"] += len(invoice.draft.lines)
            for line in invoice.draft.lines:
                self.by_product[line.item_name] += line.net_amount
                self.by_vat[f"{line.vat_category} {line.vat_rate.normalize():f} {line.country}"] += line.net_amount

    def trim(self) -> None:
        self.largest = sorted(self.largest, reverse=True)[:20]

    def as_json(self) -> dict[str, Any]:
        self.trim()
        return {
            **{key: self.counts[key] for key in ("customers", "invoices", "lines", "parked")},
            "total_without_vat": str(self.total_without_vat),
            "total_with_vat": str(self.total_with_vat),
            "by_product": [[name, str(sum_)] for name, sum_ in sorted(self.by_product.items(), key=lambda x: -x[1])],
            "by_vat": [[name, str(sum_)] for name, sum_ in sorted(self.by_vat.items())],
            "largest": [[number, id_, str(total)] for total, id_, number in self.largest],
        }


def preview_run(run: BillingRun, *, progress: Progress | None = None) -> dict[str, Any]:
    """Compute everything the run would do, without a number and without a document, and store the sums."""
    BillingRun.objects.filter(pk=run.pk, state__in=PREVIEWS).update(preview={}, state="previewing")
    preview = _look_at_all(run, {}, progress)
    BillingRun.objects.filter(pk=run.pk, state="previewing").update(preview=preview, state="previewed")
    run.refresh_from_db()
    return preview


def _look_at_all(run: BillingRun, kept: dict[str, Any], progress: Progress | None = None) -> dict[str, Any]:
    """The sums of now. How far it got stands in the run beside what is ``kept`` of an earlier preview."""
    drafter, sums = drafter_for(run), _Sums()
    chunks = list(run.chunks.order_by("position"))
    for done, chunk in enumerate(chunks, 1):
        plans = plan_range(drafter, chunk.first_customer_id, chunk.last_customer_id)
        with transaction.atomic():
            park_customers(run.pk, [plan for plan in plans if plan.refusals], chunk)
        for plan in plans:
            sums.add(plan)
        sums.trim()
        BillingRun.objects.filter(pk=run.pk).update(preview=kept | {"done": done, "of": len(chunks)})
        if progress:
            progress(done, len(chunks))
    return sums.as_json() | {"last_run": _last_result(run)}


def _last_result(run: BillingRun) -> dict[str, Any] | None:
    """The sums of the seller's last finished run, to compare with."""
    last = BillingRun.objects.filter(seller_id=run.seller_id, state="finished").order_by("-id").first()
    if last is None:
        return None
    return {"id": last.pk, "billed_until": last.billed_until.isoformat(), **last.preview_sums}


def confirm_run(
    run: BillingRun, *, issue_date: date, actor: Actor, on: date | None = None, progress: Progress | None = None
) -> BillingRun:
    """Take the confirmation and begin at once. Raises what both raise."""
    return begin_issuing(take_confirmation(run, issue_date=issue_date, actor=actor, on=on), progress=progress)


@transaction.atomic
def take_confirmation(run: BillingRun, *, issue_date: date, actor: Actor, on: date | None = None) -> BillingRun:
    """Note that somebody wants the run to issue what its preview shows; ``begin_issuing`` compares and lets it.

    ``on`` is the business date, by which a person's issue date is judged. Raises RunNotPreviewed, IssueDateFarAway,
    IssueDateTooEarly, AnotherRunIsRunning.
    """
    if on is not None and abs((issue_date - on).days) > DAYS_AWAY:
        raise IssueDateFarAway(days=DAYS_AWAY)
    refuse_early_date(run.seller_id, "invoice", issue_date)
    facts = {"issue_date": issue_date, "confirmed_at": utc_now(), "confirmed_by": actor.label}
    try:
        with transaction.atomic():
            confirmed = BillingRun.objects.filter(pk=run.pk, state="previewed").update(state="confirming", **facts)
    except IntegrityError as error:
        raise AnotherRunIsRunning() from error
    if not confirmed:
        raise RunNotPreviewed()
    run.refresh_from_db()
    subject = Subject(run.pk, seller_id=run.seller_id, payload={"total_with_vat": run.preview["total_with_vat"]})
    record_events("billing.run_confirmed", [subject], actor=actor, on=issue_date)
    return run


def begin_issuing(run: BillingRun, *, progress: Progress | None = None) -> BillingRun:
    """Look at everything once more; if nothing changed since the preview, the chunks may issue documents from here on.

    Otherwise the new sums are the preview, which names what it was before (``changed_from``) and waits for
    another confirmation. Twice is once. Raises PreviewChanged.
    """
    if run.state != "confirming":
        return run
    before = {key: run.preview.get(key) for key in COMPARED_SUMS}
    after = _look_at_all(run, run.preview, progress)
    changes = [key for key in COMPARED_SUMS if before[key] != after[key]]
    confirming = BillingRun.objects.filter(pk=run.pk, state="confirming")
    if changes:
        confirming.update(state="previewed", preview=after | {"changed_from": before}, issue_date=None)
        raise PreviewChanged(changes=", ".join(f"{key}: {before[key]} → {after[key]}" for key in changes))
    confirming.update(state="running", preview=after)
    run.refresh_from_db()
    return run


def run_chunks(run: BillingRun, *, actor: Actor, progress: Progress | None = None) -> int:
    """Bill the chunks that are not done; several processes may do this at once. Returns how many this one did.

    Where somebody issued a document with a later date meanwhile, the rest of the run takes that date: numbers follow
    dates (I-N2), and a run that was stopped must be able to end.
    """
    assert run.issue_date is not None
    drafter, issue_date = drafter_for(run), run.issue_date
    open_ids = list(run.chunks.filter(is_done=False).order_by("position").values_list("id", flat=True))
    total, did = run.chunks.count(), 0
    for chunk_id in open_ids:
        try:
            did += bill_chunk(chunk_id, drafter, issue_date=issue_date, actor=actor)
        except IssueDateTooEarly as refusal:
            issue_date = refusal.params["last"]
            did += bill_chunk(chunk_id, drafter, issue_date=issue_date, actor=actor)
        except IntegrityError:  # somebody billed one of its customers in this moment: look again
            did += bill_chunk(chunk_id, drafter, issue_date=issue_date, actor=actor)
        if progress:
            progress(total - run.chunks.filter(is_done=False).count(), total)
    return did


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
    subject = Subject(run.pk, seller_id=run.seller_id, payload=locked.result)
    record_events("billing.run_finished", [subject], actor=actor, on=on)
    run.refresh_from_db()
    return True


@transaction.atomic
def discard_run(run: BillingRun, *, on: date, actor: Actor) -> None:
    """Throw a preview away. Raises RunNotDiscardable for a confirmed run."""
    discarded = BillingRun.objects.filter(pk=run.pk, state__in=PREVIEWS).update(state="discarded")
    if not discarded:
        raise RunNotDiscardable()
    ParkedCustomer.objects.filter(run=run).delete()
    record_events("billing.run_discarded", [Subject(run.pk, seller_id=run.seller_id)], actor=actor, on=on)
