"""Background entries of delivery."""

from __future__ import annotations

from kundenkontor.delivery.commands import deliver_waiting
from kundenkontor.delivery.reminders import send_reminders
from kundenkontor.events.actor import SYSTEM, Actor
from kundenkontor.events.queries import business_date
from kundenkontor.jobs.declaring import job
from kundenkontor.papers.kinds import kind_of
from kundenkontor.parties.models import Seller


@job("deliver", queue="delivery")
def deliver(kind: str, ids: list[int], actor: Actor) -> None:
    """Mail planned papers of a kind whose PDF exists."""
    deliver_waiting(kind_of(kind), ids, on=business_date(), actor=actor)


@job("remind", queue="delivery")
def remind(seller_id: int) -> None:
    """Send a seller's reminders of today."""
    seller = Seller.objects.get(pk=seller_id)
    send_reminders(seller, on=business_date(seller.zone), actor=SYSTEM)
