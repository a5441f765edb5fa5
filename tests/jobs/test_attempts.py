"""Claims and leases against PostgreSQL, on the outbox: whoever works works alone, and nobody overwrites a successor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from kundenkontor.jobs.attempts import DIED, claim, give_up, next_attempt, put_off, restart, settle
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.models import OutgoingMail
from tests.support.patience import CEILING

LEASE = timedelta(minutes=10)
PAUSES = [timedelta(minutes=1), timedelta(minutes=5)]


def work(number: int = 1, **columns: Any) -> OutgoingMail:
    return OutgoingMail.objects.create(message_id=f"<{number}@x>", queued_at=utc_now(), **columns)


def take(limit: int = 1, lease: timedelta = LEASE) -> list[OutgoingMail]:
    return claim(OutgoingMail.objects.all(), lease=lease, limit=limit)


def state_of(row: OutgoingMail) -> tuple[str, int, str]:
    now = OutgoingMail.objects.get(pk=row.pk)
    return now.state, now.attempts, now.last_error


@pytest.mark.django_db
def test_the_longest_waiting_is_claimed_first_and_counted_once() -> None:
    later, first = work(1), work(2, next_attempt_at=utc_now() - timedelta(hours=1))
    work(3, next_attempt_at=utc_now() + timedelta(hours=1))

    claimed = take() + take()

    assert [row.pk for row in claimed] == [first.pk, later.pk]
    assert take(5) == []
    assert state_of(first) == state_of(later) == ("claimed", 1, "")
    assert (claimed[0].state, claimed[0].attempts, claimed[0].claimed_from) == ("claimed", 1, "queued")
    assert OutgoingMail.objects.get(pk=first.pk).next_attempt_at == claimed[0].next_attempt_at


@pytest.mark.django_db
def test_an_end_takes_other_columns_with_it_and_is_never_due_again() -> None:
    work()
    (row,) = take()

    assert settle(row, "done", sent_at=utc_now())

    left = OutgoingMail.objects.get()
    assert (left.state, left.next_attempt_at) == ("done", None) and left.sent_at
    assert not left.is_restartable and restart(OutgoingMail.objects.all()) == 0


@pytest.mark.django_db
def test_work_that_kills_its_workers_is_given_up_after_as_many_attempts() -> None:
    row = work()
    for _ in range(len(PAUSES) + 1):
        (claimed,) = take()
        assert not give_up(claimed, PAUSES)
        OutgoingMail.objects.update(next_attempt_at=utc_now())  # its worker died, the lease ends
    (claimed,) = take()
    assert give_up(claimed, PAUSES, body="given up")
    assert state_of(row) == ("failed", len(PAUSES) + 2, DIED)
    assert (OutgoingMail.objects.get().body, take()) == ("given up", [])


@pytest.mark.django_db
def test_pauses_grow_and_their_end_is_a_failure_that_staff_starts_again() -> None:
    row = work()
    for pause in PAUSES:
        (row,) = take()
        assert put_off(row, PAUSES, error="no answer")
        assert row.next_attempt_at is not None
        assert abs(row.next_attempt_at - utc_now() - pause) < timedelta(seconds=5)
        assert state_of(row) == ("queued", row.attempts, "no answer")
        OutgoingMail.objects.update(next_attempt_at=utc_now())
    (row,) = take()
    assert put_off(row, PAUSES, error="still none", body="given up")
    assert state_of(row) == ("failed", 3, "still none")
    assert (OutgoingMail.objects.get().body, take()) == ("given up", [])

    assert restart(OutgoingMail.objects.all()) == 1

    (row,) = take()
    assert row.attempts == 1


@pytest.mark.django_db
def test_nothing_is_repeated_when_there_are_no_pauses_left() -> None:
    assert next_attempt(1, PAUSES) is not None
    assert next_attempt(3, PAUSES) is None


@pytest.mark.django_db
def test_a_claim_that_was_taken_over_overwrites_nothing() -> None:
    work()
    (slow,) = take(lease=timedelta(0))
    (successor,) = take()

    assert not settle(slow, "done")
    assert not put_off(slow, PAUSES, error="too late")

    assert slow.state == "claimed" and successor.claimed_from == "claimed"
    assert state_of(successor) == ("claimed", 2, "")
    assert settle(successor, "failed", error="refused")
    assert not settle(slow, "done")
    assert state_of(successor) == ("failed", 2, "refused")


@pytest.mark.django_db
def test_a_late_end_is_not_taken_for_that_of_the_attempt_after_a_restart() -> None:
    """Both are the first attempt: the number alone would not tell them apart."""
    work()
    (slow,) = take(lease=timedelta(0))
    (successor,) = take()
    settle(successor, "failed")
    restart(OutgoingMail.objects.all())
    (again,) = take()
    assert again.attempts == slow.attempts == 1

    assert not settle(slow, "done")

    assert settle(again, "done")


@pytest.mark.django_db
def test_a_lease_that_ended_is_still_ones_own_while_nobody_took_over() -> None:
    work()
    (slow,) = take(lease=timedelta(0))

    assert settle(slow, "done")


@pytest.mark.django_db
def test_what_is_claimed_cannot_be_started_again() -> None:
    work()
    (row,) = take()

    assert not row.is_restartable and restart(OutgoingMail.objects.all()) == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "somewhere"},
        {"next_attempt_at": None},
        {"state": "done"},
        {"state": "failed"},
        {"state": "claimed"},
        {"state": "unknown"},
    ],
)
def test_the_database_knows_what_goes_together(wrong: dict[str, Any]) -> None:
    work()
    with pytest.raises(DatabaseError), transaction.atomic():
        OutgoingMail.objects.update(**wrong)


@pytest.mark.commits
def test_work_is_claimed_in_no_transaction_of_its_caller() -> None:
    work()
    with transaction.atomic(), pytest.raises(RuntimeError):
        take()


@pytest.mark.commits
def test_two_connections_that_claim_at_the_same_time_share_nothing_and_wait_for_nobody() -> None:
    for number in range(40):
        work(number)
    shares: list[list[int]] = []
    begin = threading.Barrier(4)

    def run() -> None:
        mine: list[int] = []
        begin.wait()
        while rows := take(3):
            mine += [row.pk for row in rows]
        shares.append(mine)
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(id_ for share in shares for id_ in share) == list(
        OutgoingMail.objects.order_by("pk").values_list("pk", flat=True)
    )
    assert set(OutgoingMail.objects.values_list("state", "attempts")) == {("claimed", 1)}


@pytest.mark.commits
def test_a_row_that_somebody_is_just_taking_is_passed_over() -> None:
    held, free = work(1), work(2)
    with transaction.atomic():
        OutgoingMail.objects.select_for_update().get(pk=held.pk)
        found: list[int] = []

        def run() -> None:
            found.extend(row.pk for row in take(5))
            connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(timeout=CEILING)
    assert found == [free.pk]


WORKER = """
import os, signal
import django
django.setup()
from datetime import timedelta
from kundenkontor.jobs.attempts import claim
from kundenkontor.messaging.models import OutgoingMail
(row,) = claim(OutgoingMail.objects.all(), lease=timedelta(minutes=10), limit=1)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.commits
def test_who_is_killed_while_working_has_been_counted_and_is_followed_when_the_lease_ends() -> None:
    row = work()
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.support.settings"}
    killed = subprocess.run(
        [sys.executable, "-c", WORKER], env=environment, capture_output=True, text=True, timeout=CEILING
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert state_of(row) == ("claimed", 1, "")
    assert take() == []

    OutgoingMail.objects.update(next_attempt_at=utc_now())

    (successor,) = take()
    assert (successor.attempts, successor.claimed_from) == (2, "claimed")
    assert settle(successor, "done")
