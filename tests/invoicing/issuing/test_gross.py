"""Prices agreed with VAT: their net amounts come from their sum, and what is paid is exactly what was agreed."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenkontor.invoicing.drafting.pricing import price_line
from kundenkontor.invoicing.issuing.gross import net_of, payable_of, spread_net, spread_over_lines, with_net
from kundenkontor.invoicing.issuing.lines import DraftLine, Item, Measure, ServicePeriod, Tax, taxed_amounts
from kundenkontor.invoicing.issuing.totals import Totals, calculate_totals
from kundenkontor.kernel.money import round_cents
from tests.support.builders import TODAY

ONE, NOTHING, CENT = Decimal(1), Decimal(0), Decimal("0.01")
RATES = st.sampled_from([Decimal(19), Decimal(20), Decimal(27), Decimal("25.5"), Decimal(0)])
SUMS = st.decimals(0, 2000, places=2)


def drafted(measure: Measure, rate: Decimal) -> DraftLine:
    return DraftLine(Item("Hosting"), measure, Tax("S" if rate else "AE", rate, "AT"), ServicePeriod(TODAY, TODAY))


GROSS = st.builds(
    lambda gross, rate, days, discount: drafted(price_line(days, Decimal(365), gross, discount, True, rate), rate),
    SUMS,
    RATES,
    st.integers(1, 365).map(Decimal),
    st.sampled_from([NOTHING, Decimal(10), Decimal("33.33"), Decimal(100)]),
)
NET = st.builds(lambda net, rate: drafted(price_line(ONE, ONE, net, NOTHING, False, rate), rate), SUMS, RATES)


def settled(lines: list[DraftLine]) -> tuple[list[DraftLine], Totals, Decimal]:
    """The lines with their net amounts, their sums and what is to be paid."""
    own = list(lines)
    agreed = spread_over_lines(own)
    totals = calculate_totals(taxed_amounts(own))
    return own, totals, payable_of(totals, agreed)


def gross_lines(*sums: str, rate: str = "20") -> list[DraftLine]:
    return [
        drafted(price_line(ONE, ONE, Decimal(gross), NOTHING, True, Decimal(rate)), Decimal(rate)) for gross in sums
    ]


def test_cents_do_not_pile_up_with_the_number_of_lines() -> None:
    """Each line alone is 8.33 net, of which sixty would be 499.80 and their VAT 99.96."""
    lines, totals, payable = settled(gross_lines(*["9.99"] * 60))

    assert (totals.total_without_vat, totals.total_vat, totals.total_with_vat) == (
        Decimal("499.50"), Decimal("99.90"), Decimal("599.40"),
    )  # fmt: skip
    assert payable == totals.total_with_vat
    assert sorted({line.measure.net_amount for line in lines}) == [Decimal("8.32"), Decimal("8.33")]


@pytest.mark.invariant("I-T1")
@given(st.lists(st.one_of(GROSS, NET), min_size=1, max_size=30))
def test_rounding_is_at_most_a_cent_per_rate_and_what_was_agreed_is_what_is_paid(lines: list[DraftLine]) -> None:
    _, totals, payable = settled(lines)

    net = [line for line in lines if line.measure.agreed_gross is None]
    agreed = sum(line.measure.agreed_gross or NOTHING for line in lines)
    assert payable == agreed + calculate_totals(taxed_amounts(net)).total_with_vat
    rates = {line.tax.rate for line in lines if line.measure.agreed_gross is not None and line.tax.rate}
    assert abs(payable - totals.total_with_vat) <= CENT * len(rates)


@pytest.mark.invariant("I-T1")
@given(st.lists(GROSS, min_size=1, max_size=30))
def test_every_price_gives_its_line_its_net_amount(lines: list[DraftLine]) -> None:
    for line in settled(lines)[0]:
        measure = line.measure
        assert measure.net_price == round(measure.net_price, 6)
        full = round_cents(measure.quantity * measure.net_price / measure.base_quantity)
        assert full - measure.allowance_amount == measure.net_amount
        assert abs(measure.net_amount - (measure.agreed_gross or NOTHING) * 100 / (100 + line.tax.rate)) < CENT


@pytest.mark.invariant("I-T1")
@given(
    st.decimals("0.01", 90_000, places=4),
    st.integers(1, 400).map(Decimal),
    st.decimals("0.01", 900, places=2),
    st.sampled_from([NOTHING, Decimal(10), Decimal("33.33"), Decimal("99.99")]),
    st.sampled_from([1, -1]),
)
def test_a_cent_more_or_less_is_always_told_by_price_and_base_quantity(
    quantity: Decimal, base: Decimal, price: Decimal, discount: Decimal, sign: int
) -> None:
    measure = price_line(sign * quantity, base, price, discount, True, Decimal(20))
    for cents in (-CENT, CENT):
        net = measure.net_amount + cents
        if net * sign < 0:
            continue
        moved = with_net(measure, net)
        full = round_cents(moved.quantity * moved.net_price / moved.base_quantity)
        assert full - moved.allowance_amount == moved.net_amount == net
        assert moved.net_price == round(moved.net_price, 6) >= 0
        assert moved.quantity == measure.quantity


def test_many_cheap_pieces_are_sold_for_a_sum() -> None:
    """No price of six places makes 30,000 pieces cost a cent less."""
    moved = with_net(price_line(Decimal(30_000), ONE, Decimal("0.10"), NOTHING, True, Decimal(19)), Decimal("2521.00"))

    assert (moved.quantity, moved.base_quantity, moved.net_price) == (
        Decimal(30_000), Decimal(30_000), Decimal("2521.00"),
    )  # fmt: skip


@pytest.mark.invariant("I-T5")
@given(st.lists(st.decimals(-2000, 2000, places=2), min_size=1, max_size=40), RATES)
def test_the_parts_of_a_net_amount_are_exactly_the_whole(sums: list[Decimal], rate: Decimal) -> None:
    net = net_of(sum(sums, NOTHING), rate)
    parts = spread_net(net, sums, rate)

    assert sum(parts) == net
    for part, gross in zip(parts, sums, strict=True):
        assert abs(Fraction(part) - Fraction(gross) * 100 / (100 + Fraction(rate))) < Fraction(1, 100)


@pytest.mark.invariant("I-T5")
def test_the_left_over_cents_go_to_the_largest_remainders_and_then_to_the_earlier_line() -> None:
    def spread(*sums: str) -> list[str]:
        agreed = [Decimal(gross) for gross in sums]
        return [str(part) for part in spread_net(net_of(sum(agreed, NOTHING), Decimal(19)), agreed, Decimal(19))]

    assert spread("10.00", "10.00", "10.00") == ["8.41", "8.40", "8.40"]
    assert spread("10.00", "129.00", "10.00") == ["8.41", "108.40", "8.40"]  # 119.00 more leaves the same remainder
    assert spread("0.99", "10.00") == ["0.83", "8.41"] and spread("-10.00", "10.00") == ["-8.40", "8.40"]
