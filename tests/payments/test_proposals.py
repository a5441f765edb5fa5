"""What a payment would settle is computed below the screens."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kundenkontor.payments.commands import IncomingPayment, receive_payments
from kundenkontor.payments.models import Allocation
from kundenkontor.payments.proposals import find_payers, propose
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, issue, line
from tests.support.databases import undone

pytestmark = pytest.mark.django_db


def test_the_named_document_comes_first_and_the_rest_is_left_over() -> None:
    customer = ada(alpenhost())
    first, second = issue(customer, line("10.00")), issue(customer, line("20.00"))

    (proposal,) = propose([(customer, Decimal("40.00"), f"Re. {second.number}")])

    assert proposal.settles == [(second.number, Decimal("24.00")), (first.number, Decimal("12.00"))]
    assert proposal.rest == Decimal("4.00")


@given(
    st.lists(st.integers(1, 5000), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(1, 9000), st.sampled_from(["", "0", "1", "3"])), min_size=1, max_size=5),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_preview_of_many_payments_is_what_booking_them_does(
    prices: list[int], payments: list[tuple[int, str]]
) -> None:
    """Several rows of one customer, some naming the same document, some more than everything open."""
    with undone():
        customer = ada(alpenhost())
        numbers = [issue(customer, line(f"{price / 100:.2f}")).number for price in prices]
        rows = [
            (customer, Decimal(cents) / 100, numbers[int(named)] if named and int(named) < len(numbers) else "")
            for cents, named in payments
        ]

        proposals = propose(rows)
        booked = receive_payments(
            [IncomingPayment(who, amount, TODAY, reference=reference) for who, amount, reference in rows],
            on=TODAY,
            actor=CLARA,
        )

        for proposal, payment in zip(proposals, booked, strict=True):
            settled = Allocation.objects.filter(payment=payment).values_list("open_item__number", "amount")
            assert sorted(settled) == sorted(proposal.settles)
            assert sum((part for _, part in settled), proposal.rest) == payment.amount


def test_a_number_names_a_document_or_a_customer_of_each_seller() -> None:
    customer = ada(alpenhost())
    other = bob(alpenhost(short_name="two"), number=customer.number)
    invoice = issue(customer)

    assert find_payers(invoice.number.lower()) == ([customer], invoice.number)
    assert find_payers(customer.number) == ([customer, other], "")
    assert find_payers("unknown") == ([], "")
