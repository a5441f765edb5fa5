"""Background entries of access."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from kundenkontor.access.commands import send_access
from kundenkontor.access.queries import reachable, without_login
from kundenkontor.events.actor import Actor
from kundenkontor.events.queries import business_date
from kundenkontor.jobs.declaring import job


@job("send_access_to_all", queue="access")
def send_access_to_all(seller_id: int | None, actor: Actor, customer_ids: list[int] | None = None) -> None:
    """Let everybody in who has no login yet, or those of the customers named, address by address; a repeat goes on
    where it stopped."""
    rows = reachable(without_login(seller_id)).select_related("seller").order_by("address", "pk")
    rows = rows if customer_ids is None else rows.filter(pk__in=customer_ids)
    pairs = list(rows.values_list("address", "pk"))
    for _address, group in groupby(pairs, key=itemgetter(0)):
        part = rows.filter(pk__in=[pk for _, pk in group])
        send_access(part, on=business_date(), actor=actor)
