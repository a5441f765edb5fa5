"""Changing products and list prices. Contracts keep the prices they agreed on."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from kundenkontor.catalog.errors import PriceBeginsThatDay, PriceEndsBeforeItBegins, PricesOverlap, ProductCodeTaken
from kundenkontor.catalog.models import Price, Product
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import PRODUCT_CHANGED, PRODUCT_CREATED, PRODUCT_PRICE_ADDED, EventName
from kundenkontor.parties.models import Seller

DAY = timedelta(days=1)


@transaction.atomic
def create_product(
    seller: Seller, *, code: str, name: str, group: str, is_divisible: bool, on: date, actor: Actor
) -> Product:
    """Make a product with the standard VAT nature. Raises ProductCodeTaken."""
    try:
        with transaction.atomic():
            product = Product.objects.create(
                seller=seller, code=code, name=name, group=group, is_divisible=is_divisible
            )
    except IntegrityError as error:
        raise ProductCodeTaken(code) from error
    _record(PRODUCT_CREATED, product, {"name": name}, on=on, actor=actor)
    return product


@transaction.atomic
def change_product(
    product: Product, *, name: str, group: str, is_divisible: bool, is_active: bool, on: date, actor: Actor
) -> None:
    """Change a product for what is billed from now on; issued lines keep their words."""
    locked = Product.objects.select_for_update().get(pk=product.pk)
    wished = {"name": name, "group": group, "is_divisible": is_divisible, "is_active": is_active}
    changes = {key: [getattr(locked, key), value] for key, value in wished.items() if getattr(locked, key) != value}
    if not changes:
        return
    for key, value in wished.items():
        setattr(locked, key, value)
    locked.save(update_fields=list(changes))
    _record(PRODUCT_CHANGED, locked, changes, on=on, actor=actor)


@transaction.atomic
def add_price(
    product: Product,
    *,
    period_months: int,
    amount: Decimal,
    is_gross: bool,
    set_up_fee: Decimal,
    valid_from: date,
    valid_to: date | None,
    on: date,
    actor: Actor,
) -> Price:
    """Let a list price begin on a day; the one before it ends the day before.

    ``amount`` is for one whole period. Raises PriceBeginsThatDay, PriceEndsBeforeItBegins, PricesOverlap.
    """
    Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    if valid_to is not None and valid_to < valid_from:
        raise PriceEndsBeforeItBegins()
    rows = list(Price.objects.filter(product=product, period_months=period_months).order_by("valid_from"))
    if any(row.valid_from == valid_from for row in rows):
        raise PriceBeginsThatDay(day=valid_from)
    following = next((row for row in rows if row.valid_from > valid_from), None)
    if following is not None:
        if valid_to is not None and valid_to >= following.valid_from:
            raise PricesOverlap(day=following.valid_from)
        valid_to = valid_to or following.valid_from - DAY
    _end_before(rows, valid_from)
    price = Price.objects.create(
        product=product,
        period_months=period_months,
        amount=amount,
        is_gross=is_gross,
        set_up_fee=set_up_fee,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    payload = {"period_months": period_months, "amount": str(amount), "valid_from": valid_from.isoformat()}
    _record(PRODUCT_PRICE_ADDED, product, payload, on=on, actor=actor)
    return price


def _end_before(rows: list[Price], day: date) -> None:
    former = next((row for row in reversed(rows) if row.valid_from < day), None)
    if former is not None and (former.valid_to is None or former.valid_to >= day):
        former.valid_to = day - DAY
        former.save(update_fields=["valid_to"])


def _record(name: EventName, product: Product, payload: dict[str, Any], *, on: date, actor: Actor) -> None:
    record_events(name, [Subject(product.pk, product.code, None, product.seller_id, payload)], actor=actor, on=on)
