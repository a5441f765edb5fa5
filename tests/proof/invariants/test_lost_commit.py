"""COMMIT succeeds and its answer is lost: whoever asks again changes nothing twice (I-M5)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest
from django.test import RequestFactory

from kundenkontor.access.models import User
from kundenkontor.billing.models import Charge
from kundenkontor.config.database.postgres import Cluster
from kundenkontor.invoicing.errors import AlreadyCancelled, DraftGone
from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.clock import utc_now
from kundenkontor.once.errors import AlreadyDone, KeyUsedForOtherRequest
from kundenkontor.parties.models import Customer
from kundenkontor.payments.errors import AlreadyReversed
from kundenkontor.payments.models import Payment
from kundenkontor.web.gate.once import new_key, once
from tests.proof.invariants.lossy import LossyProxy, lossy_line
from tests.proof.invariants.scenarios import SCENARIOS, people, state
from tests.proof.invariants.threads import all_at_once
from tests.support.books import check_books
from tests.support.breakers import BreakerReport
from tests.support.builders import CLARA, TODAY, issue
from tests.support.money import pay

pytestmark = [pytest.mark.commits, pytest.mark.invariant("I-M5")]


def lose_one_commit(proxy: LossyProxy, command: Callable[[], object]) -> None:
    proxy.losses = 1
    with pytest.raises(OperationalError):
        command()
    connection.close()
    assert (proxy.losses, proxy.lost) == (0, 1)


def submit(user: User, key: str, amount: str) -> HttpRequest:
    request = RequestFactory().post("/office/payments/new/", {"idempotency_key": key, "amount": amount})
    request.user = user
    return request


def pay_once(request: HttpRequest, customer: Customer) -> str:
    """What the view does: returns where it leads, also the second time."""
    try:
        with once(request) as answer:
            payment = pay(customer, Decimal(request.POST["amount"]), TODAY, on=TODAY, actor=CLARA)
            answer.location = f"/office/payments/{payment.pk}/"
    except AlreadyDone as done:
        return done.answer.location
    return answer.location


def clara() -> User:
    return User.objects.create(username="clara", staff_role="clerk", created_at=utc_now())


def test_a_payment_submitted_again_after_a_lost_commit_is_booked_once(
    cluster: Cluster, breaker_report: BreakerReport
) -> None:
    _, customer, _ = people()
    issue(customer)
    user, key = clara(), new_key()

    with lossy_line(cluster) as proxy:
        lose_one_commit(proxy, lambda: pay_once(submit(user, key, "12.00"), customer))
        again = pay_once(submit(user, key, "12.00"), customer)

    assert again == f"/office/payments/{Payment.objects.get().pk}/"
    with pytest.raises(KeyUsedForOtherRequest):
        pay_once(submit(user, key, "13.00"), customer)
    assert check_books() == []
    breaker_report(kills=1, command="once(receive_payments)")


def test_sixteen_submits_of_one_form_book_one_payment(breaker_report: BreakerReport) -> None:
    _, customer, _ = people()
    user, key = clara(), new_key()

    answers = all_at_once([lambda: pay_once(submit(user, key, "12.00"), customer)] * 16)

    assert answers == [f"/office/payments/{Payment.objects.get().pk}/"] * 16
    assert check_books() == []
    breaker_report(threads=16)


@pytest.mark.invariant("I-B2", "I-N1", "I-D3")
@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("bill_chunk", None),
        ("issue_draft", DraftGone),
        ("cancel_invoice", AlreadyCancelled),
        ("reverse_payment", AlreadyReversed),
    ],
)
def test_a_command_with_a_natural_key_is_refused_after_a_lost_commit(
    name: str, refusal: type[Exception] | None, cluster: Cluster, breaker_report: BreakerReport
) -> None:
    ids = SCENARIOS[name].prepare()
    before = state()

    with lossy_line(cluster) as proxy:
        proxy.kept = int(name == "bill_chunk")  # the seller's state is frozen in a transaction before
        lose_one_commit(proxy, lambda: SCENARIOS[name].run(ids))
        after = state()
        if refusal is None:
            assert SCENARIOS[name].run(ids) is False
            assert Charge.objects.count() == 4
        elif name == "issue_draft":
            assert Invoice.objects.count() == 1
        else:
            with pytest.raises(refusal):
                SCENARIOS[name].run(ids)

    assert before != after == state()
    assert check_books() == []
    breaker_report(kills=1, command=name)
