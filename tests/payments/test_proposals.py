"""What a payment would settle is computed below the screens."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kundenkontor.payments.proposals import find_payers, propose
from tests.support.builders import ada, alpenhost, bob, issue, line

pytestmark = pytest.mark.django_db


def test_the_named_document_comes_first_and_the_rest_is_left_over() -> None:
    customer = ada(alpenhost())
    first, second = issue(customer, line("10.00")), issue(customer, line("20.00"))

    proposal = propose(customer, Decimal("40.00"), f"Re. {second.number}")

    assert proposal.settles == [(second.number, Decimal("24.00")), (first.number, Decimal("12.00"))]
    assert proposal.rest == Decimal("4.00")


def test_a_number_names_a_document_or_a_customer_of_each_seller() -> None:
    customer = ada(alpenhost())
    other = bob(alpenhost(short_name="two"), number=customer.number)
    invoice = issue(customer)

    assert find_payers(invoice.number.lower()) == ([customer], invoice.number)
    assert find_payers(customer.number) == ([customer, other], "")
    assert find_payers("unknown") == ([], "")
