"""Background entries of invoicing."""

from __future__ import annotations

from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.background import job
from kundenkontor.events.queries import business_date
from kundenkontor.invoicing.commands.files import render_invoices


@job("render", queue="render")
def render(invoice_ids: list[int]) -> None:
    """Make PDF and XML of up to 500 documents."""
    render_invoices(invoice_ids, on=business_date(), actor=SYSTEM)
