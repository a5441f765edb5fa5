"""Background entry of VAT id checks."""

from __future__ import annotations

from kundenkontor.events.actor import Actor
from kundenkontor.events.queries import business_date
from kundenkontor.jobs.declaring import job
from kundenkontor.parties.models import Customer
from kundenkontor.taxes import commands
from kundenkontor.taxes.vies import configured_checker


@job("check_vat_ids", queue="taxes")
def check_vat_ids(customer_ids: list[int], actor: Actor) -> None:
    """Ask about the VAT ids of customers of one seller that are still unchecked; safe to repeat."""
    customers = list(
        Customer.objects.filter(pk__in=customer_ids, vat_id_state="unchecked").select_related("seller").order_by("pk")
    )
    if customers:
        on = business_date(customers[0].seller.zone)
        commands.check_vat_ids(customers, configured_checker(), on=on, actor=actor)
