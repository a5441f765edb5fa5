"""Prices agreed with VAT: the net amounts of their lines, and the difference to be paid. Pure; in the hot path of runs.

Per category and rate the net of all such lines comes from their sum and is spread over them, so that cents do not pile
up with the number of lines. The payable amount stays what was agreed, which BT-114 shows: at most a cent per rate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from kundenkontor.invoicing.issuing.lines import ONE, ONE_UNIT, DraftLine, Measure
from kundenkontor.invoicing.issuing.totals import (
    HUNDRED,
    MICRO,
    Totals,
    line_allowance,
    line_net_amount,
    vat_of,
)
from kundenkontor.kernel.money import CENT, ZERO, round_cents

GroupKey = tuple[str, Decimal]  # category and rate


@lru_cache(maxsize=65536)
def net_of(gross: Decimal, rate: Decimal) -> Decimal:
    """The net amount of all that was agreed with VAT at one rate."""
    return round_cents(gross * HUNDRED / (HUNDRED + rate))


def spread_net(net: Decimal, agreed: Sequence[Decimal], rate: Decimal) -> list[Decimal]:
    """Spread a net amount over sums agreed with VAT, by largest remainder; the parts sum exactly to the whole (I-T5).

    Each gets its own net amount rounded down (towards minus infinity), and those with the largest remainders a cent
    more. Equal remainders: the earlier one.
    """
    if len(agreed) == 1:
        return [net]
    floors = [_floor(gross, rate) for gross in agreed]
    left = int((net - sum([floor for floor, _ in floors], ZERO)) / CENT)
    of_each, more = divmod(left, len(floors))
    order = sorted(range(len(floors)), key=lambda index: -floors[index][1])
    ahead = set(order[:more])
    return [floor + CENT * (of_each + (index in ahead)) for index, (floor, _) in enumerate(floors)]


@lru_cache(maxsize=65536)
def _floor(gross: Decimal, rate: Decimal) -> tuple[Decimal, int]:
    """The net amount of one sum, rounded down, and what is left, in whole numbers: equal remainders are equal."""
    cents, rest = divmod(int(gross * HUNDRED) * 10_000, int((HUNDRED + rate) * HUNDRED))
    return cents * CENT, rest


@lru_cache(maxsize=65536)
def rounding_of(taxable: Decimal, gross: Decimal, rate: Decimal) -> Decimal:
    """BT-114 of one rate: what was agreed with VAT, and the net lines with a VAT of their own, less what the sums of
    EN 16931 come to. ``gross`` is the sum agreed in it."""
    net = taxable - net_of(gross, rate)
    return gross + net + vat_of(net, rate) - taxable - vat_of(taxable, rate)


def payable_of(totals: Totals, agreed: Mapping[GroupKey, Decimal]) -> Decimal:
    """What is to be paid. ``agreed``: the sums agreed with VAT by category and rate."""
    payable = totals.total_with_vat
    for category, rate, taxable, _ in totals.vat_breakdown:
        gross = agreed.get((category, rate))
        if gross is not None:
            payable += rounding_of(taxable, gross, rate)
    return payable


@lru_cache(maxsize=65536)
def with_net(measure: Measure, net: Decimal) -> Measure:
    """The measure with another net amount, carried by its price in six places.

    Where no such price gives it, the base quantity is the quantity and the price what all of it costs, so that the net
    amount is still round(quantity x price / base quantity) less allowance.
    """
    quantity, base, _, former, discount, *_ = measure
    if net == former:
        return measure
    price = (net * base * HUNDRED / (quantity * (HUNDRED - discount))).quantize(MICRO) + ZERO
    if line_net_amount(quantity, price, discount, base) == net:
        allowance = line_allowance(quantity, price, discount, base) if discount else ZERO
        return measure._replace(net_price=price, net_amount=net, allowance_amount=allowance)
    full = round_cents(net * HUNDRED / (HUNDRED - discount))
    return measure._replace(
        base_quantity=abs(quantity),
        net_price=full * ONE.copy_sign(quantity),
        net_amount=net,
        allowance_amount=full - net,
        unit=measure.unit if base == ONE else ONE_UNIT,  # days of a whole became a sum
    )


def agreed_by_rate(lines: Sequence[DraftLine]) -> dict[GroupKey, list[tuple[int, Decimal]]]:
    """(Index, sum agreed with VAT) of the lines whose price was, by category and rate."""
    found: dict[GroupKey, list[tuple[int, Decimal]]] = {}
    for index, (_, measure, tax, _, _) in enumerate(lines):
        if measure.agreed_gross is not None:
            found.setdefault((tax.category, tax.rate), []).append((index, measure.agreed_gross))
    return found


def spread_over_lines(lines: list[DraftLine]) -> dict[GroupKey, Decimal]:
    """Give the lines whose price was agreed with VAT their net amounts. Returns what was agreed in all, by category
    and rate; nothing where all prices are net."""
    agreed: dict[GroupKey, Decimal] = {}
    for key, of_rate in agreed_by_rate(lines).items():
        agreed[key] = sum([gross for _, gross in of_rate], ZERO)
        put_net(lines, net_of(agreed[key], key[1]), of_rate, key[1])
    return agreed


def put_net(lines: list[DraftLine], net: Decimal, agreed: Sequence[tuple[int, Decimal]], rate: Decimal) -> None:
    """Spread a net amount over lines at one rate: (index, sum agreed with VAT) of each."""
    for (index, _), part in zip(agreed, spread_net(net, [gross for _, gross in agreed], rate), strict=True):
        line = lines[index]
        if line.measure.net_amount != part:
            lines[index] = line._replace(measure=with_net(line.measure, part))
