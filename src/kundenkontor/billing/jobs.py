"""Background entries of billing: load the run, call the commands."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kundenkontor.billing.commands import finish_run, preview_run, run_chunks
from kundenkontor.billing.models import BillingRun
from kundenkontor.events.actor import Actor
from kundenkontor.events.queries import business_date


@app.task(name="kundenkontor.preview_run", queue="billing")
def preview(run_id: int) -> None:
    """Compute a preview; its progress stands in the run."""
    run = BillingRun.objects.get(pk=run_id)
    if run.state in ("previewing", "previewed"):
        preview_run(run)


@app.task(name="kundenkontor.bill_run", queue="billing", retry=5)
def bill(run_id: int) -> None:
    """Issue what is left of a confirmed run, then close it. Killed, it starts again where it stopped."""
    run = BillingRun.objects.select_related("seller").get(pk=run_id)
    if run.state != "running":
        return
    actor = Actor("system", run.confirmed_by or "system")
    run_chunks(run, actor=actor)
    finish_run(run, on=business_date(run.seller.zone), actor=actor)
