"""Parked customers of a run: billed again after their data were mended, or let pass a safety bound."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from kundenkontor.billing.drafting.drafting import Drafter
from kundenkontor.billing.errors import RunNotReleasable
from kundenkontor.billing.models import RELEASABLE, BillingChunk, BillingRun, ParkedCustomer
from kundenkontor.billing.queries import completeness_of
from kundenkontor.billing.reasons import MAY_PASS
from kundenkontor.billing.runs.chunks import REFUSED_BY_DATABASE, bill_chunk, drafter_for
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import BILLING_SAFETY_BOUND_RELEASED


def retry_parked(run: BillingRun, customer_ids: Sequence[int], *, on: date, actor: Actor) -> int:
    """Bill parked customers of a confirmed run after their data were repaired, each in a chunk of its own.

    Returns how many invoices were issued; who is still refused stays parked with the reasons of now.
    """
    drafter = drafter_for(run)
    issued = 0
    for customer_id in sorted(set(customer_ids)):
        try:
            issued += _retry_one(run, customer_id, drafter, on=on, actor=actor)
        except REFUSED_BY_DATABASE:  # another run billed the same periods in this moment, or something is wrong
            issued += _retry_one(run, customer_id, drafter, on=on, actor=actor, is_careful=True)
    if run.state == "finished":
        BillingRun.objects.filter(pk=run.pk).update(result=completeness_of(run))
    return issued


@transaction.atomic
def _retry_one(
    run: BillingRun, customer_id: int, drafter: Drafter, *, on: date, actor: Actor, is_careful: bool = False
) -> int:
    """One parked customer in a chunk of its own; if it stays parked, what staff let pass holds for the next attempt.

    Returns how many invoices were issued.
    """
    BillingRun.objects.select_for_update().get(pk=run.pk)
    chunk = BillingChunk.objects.create(
        run=run, position=run.chunks.count(), first_customer_id=customer_id, last_customer_id=customer_id
    )
    bill_chunk(chunk.pk, drafter, issue_date=on, actor=actor, is_careful=is_careful)
    chunk.refresh_from_db()
    return chunk.invoices


@transaction.atomic
def release_parked(run: BillingRun, customer_id: int, *, on: date, actor: Actor) -> None:
    """Staff looked at the safety bound of a customer and let it pass in this run, up to the sum and the number of
    periods that it was parked with (I-B5); or they let a collective invoice of too many lines be split. Logged.

    Raises RunNotReleasable: what a confirmed run issues stands in the preview that was confirmed.
    """
    locked = BillingRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if locked.state not in RELEASABLE:
        raise RunNotReleasable()
    parked = ParkedCustomer.objects.filter(run=run, customer_id=customer_id, code__in=MAY_PASS)
    payload = {"run": run.pk, "amounts": [str(row.amount) for row in parked]}
    parked.update(is_released=True)
    subject = Subject(run.pk, customer_id=customer_id, seller_id=run.seller_id, payload=payload)
    record_events(BILLING_SAFETY_BOUND_RELEASED, [subject], actor=actor, on=on)
