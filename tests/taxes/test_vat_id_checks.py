"""Recording checks of VAT ids: what they decide, and what they never decide."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from kundenkontor.events.actor import Actor
from kundenkontor.events.models import Event
from kundenkontor.jobs.attempts import claim
from kundenkontor.kernel.clock import utc_now
from kundenkontor.parties.models import Customer
from kundenkontor.taxes import jobs
from kundenkontor.taxes.commands import PAUSES, answer_questions, ask_for_checks, record_vat_id_check
from kundenkontor.taxes.errors import EvidenceMissing, VatIdMissing
from kundenkontor.taxes.models import VatIdCheck, VatIdQuestion
from kundenkontor.taxes.vat_ids import Answer, FakeVies, Outcome, VatIdChecker, Way
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob

pytestmark = pytest.mark.django_db
UNCHECKED = {"country": "DE", "vat_id": "DE136695976", "vat_id_state": "unchecked"}


class Recording(FakeVies):
    """A fake that counts its questions."""

    def __init__(self, unavailable: frozenset[str] = frozenset()) -> None:
        super().__init__(unavailable=unavailable)
        object.__setattr__(self, "asked", [])

    asked: list[str]

    def check(self, vat_id: str, *, requester: str) -> Answer:
        self.asked.append(f"{vat_id} for {requester}")
        return FakeVies.check(self, vat_id, requester=requester)


def record(customer: Customer, outcome: Outcome, way: Way = "vies", evidence: str = "WAPI1") -> list[VatIdCheck]:
    return record_vat_id_check([customer], outcome=outcome, way=way, evidence=evidence, on=TODAY, actor=CLARA)


def ask(customers: list[Customer], checker: VatIdChecker) -> dict[Outcome, int]:
    """Staff ask, and the worker comes to it."""
    ask_for_checks(customers, on=TODAY, actor=CLARA)
    return answer_questions(VatIdQuestion.objects.all(), checker)


def make_due() -> None:
    VatIdQuestion.objects.exclude(next_attempt_at=None).update(next_attempt_at=utc_now())


@pytest.mark.invariant("I-T4")
@pytest.mark.parametrize(
    ("before", "outcome", "after"),
    [
        ("unchecked", "valid", "checked"),
        ("unchecked", "invalid", "invalid"),
        ("unchecked", "unavailable", "unchecked"),
        ("checked", "invalid", "invalid"),
        ("checked", "unavailable", "checked"),
        ("invalid", "valid", "checked"),
        ("invalid", "unavailable", "invalid"),
    ],
)
def test_a_clear_outcome_decides_the_state_and_unavailable_decides_nothing(
    before: str, outcome: Outcome, after: str
) -> None:
    customer = ada(alpenhost(), **UNCHECKED | {"vat_id_state": before})

    record(customer, outcome)

    customer.refresh_from_db()
    assert (customer.vat_id, customer.vat_id_state) == ("DE136695976", after)


def test_a_check_stores_day_way_evidence_and_who_and_is_told_as_an_event() -> None:
    customer = ada(alpenhost(), **UNCHECKED)

    (check,) = record(customer, "valid", "authority", " Bestätigung vom 20.11.2026 ")

    stored = VatIdCheck.objects.get()
    assert stored.pk == check.pk
    assert (stored.customer_id, stored.vat_id, stored.outcome, stored.way) == (
        customer.pk,
        "DE136695976",
        "valid",
        "authority",
    )
    assert (stored.evidence, stored.checked_on, stored.checked_by) == ("Bestätigung vom 20.11.2026", TODAY, "clara")
    event = Event.objects.get(name="vat_id.checked")
    assert (event.customer_id, event.reference, event.payload["outcome"]) == (customer.pk, customer.number, "valid")


@pytest.mark.parametrize("way", ["staff", "authority"])
def test_people_who_confirm_a_vat_id_say_what_proves_it(way: Way) -> None:
    customer = ada(alpenhost(), **UNCHECKED)

    with pytest.raises(EvidenceMissing):
        record(customer, "valid", way, "  ")

    assert not VatIdCheck.objects.exists()


def test_a_customer_without_a_vat_id_cannot_be_checked_and_the_whole_selection_is_refused() -> None:
    seller = alpenhost()
    business, consumer = ada(seller, **UNCHECKED), bob(seller)

    with pytest.raises(VatIdMissing, match=consumer.number):
        record_vat_id_check([business, consumer], outcome="valid", way="import", evidence="", on=TODAY, actor=CLARA)

    business.refresh_from_db()
    assert business.vat_id_state == "unchecked"


def test_many_vat_ids_are_confirmed_at_once_with_the_same_number_of_statements(
    django_assert_max_num_queries: pytest.FixtureRequest,
) -> None:
    seller = alpenhost()
    customers = [ada(seller, number=f"2{n:04}", **UNCHECKED) for n in range(30)]

    with django_assert_max_num_queries(8):  # type: ignore[operator]
        checks = record_vat_id_check(
            customers, outcome="valid", way="import", evidence="Altsystem", on=TODAY, actor=CLARA
        )

    assert len(checks) == Event.objects.filter(name="vat_id.checked").count() == 30
    assert set(Customer.objects.values_list("vat_id_state", flat=True)) == {"checked"}


@pytest.mark.invariant("I-T4")
def test_an_answer_about_a_vat_id_that_was_changed_meanwhile_decides_nothing() -> None:
    customer = ada(alpenhost(), **UNCHECKED)
    Customer.objects.filter(pk=customer.pk).update(vat_id="DE811569869")

    assert record(customer, "valid") == []

    customer.refresh_from_db()
    assert (customer.vat_id, customer.vat_id_state) == ("DE811569869", "unchecked")
    assert not VatIdCheck.objects.exists()


def test_a_vat_id_with_blanks_is_stored_as_it_was_checked() -> None:
    customer = ada(alpenhost(), **UNCHECKED | {"vat_id": "de 136 695 976"})

    record(customer, "valid")

    customer.refresh_from_db()
    assert (customer.vat_id, customer.vat_id_state) == ("DE136695976", "checked")


@pytest.mark.invariant("I-T4")
def test_the_seller_asks_with_its_own_vat_id_and_each_answer_is_recorded() -> None:
    seller = alpenhost()
    ada(seller, **UNCHECKED)
    ada(seller, number="11003", **UNCHECKED | {"vat_id": "DE136695977"})
    ada(seller, number="11004", **UNCHECKED | {"vat_id": "DE811569869"})
    ada(seller, number="11005", country="CH", vat_id="CHE116281710", vat_id_state="unchecked")
    checker = Recording(frozenset({"DE811569869"}))

    counts = ask(_customers(), checker)

    assert counts == {"valid": 1, "invalid": 1, "unavailable": 1}
    assert checker.asked == [f"{vat_id} for ATU12345675" for vat_id in ("DE136695976", "DE136695977", "DE811569869")]
    assert [customer.vat_id_state for customer in _customers()] == ["checked", "invalid", "unchecked", "unchecked"]
    assert list(VatIdCheck.objects.order_by("pk").values_list("outcome", flat=True)) == [
        "valid",
        "invalid",
        "unavailable",
    ]


@pytest.mark.invariant("I-T4")
def test_a_service_that_is_down_is_asked_five_times_and_the_rest_waits() -> None:
    seller = alpenhost()
    for number in range(8):
        ada(seller, number=f"3{number:04}", **UNCHECKED)
    checker: VatIdChecker = Recording(frozenset({"DE136695976"}))

    counts = ask(_customers(), checker)

    assert counts == {"valid": 0, "invalid": 0, "unavailable": 5}
    assert {customer.vat_id_state for customer in _customers()} == {"unchecked"}


def test_the_job_asks_only_about_what_is_still_unchecked() -> None:
    seller = alpenhost()
    customers = [ada(seller, **UNCHECKED), ada(seller, number="11003", **UNCHECKED | {"vat_id_state": "invalid"})]

    for _ in range(2):
        ask_for_checks(customers, on=TODAY, actor=CLARA)
        for customer in customers:
            customer.refresh_from_db()
        jobs.check_vat_ids([customer.pk for customer in customers])

    assert [customer.vat_id_state for customer in _customers()] == ["checked", "invalid"]
    assert VatIdCheck.objects.count() == 1


@pytest.mark.invariant("I-T4")
def test_a_question_without_an_answer_is_repeated_with_growing_pauses_and_given_up_after_three_days() -> None:
    customer = ada(alpenhost(), **UNCHECKED)
    checker: VatIdChecker = Recording(frozenset({"DE136695976"}))

    ask([customer], checker)
    assert answer_questions(VatIdQuestion.objects.all(), checker)["unavailable"] == 0
    pauses = []
    for _ in PAUSES:
        question = VatIdQuestion.objects.get()
        assert (question.state, question.last_error) == ("queued", "MS_UNAVAILABLE")
        assert question.next_attempt_at is not None
        pauses.append(round((question.next_attempt_at - utc_now()) / timedelta(minutes=1)))
        make_due()
        assert answer_questions(VatIdQuestion.objects.all(), checker)["unavailable"] == 1

    assert pauses == sorted(pauses) and 2 * 1440 < sum(pauses) < 3 * 1440
    question = VatIdQuestion.objects.get()
    assert (question.state, question.attempts, question.next_attempt_at) == ("failed", len(PAUSES) + 1, None)
    customer.refresh_from_db()
    assert customer.vat_id_state == "unchecked"


@pytest.mark.invariant("I-T4")
def test_the_minutes_job_asks_again_and_records_the_answer_in_the_name_of_who_asked() -> None:
    customer = ada(alpenhost(), **UNCHECKED)
    ask([customer], Recording(frozenset({"DE136695976"})))
    make_due()

    jobs.ask_due_vat_ids(0)

    customer.refresh_from_db()
    assert customer.vat_id_state == "checked"
    assert VatIdQuestion.objects.get().state == "done"
    assert set(VatIdCheck.objects.values_list("checked_by", flat=True)) == {"clara"}
    assert {event.actor for event in Event.objects.filter(name="vat_id.checked")} == {CLARA}


def test_who_asks_again_has_the_one_question_asked_now_in_his_name() -> None:
    customer = ada(alpenhost(), **UNCHECKED)
    otto = Actor("staff", "otto", 4712)
    checker: VatIdChecker = Recording(frozenset({"DE136695976"}))
    ask([customer], checker)

    ask_for_checks([customer], on=TODAY, actor=otto)
    ask_for_checks([customer], on=TODAY, actor=otto)

    question = VatIdQuestion.objects.get()
    assert (question.attempts, question.asker) == (0, otto)
    assert answer_questions(VatIdQuestion.objects.all(), FakeVies())["valid"] == 1
    assert VatIdCheck.objects.latest("pk").checked_by == "otto"


def test_a_question_that_was_given_up_can_be_asked_again_and_an_answered_one_is_a_new_one() -> None:
    customer = ada(alpenhost(), **UNCHECKED)
    ask_for_checks([customer], on=TODAY, actor=CLARA)
    VatIdQuestion.objects.update(state="failed", attempts=9, next_attempt_at=None)

    assert ask([customer], FakeVies())["valid"] == 1
    Customer.objects.update(vat_id_state="unchecked")
    assert ask(_customers(), FakeVies())["valid"] == 1

    assert list(VatIdQuestion.objects.values_list("state", flat=True)) == ["done", "done"]


@pytest.mark.parametrize("change", [{"vat_id_state": "checked"}, {"vat_id": "DE811569869"}])
def test_nobody_is_asked_about_what_was_settled_or_changed_meanwhile(change: dict[str, str]) -> None:
    customer = ada(alpenhost(), **UNCHECKED)
    ask_for_checks([customer], on=TODAY, actor=CLARA)
    Customer.objects.filter(pk=customer.pk).update(**change)
    checker = Recording()

    answer_questions(VatIdQuestion.objects.all(), checker)

    assert (checker.asked, VatIdQuestion.objects.get().state) == ([], "done")
    assert not VatIdCheck.objects.exists()


def test_an_answer_that_comes_after_the_lease_leaves_the_question_to_who_took_over() -> None:
    ada(alpenhost(), **UNCHECKED)

    class Slow(FakeVies):
        def check(self, vat_id: str, *, requester: str) -> Answer:
            make_due()
            (successor,) = claim(VatIdQuestion.objects.all(), lease=timedelta(minutes=5), limit=1)
            assert successor.attempts == 2
            return FakeVies.check(self, vat_id, requester=requester)

    ask(_customers(), Slow())

    assert VatIdQuestion.objects.get().state == "claimed"
    assert not VatIdCheck.objects.exists()


def test_questions_are_about_ids_that_vies_knows() -> None:
    ada(alpenhost(), country="CH", vat_id="CHE116281710", vat_id_state="unchecked")

    ask_for_checks(_customers(), on=TODAY, actor=CLARA)

    assert not VatIdQuestion.objects.exists()


@pytest.mark.invariant("I-M2")
@pytest.mark.parametrize("statement", ["UPDATE {} SET outcome = 'valid'", "DELETE FROM {}", "TRUNCATE {}"])
def test_a_recorded_check_is_never_changed(statement: str) -> None:
    record(ada(alpenhost(), **UNCHECKED), "invalid")

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("taxes_vatidcheck"))


def _customers() -> list[Customer]:
    return list(Customer.objects.select_related("seller").order_by("number"))
