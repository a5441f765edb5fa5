"""The first price begins with the contract, wherever its beginning is moved."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kundenkontor.contracts.commands import change_contract
from kundenkontor.contracts.models import Contract
from tests.support.builders import CLARA, TODAY, ada, alpenhost, contract

pytestmark = pytest.mark.django_db


def priced(made: Contract) -> Contract:
    """From January, February and June 2026 on."""
    for month, amount in ((1, 10), (2, 20), (6, 60)):
        made.prices.create(customer=made.customer, valid_from=date(2026, month, 1), amount=Decimal(amount))
    return made


def prices(made: Contract) -> list[tuple[str, int]]:
    return [(f"{one.valid_from:%d.%m.}", int(one.amount)) for one in made.prices.order_by("valid_from")]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (date(2025, 12, 5), [("05.12.", 10), ("01.02.", 20), ("01.06.", 60)]),
        (date(2026, 1, 31), [("31.01.", 10), ("01.02.", 20), ("01.06.", 60)]),
        (date(2026, 2, 1), [("01.02.", 20), ("01.06.", 60)]),
        (date(2026, 3, 15), [("15.03.", 20), ("01.06.", 60)]),
        (date(2026, 9, 9), [("09.09.", 60)]),
    ],
)
def test_prices_before_the_new_beginning_are_gone_but_the_one_that_holds_then(
    start: date, expected: list[tuple[str, int]]
) -> None:
    customer = ada(alpenhost())
    made, other = priced(contract(customer)), priced(contract(customer, number="V150002"))

    change_contract(made, {"start_date": start}, on=TODAY, actor=CLARA)

    assert prices(made) == expected
    assert prices(other) == [("01.01.", 10), ("01.02.", 20), ("01.06.", 60)]
