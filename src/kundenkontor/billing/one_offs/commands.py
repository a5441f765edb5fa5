"""One-off work and goods that join a customer's next invoice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction

from kundenkontor.billing.errors import OneOffAlreadyBilled
from kundenkontor.billing.models import Charge, OneOffItem
from kundenkontor.catalog.models import Product
from kundenkontor.contracts.models import Contract
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import ONE_OFF_ADDED, ONE_OFF_DISCARDED, EventName
from kundenkontor.invoicing.errors import ForeignLine
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.money import ZERO
from kundenkontor.parties.models import Customer


@transaction.atomic
def add_one_off(
    customer: Customer,
    name: str,
    net_price: Decimal,
    service_start: date,
    service_end: date,
    *,
    quantity: Decimal = Decimal(1),
    discount_percent: Decimal = ZERO,
    description: str = "",
    contract: Contract | None = None,
    product: Product | None = None,
    on: date,
    actor: Actor,
) -> OneOffItem:
    """Note one-off work to be billed in the first run that reaches its first day. Net price, at most six places.

    Raises ForeignLine for a contract of another customer or a product of another seller.
    """
    is_foreign = contract is not None and contract.customer_id != customer.pk
    if is_foreign or (product is not None and product.seller_id != customer.seller_id):
        raise ForeignLine()
    item = OneOffItem.objects.create(
        seller_id=customer.seller_id,
        customer=customer,
        contract=contract,
        product=product,
        name=name,
        description=description,
        quantity=quantity,
        net_price=net_price,
        discount_percent=discount_percent,
        service_start=service_start,
        service_end=service_end,
        created_at=utc_now(),
        created_by=actor.label[:150],
    )
    _record(ONE_OFF_ADDED, item, on=on, actor=actor)
    return item


@transaction.atomic
def discard_one_off(item: OneOffItem, *, on: date, actor: Actor) -> None:
    """Take a one-off item back before it is billed; twice is once. Raises OneOffAlreadyBilled.

    A run reads items with a share lock, so either it bills this one and we are refused, or it never sees it.
    """
    locked = OneOffItem.objects.select_for_update().get(pk=item.pk)
    if Charge.objects.filter(one_off_item=locked).exists():
        raise OneOffAlreadyBilled(name=locked.name)
    if locked.discarded_at is not None:
        return
    locked.discarded_at = utc_now()
    locked.save(update_fields=["discarded_at"])
    _record(ONE_OFF_DISCARDED, locked, on=on, actor=actor)


def _record(name: EventName, item: OneOffItem, *, on: date, actor: Actor) -> None:
    payload = {"name": item.name, "quantity": str(item.quantity), "net_price": str(item.net_price)}
    record_events(name, [Subject(item.pk, "", item.customer_id, item.seller_id, payload)], actor=actor, on=on)
