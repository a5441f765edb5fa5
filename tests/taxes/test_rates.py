"""The built-in rates against two independent sources, and the table made from them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import duty27_eu_vat
import eu_vat_rates_data
import pytest

from kundenkontor.taxes.rates import STANDARD_RATES, RateTable
from kundenkontor.taxes.territories import EU_COUNTRIES
from tests.taxes.seeds import seed_rates

RATES = seed_rates()


def test_all_member_states_have_rates() -> None:
    assert set(STANDARD_RATES) == EU_COUNTRIES


@pytest.mark.invariant("I-T3")
@pytest.mark.parametrize("country", sorted(EU_COUNTRIES))
def test_each_day_since_2019_has_the_rate_of_an_independent_table(country: str) -> None:
    day = date(2019, 1, 1)
    while day <= duty27_eu_vat.DATA_AS_OF:
        assert RATES(country, day) == duty27_eu_vat.get_standard_rate(country, day), day
        day += timedelta(days=1)


@pytest.mark.parametrize("country", sorted(EU_COUNTRIES))
def test_the_newest_rate_is_that_of_the_european_commission(country: str) -> None:
    as_of = date.fromisoformat(eu_vat_rates_data.data_version)

    assert RATES(country, as_of) == Decimal(str(eu_vat_rates_data.get_standard_rate(country)))


def test_the_built_in_rows_are_in_order_and_each_is_a_change() -> None:
    for rows in STANDARD_RATES.values():
        assert [start for start, _ in rows] == sorted({start for start, _ in rows})
        assert all(earlier[1] != later[1] for earlier, later in pairwise(rows))


def test_an_unknown_country_and_a_day_before_the_table_have_no_rate() -> None:
    assert RATES("CH", date(2026, 1, 1)) is None
    assert RATES("AT", date(2018, 12, 31)) is None


def test_a_day_in_a_gap_has_no_rate() -> None:
    table = RateTable(
        {"AT": [(date(2020, 1, 1), Decimal(20)), (date(2021, 1, 1), None), (date(2022, 1, 1), Decimal(22))]}
    )

    assert [table("AT", date(year, 6, 1)) for year in (2020, 2021, 2022)] == [Decimal(20), None, Decimal(22)]
