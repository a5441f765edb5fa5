"""The sums of a document by EN 16931. Pure; in the hot path of a billing run."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from kundenkontor.kernel.money import ZERO, round_cents

HUNDRED = Decimal(100)
MICRO = Decimal("0.000001")  # the last place of a price


class VatGroup(NamedTuple):
    """BG-23: one category and rate."""

    category: str
    rate: Decimal
    taxable_amount: Decimal
    tax_amount: Decimal


class Totals(NamedTuple):
    """BT-109, BT-110, BT-112 and the breakdown, sorted by category, then rate."""

    vat_breakdown: tuple[VatGroup, ...]
    total_without_vat: Decimal
    total_vat: Decimal
    total_with_vat: Decimal


@lru_cache(maxsize=65536)
def line_net_amount(
    quantity: Decimal, net_price: Decimal, discount_percent: Decimal = ZERO, base_quantity: Decimal = Decimal(1)
) -> Decimal:
    """BT-131: quantity x price / base quantity x (1 - discount), rounded once, half away from zero."""
    return round_cents(quantity * net_price * (HUNDRED - discount_percent) / (base_quantity * HUNDRED))


@lru_cache(maxsize=65536)
def line_allowance(
    quantity: Decimal, net_price: Decimal, discount_percent: Decimal, base_quantity: Decimal = Decimal(1)
) -> Decimal:
    """BT-136: what the discount takes off, so that the line before allowance less this is the net amount."""
    full = line_net_amount(quantity, net_price, ZERO, base_quantity)
    return full - line_net_amount(quantity, net_price, discount_percent, base_quantity)


def vat_of(taxable: Decimal, rate: Decimal) -> Decimal:
    """BT-117 (BR-CO-17)."""
    return round_cents(taxable * rate / HUNDRED)


def calculate_totals(amounts: Iterable[tuple[Decimal, str, Decimal]]) -> Totals:
    """Group the lines by VAT category and rate, and tax each group once. ``amounts``: BT-131, BT-151, BT-152 of each.

    VAT is rounded per group, not per line (BR-CO-17): rounding each line would drift from what the
    tax office computes. The order of the lines does not matter.
    """
    sums: dict[tuple[str, Decimal], Decimal] = {}
    for net, category, rate in amounts:
        key = (category, rate)
        sums[key] = sums.get(key, ZERO) + net
    groups = []
    without_vat = vat = ZERO
    for (category, rate), net in sorted(sums.items()):
        tax = vat_of(net, rate)
        groups.append(VatGroup(category, rate, net, tax))
        without_vat += net
        vat += tax
    return Totals(tuple(groups), without_vat, vat, without_vat + vat)
