"""The sums of EN 16931: random lines against an independent implementation with fractions."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenkontor.invoicing.issuing.totals import calculate_totals, line_allowance, line_net_amount


class Line(NamedTuple):
    net_amount: Decimal
    vat_category: str
    vat_rate: Decimal


def half_away(value: Fraction) -> Fraction:
    """Cents, half away from zero, with whole numbers only."""
    cents = floor(abs(value) * 100 + Fraction(1, 2))
    return Fraction(cents if value >= 0 else -cents, 100)


def places(count: int, low: int, high: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=count, allow_nan=False, allow_infinity=False)


QUANTITIES = st.one_of(st.sampled_from([Decimal(1), Decimal(-1), Decimal(12)]), places(4, -1000, 1000))
PRICES = st.one_of(st.sampled_from([Decimal("0.005"), Decimal("3.333333"), Decimal("0.000417")]), places(6, 0, 10_000))
DISCOUNTS = st.one_of(st.sampled_from([Decimal(0), Decimal("33.33"), Decimal(100)]), places(2, 0, 100))
BASES = st.sampled_from([Decimal(1), Decimal(28), Decimal(30), Decimal(365), Decimal(3653)])
TAXES = st.sampled_from(
    [("S", Decimal(20)), ("S", Decimal("25.5")), ("S", Decimal("5.5")), ("AE", Decimal(0)), ("E", Decimal(0))]
)
LINES = st.lists(st.builds(lambda net, tax: Line(net, *tax), places(2, -100_000, 100_000), TAXES), max_size=40)
WEIGHTS = st.lists(places(3, 0, 10_000), min_size=1, max_size=30).filter(any)


@pytest.mark.invariant("I-T1")
@given(QUANTITIES, PRICES, DISCOUNTS, BASES)
def test_a_line_is_rounded_once_half_away_from_zero(
    quantity: Decimal, price: Decimal, discount: Decimal, base: Decimal
) -> None:
    exact = Fraction(quantity) * Fraction(price) * (100 - Fraction(discount)) / 100 / Fraction(base)

    net_amount = line_net_amount(quantity, price, discount, base)

    assert Fraction(net_amount) == half_away(exact)
    assert net_amount.as_tuple().exponent == -2
    assert not (net_amount == 0 and net_amount.is_signed())


@pytest.mark.invariant("I-T1")
@given(QUANTITIES, PRICES, DISCOUNTS, BASES)
def test_a_line_is_its_full_price_less_the_allowance(
    quantity: Decimal, price: Decimal, discount: Decimal, base: Decimal
) -> None:
    full = line_net_amount(quantity, price, Decimal(0), base)

    assert full - line_allowance(quantity, price, discount, base) == line_net_amount(quantity, price, discount, base)


@pytest.mark.invariant("I-T1")
@given(LINES)
def test_the_sums_agree_with_an_independent_implementation(lines: list[Line]) -> None:
    nets: dict[tuple[str, Decimal], Fraction] = defaultdict(Fraction)
    for line in lines:
        nets[line.vat_category, line.vat_rate] += Fraction(line.net_amount)
    taxes = {key: half_away(net * Fraction(key[1]) / 100) for key, net in nets.items()}

    totals = calculate_totals(lines)

    assert [(group.category, group.rate) for group in totals.vat_breakdown] == sorted(nets)
    for group in totals.vat_breakdown:
        assert Fraction(group.taxable_amount) == nets[group.category, group.rate]
        assert Fraction(group.tax_amount) == taxes[group.category, group.rate]
    assert Fraction(totals.total_without_vat) == sum(nets.values())
    assert Fraction(totals.total_vat) == sum(taxes.values())
    assert totals.total_with_vat == totals.total_without_vat + totals.total_vat


@pytest.mark.invariant("I-T2")
@given(LINES.flatmap(lambda lines: st.tuples(st.just(lines), st.permutations(lines))))
def test_the_order_of_the_lines_changes_no_sum(both: tuple[list[Line], list[Line]]) -> None:
    lines, shuffled = both

    assert calculate_totals(lines) == calculate_totals(shuffled)


def test_vat_is_rounded_on_the_document_not_on_the_lines() -> None:
    lines = [Line(Decimal("0.02"), "S", Decimal(20))] * 3

    assert calculate_totals(lines).total_vat == Decimal("0.01")
