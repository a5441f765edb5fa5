"""Prices agreed with VAT: what is paid is exactly what was agreed, and the sums of EN 16931 still hold."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenkontor.invoicing.drafting.pricing import agreed_payable, price_line
from kundenkontor.invoicing.issuing.lines import Measure
from kundenkontor.invoicing.issuing.totals import calculate_totals

ONE, NOTHING = Decimal(1), Decimal(0)
RATES = st.sampled_from([Decimal(19), Decimal(20), Decimal("25.5"), Decimal(0)])
SUMS = st.decimals(0, 2000, places=2)
GROSS = st.builds(
    lambda gross, rate, days, discount: (price_line(days, Decimal(365), gross, discount, True, rate), rate),
    SUMS,
    RATES,
    st.integers(1, 365).map(Decimal),
    st.sampled_from([NOTHING, Decimal(10), Decimal("33.33")]),
)
NET = st.builds(lambda net, rate: (price_line(ONE, ONE, net, NOTHING, False, rate), rate), SUMS, RATES)


class Line(NamedTuple):
    net_amount: Decimal
    vat_category: str
    vat_rate: Decimal


def total_and_payable(priced: list[tuple[Measure, Decimal]]) -> tuple[Decimal, Decimal | None]:
    totals = calculate_totals([Line(line.net_amount, "S" if rate else "AE", rate) for line, rate in priced])
    gross = [(line.net_amount, rate, line.agreed_gross) for line, rate in priced if line.agreed_gross is not None]
    return totals.total_with_vat, agreed_payable(totals.total_with_vat, gross)


@pytest.mark.invariant("I-T1")
@given(st.lists(GROSS, min_size=1, max_size=30))
def test_the_payable_amount_is_the_sum_of_what_was_agreed(priced: list[tuple[Measure, Decimal]]) -> None:
    total, payable = total_and_payable(priced)

    assert payable == sum(line.agreed_gross or NOTHING for line, _ in priced)
    assert abs(payable - total) <= Decimal("0.01") * (len(priced) + 3)  # a cent a line, half a cent a rate


@pytest.mark.invariant("I-T1")
@given(GROSS)
def test_the_net_price_has_six_places_and_gives_the_line_its_net_amount(priced: tuple[Measure, Decimal]) -> None:
    line, _ = priced
    full = Fraction(line.quantity) * Fraction(line.net_price) / Fraction(line.base_quantity)

    assert line.net_price == round(line.net_price, 6)
    assert abs(full - Fraction(line.allowance_amount) - Fraction(line.net_amount)) <= Fraction(1, 200)


@given(st.lists(NET, max_size=10))
def test_net_prices_alone_are_never_rounded_to_another_sum(priced: list[tuple[Measure, Decimal]]) -> None:
    assert total_and_payable(priced)[1] is None


@given(st.lists(GROSS, min_size=1, max_size=5), st.lists(NET, max_size=5))
def test_beside_net_prices_only_the_gross_ones_move_the_payable_amount(
    gross: list[tuple[Measure, Decimal]], net: list[tuple[Measure, Decimal]]
) -> None:
    total, payable = total_and_payable([*gross, *net])
    gross_total, gross_payable = total_and_payable(gross)

    assert payable is not None and gross_payable is not None
    assert payable - total == gross_payable - gross_total


def test_three_times_ten_euros_with_19_percent_stay_thirty() -> None:
    priced = [(price_line(ONE, ONE, Decimal("10.00"), NOTHING, True, Decimal(19)), Decimal(19))] * 3

    assert total_and_payable(priced) == (Decimal("29.99"), Decimal("30.00"))
