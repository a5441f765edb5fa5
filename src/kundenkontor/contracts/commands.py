"""Changing contracts. What billed periods rest on stays; the rest counts from the next unbilled period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pghistory
from django.db import IntegrityError, transaction

from kundenkontor.catalog.models import Product
from kundenkontor.contracts import errors
from kundenkontor.contracts.billed import Billed, billed_of
from kundenkontor.contracts.models import Contract, ContractPrice
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import (
    CONTRACT_CHANGED,
    CONTRACT_CREATED,
    CONTRACT_END_TAKEN_BACK,
    CONTRACT_ENDED,
    CONTRACT_PRICE_CHANGED,
    CONTRACT_PRICE_WITHDRAWN,
    EventName,
)
from kundenkontor.parties.models import Customer

DAY = timedelta(days=1)
FREE_COLUMNS = (
    "description", "identifier", "quantity", "discount_percent", "discount_until", "order_number",
    "buyer_reference", "cost_centre",
)  # fmt: skip
FIXED_WHEN_BILLED = ("product_id", "period_months", "start_date", "cut_over_date")
COLUMNS = (*FREE_COLUMNS, *FIXED_WHEN_BILLED, "set_up_fee", "end_date")


@dataclass(frozen=True, slots=True)
class AgreedPrice:
    """Per whole period; net, or gross where so agreed."""

    amount: Decimal
    is_gross: bool


@transaction.atomic
def create_contract(
    customer: Customer, number: str, values: Mapping[str, Any], price: AgreedPrice, *, on: date, actor: Actor
) -> Contract:
    """Make a contract of a customer with its first price; ``values`` are columns of ``COLUMNS``.

    Raises ContractNumberTaken, ForeignProduct, EndBeforeStart.
    """
    contract = Contract(seller_id=customer.seller_id, customer=customer, number=number.strip())
    _set(contract, values)
    _refuse_wrong(contract)
    try:
        with transaction.atomic():
            contract.save(force_insert=True)
    except IntegrityError as error:
        raise errors.ContractNumberTaken(number=contract.number) from error
    ContractPrice.objects.create(
        contract=contract,
        customer=customer,
        valid_from=contract.start_date,
        amount=price.amount,
        is_gross=price.is_gross,
    )
    _record(CONTRACT_CREATED, contract, {"price": str(price.amount)}, on=on, actor=actor)
    return contract


@transaction.atomic
def change_contract(contract: Contract, values: Mapping[str, Any], *, on: date, actor: Actor) -> frozenset[str]:
    """Change columns of a contract but its end, price, number and customer. Returns the changed columns.

    Raises AlreadyBilled (field names the column), SetUpAlreadyBilled, SetUpTooLate, ForeignProduct,
    EndBeforeStart.
    """
    locked, billed = _lock(contract)
    before = {name: getattr(locked, name) for name in values}
    _set(locked, values)
    changed = frozenset(name for name, value in before.items() if getattr(locked, name) != value)
    if not changed:
        return changed
    _refuse_billed(locked, changed, billed)
    _refuse_wrong(locked)
    with pghistory.context(actor=actor.label, command="change_contract"):
        locked.save(update_fields=sorted(changed))
        if "start_date" in changed:
            _move_first_price(locked)
    _record(CONTRACT_CHANGED, locked, {"fields": sorted(changed)}, on=on, actor=actor)
    return changed


def _refuse_billed(contract: Contract, changed: frozenset[str], billed: Billed) -> None:
    if billed.until is not None:
        for name in FIXED_WHEN_BILLED:
            if name in changed:
                raise errors.AlreadyBilled(field=name.removesuffix("_id"), until=billed.until)
    if billed.is_set_up and "set_up_fee" in changed:
        raise errors.SetUpAlreadyBilled()
    if billed.until is not None and "set_up_fee" in changed and contract.set_up_fee:
        raise errors.SetUpTooLate(until=billed.until)


def _move_first_price(contract: Contract) -> None:
    """The first price begins with the contract; prices that would begin before it are gone."""
    prices = list(ContractPrice.objects.filter(contract=contract).order_by("valid_from"))
    holding = [price for price in prices if price.valid_from <= contract.start_date] or prices[:1]
    for price in holding[:-1]:
        price.delete()
    holding[-1].valid_from = contract.start_date
    holding[-1].save(update_fields=["valid_from"])


@transaction.atomic
def end_contract(
    contract: Contract, end_date: date | None, *, credits_rest: bool = False, on: date, actor: Actor
) -> None:
    """Set the last day of service, or take it back (None). The running period is cut there if the product is divisible.

    An end before what was billed needs ``credits_rest``: staff then correct the invoice. Raises EndBeforeStart,
    EndAlreadyBilled.
    """
    locked, billed = _lock(contract)
    if locked.end_date == end_date:
        return
    locked.end_date = end_date
    _refuse_wrong(locked)
    if end_date is not None and billed.until is not None and end_date < billed.until and not credits_rest:
        raise errors.EndAlreadyBilled(until=billed.until)
    with pghistory.context(actor=actor.label, command="end_contract"):
        locked.save(update_fields=["end_date"])
    payload = {"end_date": end_date.isoformat() if end_date else None, "credits_rest": credits_rest}
    _record(CONTRACT_ENDED if end_date else CONTRACT_END_TAKEN_BACK, locked, payload, on=on, actor=actor)


@transaction.atomic
def change_price(contract: Contract, price: AgreedPrice, *, valid_from: date, on: date, actor: Actor) -> ContractPrice:
    """Let a price hold for periods beginning on or after a day; one that begins the same day is replaced.

    Raises PriceBeforeStart, PriceAlreadyBilled.
    """
    locked, billed = _lock(contract)
    if valid_from < locked.start_date:
        raise errors.PriceBeforeStart()
    _refuse_billed_price(billed, valid_from)
    with pghistory.context(actor=actor.label, command="change_price"):
        row, _ = ContractPrice.objects.update_or_create(
            contract=locked,
            valid_from=valid_from,
            defaults={"customer_id": locked.customer_id, "amount": price.amount, "is_gross": price.is_gross},
        )
    payload = {"amount": str(price.amount), "is_gross": price.is_gross, "valid_from": valid_from.isoformat()}
    _record(CONTRACT_PRICE_CHANGED, locked, payload, on=on, actor=actor)
    return row


@transaction.atomic
def withdraw_price(price: ContractPrice, *, on: date, actor: Actor) -> None:
    """Take a price back that nothing was billed by. Raises FirstPriceStays, PriceAlreadyBilled."""
    locked, billed = _lock(price.contract)
    if price.valid_from <= locked.start_date:
        raise errors.FirstPriceStays()
    _refuse_billed_price(billed, price.valid_from)
    payload = {"amount": str(price.amount), "valid_from": price.valid_from.isoformat()}
    with pghistory.context(actor=actor.label, command="withdraw_price"):
        price.delete()
    _record(CONTRACT_PRICE_WITHDRAWN, locked, payload, on=on, actor=actor)


def _refuse_billed_price(billed: Billed, valid_from: date) -> None:
    """A price must not claim a billed period: it begins after the first day of the last one."""
    if billed.last_start is not None and valid_from <= billed.last_start:
        earliest = billed.last_start + DAY
        raise errors.PriceAlreadyBilled(start=billed.last_start, earliest=earliest)


def _lock(contract: Contract) -> tuple[Contract, Billed]:
    """The contract's row, locked against a run that bills it, and what was billed of it."""
    locked = Contract.objects.select_for_update().get(pk=contract.pk)
    return locked, billed_of(locked.pk)


def _set(contract: Contract, values: Mapping[str, Any]) -> None:
    unknown = set(values) - set(COLUMNS)
    assert not unknown, unknown
    for name, value in values.items():
        setattr(contract, name, value.strip() if isinstance(value, str) else value)


def _refuse_wrong(contract: Contract) -> None:
    if contract.end_date is not None and contract.end_date < contract.start_date:
        raise errors.EndBeforeStart()
    if Product.objects.only("seller_id").get(pk=contract.product_id).seller_id != contract.seller_id:
        raise errors.ForeignProduct()


def _record(name: EventName, contract: Contract, payload: dict[str, Any], *, on: date, actor: Actor) -> None:
    subject = Subject(contract.pk, contract.number, contract.customer_id, contract.seller_id, payload)
    record_events(name, [subject], actor=actor, on=on)
