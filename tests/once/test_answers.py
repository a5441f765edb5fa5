"""A request with a key has one effect and one answer, whoever asks and whatever it is answered in (I-M5)."""

from __future__ import annotations

import json

import pytest

from kundenkontor.kernel.errors import DomainError
from kundenkontor.once.answers import Answer, Principal, canonical_json, digest_of, json_answer
from kundenkontor.once.commands import answer_once
from kundenkontor.once.errors import KeyUsedForOtherRequest
from kundenkontor.once.models import GivenAnswer

pytestmark = [pytest.mark.django_db, pytest.mark.invariant("I-M5")]
KEY = "0123456789abcdef"
PATH = "/api/payments/?notify=1"
TOKEN = Principal("token", 7)


class Till:
    """Counts what was booked, and answers in JSON as an API would."""

    def __init__(self) -> None:
        self.booked = 0

    def pay(self, whose: Principal = TOKEN, target: str = PATH, **body: object) -> Answer:
        digest = digest_of("POST", target, [canonical_json(body)])
        return answer_once(whose, KEY, digest, self.book)

    def book(self) -> Answer:
        self.booked += 1
        answer = json_answer({"payment": self.booked, "status": "gebucht"}, status=201)
        answer.headers |= {"Location": "/api/payments/1", "Set-Cookie": "session=secret", "X-Trace": "4711"}
        return answer


def test_a_repeat_in_json_gets_status_headers_and_body_of_the_first() -> None:
    till = Till()
    first, again = till.pay(amount="5.00", day="2026-11-01"), till.pay(day="2026-11-01", amount="5.00")

    assert (again.status, again.body, again.location) == (201, first.body, "/api/payments/1")
    assert json.loads(again.body) == {"payment": 1, "status": "gebucht"}
    assert again.headers["Content-Type"] == "application/json"
    assert till.booked == 1


def test_cookies_and_secrets_are_never_stored() -> None:
    till = Till()
    first, again = till.pay(amount="5.00"), till.pay(amount="5.00")
    assert "Set-Cookie" in first.headers and "Set-Cookie" not in again.headers

    shown = answer_once(
        TOKEN, "fedcba9876543210", "x", lambda: Answer(201, {"Location": "/t/1"}, b"token", is_secret=True)
    )
    again = answer_once(TOKEN, "fedcba9876543210", "x", till.book)
    assert shown.body == b"token" and (again.status, again.headers, again.body) == (201, {}, b"")
    assert not GivenAnswer.objects.filter(headers__has_key="Set-Cookie").exists()


@pytest.mark.parametrize("other", [{"amount": "6.00"}, {"amount": "5.00", "target": "/api/payments/?notify=2"}])
def test_another_body_or_query_with_the_same_key_is_refused(other: dict[str, str]) -> None:
    till = Till()
    till.pay(amount="5.00")
    with pytest.raises(KeyUsedForOtherRequest):
        till.pay(**other)  # type: ignore[arg-type]
    assert till.booked == 1


def test_a_key_belongs_to_whoever_sent_it() -> None:
    till = Till()
    for whose in (TOKEN, Principal("login", 7), Principal("visitor", "ab12" * 16)):
        till.pay(whose, amount="5.00")
        till.pay(whose, amount="5.00")
    assert till.booked == 3


def test_a_refusal_frees_the_key() -> None:
    def refuse() -> Answer:
        raise DomainError()

    with pytest.raises(DomainError):
        answer_once(TOKEN, KEY, "x", refuse)
    till = Till()
    assert till.pay(amount="5.00").status == 201 and till.booked == 1
