"""A changed contract is as possible as a new one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kundenkontor.catalog.models import Product
from kundenkontor.contracts.commands import change_contract
from kundenkontor.contracts.errors import EndBeforeStart, ForeignProduct
from kundenkontor.contracts.models import Contract
from tests.support.billing import hosting
from tests.support.builders import CLARA, TODAY, ada, alpenhost

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Contract:
    made = hosting(ada(alpenhost()))
    made.end_date = TODAY
    made.save()
    return made


def change(made: Contract, **values: object) -> None:
    change_contract(made, values, on=TODAY, actor=CLARA)


def test_it_may_begin_on_its_last_day_and_not_after_it(made: Contract) -> None:
    change(made, start_date=TODAY)
    with pytest.raises(EndBeforeStart):
        change(made, start_date=TODAY + timedelta(days=1))
    made.refresh_from_db()
    assert made.start_date == TODAY


def test_it_sells_no_product_of_another_seller(made: Contract) -> None:
    other = alpenhost(name="Nordhost GmbH", short_name="nordhost")
    foreign = Product.objects.create(seller=other, code="x", name="X", group="webhosting")
    with pytest.raises(ForeignProduct):
        change(made, product_id=foreign.pk)


def test_what_stays_as_it_was_is_no_change(made: Contract) -> None:
    assert not change_contract(made, {"start_date": date(2026, 11, 1)}, on=TODAY, actor=CLARA)
