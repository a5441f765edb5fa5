"""One-off items join the next invoice, or are taken back before it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kundenkontor.billing.errors import OneOffAlreadyBilled
from kundenkontor.billing.models import OneOffItem
from kundenkontor.billing.one_offs.commands import add_one_off, discard_one_off
from kundenkontor.invoicing.errors import ForeignLine
from kundenkontor.parties.models import Customer
from tests.support.billing import bill
from tests.support.books import check_books
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, contract

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Customer:
    return ada(alpenhost())


def work(customer: Customer, **changes: object) -> OneOffItem:
    return add_one_off(customer, "Umzug", Decimal("80.00"), TODAY, TODAY, on=TODAY, actor=CLARA, **changes)  # type: ignore[arg-type]


def test_a_one_off_item_is_billed_once(customer: Customer) -> None:
    item = work(customer, quantity=Decimal(2))

    (invoice,) = bill(customer.seller)

    assert invoice.total_without_vat == Decimal("160.00")
    assert bill(customer.seller) == []
    with pytest.raises(OneOffAlreadyBilled):
        discard_one_off(item, on=TODAY, actor=CLARA)
    assert check_books() == []


def test_a_discarded_one_off_item_is_not_billed(customer: Customer) -> None:
    item = work(customer)

    discard_one_off(item, on=TODAY, actor=CLARA)
    discard_one_off(item, on=TODAY, actor=CLARA)

    assert bill(customer.seller) == []


def test_a_one_off_item_names_its_own_customers_contract(customer: Customer) -> None:
    with pytest.raises(ForeignLine):
        work(customer, contract=contract(bob(customer.seller)))
