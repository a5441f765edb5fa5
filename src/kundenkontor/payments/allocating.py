"""Which open items a payment settles. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from kundenkontor.kernel.money import ZERO
from kundenkontor.payments.errors import AllocationTooLarge, AmountNotPositive, ItemNotFound, PaymentExceeded

_RF = re.compile(r"RF\d\d(?=[A-Z0-9])")


class Owed(Protocol):
    """What allocating needs of an open item."""

    pk: int
    number: str
    due_date: date
    open_amount: Decimal


Allocations = Sequence[tuple[int, Decimal]]


def is_named(number: str, reference: str) -> bool:
    """Whether a payment's reference names a document number, also inside an RF reference or broken by blanks.

    Banks cut and space references as they like, so only letters and digits are compared; digits before or after the
    number would make it another one: RE1 is not named by RE12.
    """
    condensed = _RF.sub(" ", re.sub(r"[^A-Z0-9]", "", reference.upper()))
    before = r"(?<!\d)" if number[:1].isdigit() else ""
    return re.search(f"{before}{re.escape(number.upper())}(?!\\d)", condensed) is not None


def named_in(reference: str, owed: Collection[Owed]) -> set[int]:
    """The items that a reference names, by ``is_named`` or apart from digits that stand behind a blank: a day, the
    customer's number. Of ``RE12 345`` the longer number counts where there is one."""
    sure = {item.pk: item.number.upper() for item in owed if is_named(item.number, reference)}
    longer = tuple(sure.values())
    apart = (item for item in owed if item.pk not in sure and _stands_apart(item.number.upper(), reference.upper()))
    return {*sure, *(item.pk for item in apart if not any(one.startswith(item.number.upper()) for one in longer))}


def _stands_apart(number: str, reference: str) -> bool:
    """Its letters and digits in their order, whatever signs are between them, and no other beside them."""
    spaced = "[^A-Z0-9]*".join(map(re.escape, number))
    return re.search(rf"(?<![A-Z0-9])(?:RF\d\d)?{spaced}(?![A-Z0-9])", reference) is not None


def allocate(amount: Decimal, reference: str, owed: Collection[Owed]) -> list[tuple[int, Decimal]]:
    """Named documents first, then the oldest due date; as far as the money goes. Returns (open item id, amount)."""
    named = named_in(reference, owed)
    order = sorted(owed, key=lambda item: (item.pk not in named, item.due_date, item.pk))
    found, left = [], amount
    for item in order:
        part = min(left, item.open_amount)
        if part > 0:
            found.append((item.pk, part))
            left -= part
    return found


def settle_in_turn(amount: Decimal, reference: str, owed: Collection[Owed]) -> list[tuple[int, Decimal]]:
    """``allocate``, and what the next payment finds open is less by it: preview and booking go over rows with this."""
    return take_off(allocate(amount, reference, owed), owed)


def take_off(parts: list[tuple[int, Decimal]], owed: Collection[Owed]) -> list[tuple[int, Decimal]]:
    """The parts, taken off what is open."""
    by_id = {item.pk: item for item in owed}
    for item_id, part in parts:
        by_id[item_id].open_amount -= part
    return parts


def check_allocations(amount: Decimal, wanted: Allocations, owed: Iterable[Owed]) -> list[tuple[int, Decimal]]:
    """What staff chose, one row per item. Raises ItemNotFound, AllocationTooLarge, PaymentExceeded (I-M10)."""
    by_id = {item.pk: item for item in owed}
    sums: dict[int, Decimal] = {}
    for item_id, part in wanted:
        if part <= 0:
            raise AmountNotPositive(field="allocations")
        sums[item_id] = sums.get(item_id, ZERO) + part
    for item_id, part in sums.items():
        if item_id not in by_id:
            raise ItemNotFound()
        if part > by_id[item_id].open_amount:
            raise AllocationTooLarge(available=by_id[item_id].open_amount, number=by_id[item_id].number)
    if sum(sums.values(), ZERO) > amount:
        raise PaymentExceeded(amount=amount)
    return sorted(sums.items())
