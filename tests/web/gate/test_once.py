"""One submit, one effect (I-M5)."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.core.exceptions import BadRequest
from django.db import connection
from django.http import HttpRequest
from django.test import RequestFactory

from kundenkontor.access.models import User
from kundenkontor.events.models import Event
from kundenkontor.kernel.clock import local_date, utc_now
from kundenkontor.kernel.errors import DomainError
from kundenkontor.once.errors import AlreadyDone, KeyUsedForOtherRequest
from kundenkontor.once.models import GivenAnswer
from kundenkontor.web.gate.once import hash_request, new_key, once, response_of


def login(name: str = "clara") -> User:
    return User.objects.create(username=name, staff_role="clerk", created_at=utc_now())


def submit(user: User, key: str, **values: str) -> HttpRequest:
    request = RequestFactory().post("/office/payments/", {"idempotency_key": key, **values})
    request.user = user
    return request


def effect() -> None:
    Event.objects.create(
        name="test.effect",
        occurred_at=utc_now(),
        business_date=local_date(utc_now(), "Europe/Vienna"),
        actor_kind="staff",
        actor_label="clara",
    )


def effects() -> int:
    return Event.objects.filter(name="test.effect").count()


def book(request: HttpRequest, do: Callable[[], None] = effect) -> str:
    """What a view does: returns where it leads."""
    try:
        with once(request) as answer:
            do()
            answer.location = "/office/payments/7/"
    except AlreadyDone as done:
        return f"again {response_of(done.answer).headers['Location']}"
    return answer.location


@pytest.mark.django_db
@pytest.mark.invariant("I-M5")
def test_a_repeated_submit_gets_the_first_answer_and_changes_nothing() -> None:
    clara, key = login(), new_key()
    assert book(submit(clara, key, amount="5")) == "/office/payments/7/"
    assert book(submit(clara, key, amount="5")) == "again /office/payments/7/"
    assert effects() == 1


@pytest.mark.django_db
@pytest.mark.invariant("I-M5")
def test_the_same_key_with_another_body_is_refused() -> None:
    clara, key = login(), new_key()
    book(submit(clara, key, amount="5"))
    with pytest.raises(KeyUsedForOtherRequest):
        book(submit(clara, key, amount="6"))
    assert effects() == 1


@pytest.mark.django_db
@pytest.mark.invariant("I-M5")
@pytest.mark.parametrize(
    "other",
    ["/office/payments/8/?to=bank", "/office/payments/7/", "/office/payments/7/?to=till", "/office/payments/7?to=bank"],
)
def test_the_same_key_on_another_path_or_with_another_query_is_refused(other: str) -> None:
    """The whole address counts, so that what is meant for one row or one choice is not taken as done for another."""
    request = RequestFactory().post("/office/payments/7/?to=bank", {"amount": "5"})
    assert hash_request(request) == hash_request(RequestFactory().post("/office/payments/7/?to=bank", {"amount": "5"}))
    assert hash_request(request) != hash_request(RequestFactory().post(other, {"amount": "5"}))


@pytest.mark.django_db
@pytest.mark.invariant("I-M5")
def test_a_refusal_frees_the_key() -> None:
    clara, key = login(), new_key()

    def refuse() -> None:
        effect()
        raise DomainError()

    with pytest.raises(DomainError):
        book(submit(clara, key, amount="5"), refuse)
    assert not GivenAnswer.objects.exists() and effects() == 0
    assert book(submit(clara, key, amount="6")) == "/office/payments/7/"


@pytest.mark.django_db
@pytest.mark.invariant("I-M5")
def test_a_key_belongs_to_its_login() -> None:
    key = new_key()
    book(submit(login("clara"), key, amount="5"))
    book(submit(login("otto"), key, amount="5"))
    assert effects() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "short", "x" * 65])
def test_a_form_without_a_proper_key_is_a_bad_request(key: str) -> None:
    with pytest.raises(BadRequest):
        book(submit(login(), key))


@pytest.mark.commits
@pytest.mark.invariant("I-M5")
@pytest.mark.security("races")
def test_ten_submits_at_the_same_moment_have_one_effect() -> None:
    clara, key = login(), new_key()
    start, answers = threading.Barrier(10), list[str]()

    def run() -> None:
        try:
            start.wait()
            answers.append(book(submit(clara, key, amount="5")))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(answers)) == ["/office/payments/7/", "again /office/payments/7/"]
    assert answers.count("/office/payments/7/") == 1 and len(answers) == 10
    assert effects() == 1
