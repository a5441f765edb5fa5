"""The ceiling on passwords that are computed at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.test import Client

from kundenkontor.access.errors import TooManyPasswords
from kundenkontor.access.passwords import BoundedArgon2
from kundenkontor.kernel import limits
from tests.support.patience import CEILING, wait_until


class Counted:
    """Argon2 that is computed until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on, self.computed, self.most, self.lock = threading.Event(), 0, 0, threading.Lock()
        monkeypatch.setattr(Argon2PasswordHasher, "encode", lambda *_: self.compute())

    def compute(self) -> str:
        with self.lock:
            self.computed += 1
            self.most = max(self.most, self.computed)
        self.go_on.wait(CEILING)
        with self.lock:
            self.computed -= 1
        return "argon2$"


@pytest.mark.security("osTicket CVE-2023-30082")
def test_few_passwords_are_computed_at_once_some_wait_and_the_rest_is_sent_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = Counted(monkeypatch)
    tries = limits.HASHES_WAITING + 4
    with ThreadPoolExecutor(tries) as threads:
        running = [threads.submit(BoundedArgon2().encode, "x", "salt" * 4) for _ in range(tries)]
        wait_until(lambda: sum(one.done() for one in running) >= 4, "four who are sent away")
        refused = [one for one in running if one.done()]
        counted.go_on.set()
        outcomes = [one.exception() for one in running]

    assert len(refused) == 4 and counted.most == limits.HASHES
    assert sum(isinstance(outcome, TooManyPasswords) for outcome in outcomes) == 4
    assert BoundedArgon2().encode("x", "salt" * 4) == "argon2$"  # every place was given back


@pytest.mark.django_db
def test_who_is_sent_away_reads_why_and_when_to_come_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cache.clear()

    def full(*_: object) -> str:
        raise TooManyPasswords()

    monkeypatch.setattr("tests.support.passwords.CheapArgon2.encode", full)
    answer = Client().post("/account/login/", {"login": "nobody", "password": "wrong"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Bitte versuchen Sie es in ein paar Sekunden" in answer.content.decode()
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []
