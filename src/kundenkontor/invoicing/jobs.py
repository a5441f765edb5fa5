"""Background entries of invoicing."""

from __future__ import annotations

from kundenkontor.events.actor import Actor
from kundenkontor.events.queries import business_date
from kundenkontor.invoicing.papers.commands import render_invoices
from kundenkontor.invoicing.papers.sampling import sample_rules
from kundenkontor.jobs.declaring import job


@job("render", queue="render")
def render(invoice_ids: list[int], actor: Actor) -> None:
    """Make PDF and XML of up to 500 documents."""
    render_invoices(invoice_ids, on=business_date(), actor=actor)


@job("sample_rules", queue="checks", cron="*/10 * * * *", only_one=True)
def judge_sample(timestamp: int = 0) -> None:
    """Ask the official rules about some of the documents rendered since the last time."""
    sample_rules()
