"""Billing periods: every anchor day, adjacent without gap or overlap."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenkontor.contracts.periods import Period, periods_due

DAY = timedelta(days=1)
UNTIL = date(2040, 12, 31)
ALL_MONTHS = [1, 3, 6, *range(12, 121, 12)]
STARTS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


def due(start: date, months: int, **facts: date | bool | None) -> list[Period]:
    return list(periods_due(start, months, **({"billed_until": UNTIL} | facts)))  # type: ignore[arg-type]


def assert_adjacent(periods: list[Period]) -> None:
    for earlier, later in pairwise(periods):
        assert later.start == earlier.end + DAY
    for period in periods:
        assert period.days == (period.end - period.start).days + 1
        assert 1 <= period.days <= period.whole_days
        assert period.whole_start <= period.start


@pytest.mark.invariant("I-B1")
@pytest.mark.parametrize("months", ALL_MONTHS)
@pytest.mark.parametrize("anchor", range(1, 32))
def test_the_periods_of_an_anchor_day_are_adjacent_on_its_anniversaries(anchor: int, months: int) -> None:
    for month in (1, 3, 5, 7, 8, 10, 12):
        start = date(2024, month, anchor)

        periods = due(start, months)

        assert periods[0].start == start
        assert periods[-1].end >= UNTIL
        assert_adjacent(periods)
        for number, period in enumerate(periods):
            assert not period.is_cut
            assert (period.start.year * 12 + period.start.month) == start.year * 12 + month + number * months
            assert period.start.day == min(anchor, monthrange(period.start.year, period.start.month)[1])


@pytest.mark.invariant("I-B1")
@pytest.mark.parametrize("months", ALL_MONTHS)
def test_a_contract_of_29_february_returns_to_the_29th(months: int) -> None:
    periods = due(date(2024, 2, 29), months)

    assert_adjacent(periods)
    for period in periods:
        last = monthrange(period.start.year, period.start.month)[1]
        assert period.start.day == min(29, last)


def test_a_31st_falls_on_the_last_day_of_shorter_months_and_returns() -> None:
    starts = [period.start for period in due(date(2026, 1, 31), 1, billed_until=date(2026, 5, 31))]

    assert starts == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]


@pytest.mark.invariant("I-B1")
@given(STARTS, st.sampled_from(ALL_MONTHS), st.integers(0, 3600))
def test_an_end_date_cuts_the_period_that_contains_it(start: date, months: int, days: int) -> None:
    end = start + timedelta(days=days)

    periods = due(start, months, end_date=end)

    assert_adjacent(periods)
    assert (periods[0].start, periods[-1].end) == (start, end)
    assert sum(period.days for period in periods) == days + 1
    assert not any(period.is_cut for period in periods[:-1])


@given(STARTS, st.sampled_from(ALL_MONTHS), st.integers(0, 3600))
def test_an_indivisible_product_is_never_cut(start: date, months: int, days: int) -> None:
    end = start + timedelta(days=days)

    periods = due(start, months, end_date=end, is_divisible=False)

    assert_adjacent(periods)
    assert not any(period.is_cut for period in periods)
    assert periods[-1].start <= end <= periods[-1].end


@pytest.mark.invariant("I-B1")
@given(STARTS, st.sampled_from(ALL_MONTHS), st.lists(st.integers(0, 400), min_size=1, max_size=12))
def test_billing_in_any_steps_gives_the_same_periods_as_billing_at_once(
    start: date, months: int, steps: list[int]
) -> None:
    billed: list[Period] = []
    until = start
    for step in steps:
        until += timedelta(days=step)
        billed += due(start, months, billed_until=until, billed_to=billed[-1].end if billed else None)

    assert billed == due(start, months, billed_until=until)


@pytest.mark.invariant("I-B1")
@given(STARTS, st.sampled_from(ALL_MONTHS), st.integers(0, 3600))
def test_an_end_date_that_is_taken_back_leaves_the_rest_of_the_cut_period(start: date, months: int, days: int) -> None:
    cut = due(start, months, end_date=start + timedelta(days=days))

    after = due(start, months, billed_to=cut[-1].end)

    assert_adjacent([*cut, *after])
    if cut[-1].is_cut:
        assert cut[-1].days + after[0].days == cut[-1].whole_days == after[0].whole_days
        assert cut[-1].start == cut[-1].whole_start == after[0].whole_start
    assert not any(period.is_cut for period in after[1:])


def test_the_rest_of_a_period_keeps_the_days_of_the_whole() -> None:
    periods = due(date(2026, 1, 1), 12, billed_until=date(2026, 12, 31), billed_to=date(2026, 6, 30))

    assert periods == [Period(date(2026, 7, 1), date(2026, 12, 31), 184, 365, date(2026, 1, 1))]


@given(STARTS, st.sampled_from(ALL_MONTHS), st.dates(date(2024, 1, 1), date(2036, 12, 31)))
def test_periods_that_begin_before_the_cut_over_are_billed_elsewhere(start: date, months: int, cut_over: date) -> None:
    every = due(start, months)

    assert due(start, months, first_start=cut_over) == [period for period in every if period.start >= cut_over]


@given(STARTS, st.sampled_from(ALL_MONTHS), st.dates(date(2024, 1, 1), date(2040, 12, 31)))
def test_a_period_is_due_in_advance_from_its_first_day(start: date, months: int, until: date) -> None:
    every = due(start, months)

    assert due(start, months, billed_until=until) == [period for period in every if period.start <= until]
