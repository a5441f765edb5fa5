"""A seller's own VAT id is asked about as customers' are: until VIES answers."""

from __future__ import annotations

import pytest

from kundenkontor.events.models import Event
from kundenkontor.kernel.clock import utc_now
from kundenkontor.parties.models import Seller
from kundenkontor.parties.seller_commands import change_seller
from kundenkontor.taxes import jobs
from kundenkontor.taxes.commands import PAUSES, answer_seller_questions, ask_about_seller
from kundenkontor.taxes.models import SellerVatIdCheck, SellerVatIdQuestion
from kundenkontor.taxes.vat_ids import FakeVies
from tests.support.builders import CLARA, TODAY, alpenhost
from tests.support.jobs import run_jobs

pytestmark = pytest.mark.django_db
VAT_ID = "ATU13585627"
AWAY = FakeVies(unavailable=frozenset({VAT_ID}))


def asked() -> Seller:
    """Its VAT id was changed, while the service is away."""
    seller = alpenhost()
    change_seller(seller, {"vat_id": VAT_ID}, on=TODAY, actor=CLARA)
    run_jobs("react", reacting=False)
    return Seller.objects.get(pk=seller.pk)


def answer(vies: FakeVies) -> None:
    SellerVatIdQuestion.objects.exclude(next_attempt_at=None).update(next_attempt_at=utc_now())
    answer_seller_questions(SellerVatIdQuestion.objects.all(), vies)


def outcomes() -> list[str]:
    return list(SellerVatIdCheck.objects.order_by("pk").values_list("outcome", flat=True))


def test_while_vies_is_away_the_question_is_put_off_and_asked_again_by_the_minutes_job() -> None:
    asked()
    answer(AWAY)
    question = SellerVatIdQuestion.objects.get()
    assert (question.state, question.attempts, outcomes()) == ("queued", 1, ["unavailable"])
    assert question.next_attempt_at is not None and question.next_attempt_at > utc_now()

    SellerVatIdQuestion.objects.update(next_attempt_at=utc_now())
    jobs.ask_due_vat_ids(0)

    assert (SellerVatIdQuestion.objects.get().state, outcomes()) == ("done", ["unavailable", "valid"])
    told = Event.objects.filter(name="seller.vat_id_checked").order_by("pk")
    assert [event.actor for event in told] == [CLARA, CLARA]


def test_after_three_days_nobody_asks_any_more_until_staff_ask_again() -> None:
    seller = asked()
    for _ in range(len(PAUSES) + 3):
        answer(AWAY)
    assert SellerVatIdQuestion.objects.get().state == "failed" and len(outcomes()) == len(PAUSES) + 1

    ask_about_seller(seller, on=TODAY, actor=CLARA)
    run_jobs("check_seller_vat_id")

    assert SellerVatIdQuestion.objects.get().state == "done" and outcomes()[-1] == "valid"


def test_an_id_that_was_replaced_is_not_asked_about_and_the_new_one_is_at_once() -> None:
    seller = asked()
    answer(AWAY)
    change_seller(seller, {"vat_id": "ATU12345675"}, on=TODAY, actor=CLARA)
    run_jobs("check_seller_vat_id")
    answer(FakeVies())
    assert list(SellerVatIdCheck.objects.order_by("pk").values_list("vat_id", "outcome")) == [
        (VAT_ID, "unavailable"),
        ("ATU12345675", "valid"),
    ]
    assert set(SellerVatIdQuestion.objects.values_list("state", flat=True)) == {"done"}


def test_an_id_that_vies_does_not_know_of_is_not_asked_about() -> None:
    seller = alpenhost(vat_id="", country="CH")
    Seller.objects.filter(pk=seller.pk).update(vat_id="CHE116281710")
    ask_about_seller(Seller.objects.get(pk=seller.pk), on=TODAY, actor=CLARA)
    run_jobs("check_seller_vat_id")
    assert not SellerVatIdQuestion.objects.exists() and not outcomes()
