"""Background entries of billing: load the run, call the commands."""

from __future__ import annotations

from kundenkontor.billing.errors import PreviewChanged
from kundenkontor.billing.models import PREVIEWS, BillingRun, ParkedCustomer
from kundenkontor.billing.runs import commands, parked_commands
from kundenkontor.events.actor import Actor
from kundenkontor.events.queries import business_date
from kundenkontor.jobs.declaring import job


@job("preview_run", queue="billing")
def preview_run(run_id: int) -> None:
    """Compute a preview; its progress stands in the run."""
    run = BillingRun.objects.get(pk=run_id)
    if run.state in PREVIEWS:
        commands.preview_run(run)


@job("bill_run", queue="billing")
def bill_run(run_id: int) -> None:
    """Issue what is left of a confirmed run, then close it. Killed, it starts again where it stopped.

    If the preview no longer holds, the run waits for another confirmation and its page says what changed.
    """
    run = BillingRun.objects.select_related("seller").get(pk=run_id)
    try:
        commands.begin_issuing(run)
    except PreviewChanged:
        return
    if run.state != "running":
        return
    commands.run_chunks(run, actor=run.confirmer)
    commands.finish_run(run, on=business_date(run.seller.zone), actor=run.confirmer)


@job("retry_parked", queue="billing")
def retry_parked(run_id: int, actor: Actor, customer_ids: list[int] | None = None) -> None:
    """Bill parked customers of a finished run again, those named or all; killed, a repeat bills who is left."""
    run = BillingRun.objects.select_related("seller").get(pk=run_id)
    rows = ParkedCustomer.objects.filter(run=run)
    rows = rows if customer_ids is None else rows.filter(customer_id__in=customer_ids)
    ids = list(rows.values_list("customer_id", flat=True).distinct())
    parked_commands.retry_parked(run, ids, on=business_date(run.seller.zone), actor=actor)
