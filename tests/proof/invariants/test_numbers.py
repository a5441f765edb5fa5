"""Gapless, unique, ordered numbers while clients and the server are killed (I-N1, I-N2, I-N3)."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction

from kundenkontor.config.database.postgres import Cluster
from kundenkontor.invoicing.errors import DraftsRefused, IssueDateTooEarly
from kundenkontor.invoicing.models import Invoice, NumberSeries
from tests.proof.invariants.child import DONE, FAILED, KILLED, Victims
from tests.proof.invariants.scenarios import people, run_issue
from tests.proof.invariants.threads import all_at_once
from tests.support import postgres
from tests.support.books import check_books
from tests.support.breakers import BreakerReport
from tests.support.builders import TODAY, ada, alpenhost, issue, line
from tests.support.databases import point_django_at
from tests.support.patience import CEILING, wait_until

CLIENTS = 8


def numbers() -> list[int]:
    return list(Invoice.objects.order_by("sequence").values_list("sequence", flat=True))


@pytest.mark.django_db
@pytest.mark.invariant("I-N2")
def test_an_issue_date_before_the_last_one_is_refused() -> None:
    customer = ada(alpenhost())
    issue(customer, on=TODAY)

    with pytest.raises(IssueDateTooEarly):
        issue(customer, on=TODAY - timedelta(days=1))
    issue(customer, on=TODAY)

    assert numbers() == [1, 2]


@pytest.mark.django_db
@pytest.mark.invariant("I-N3")
def test_a_refused_or_rolled_back_document_draws_no_number() -> None:
    customer = ada(alpenhost())
    with pytest.raises(DraftsRefused):
        issue(customer, line(name=""))
    with transaction.atomic():
        assert issue(customer).sequence == 1
        transaction.set_rollback(True)

    assert issue(customer).sequence == 1
    assert NumberSeries.objects.get().next_number == 2


@pytest.mark.django_db
@pytest.mark.invariant("I-N1")
def test_a_series_begins_anew_with_each_year() -> None:
    customer = ada(alpenhost())

    issued = [issue(customer, on=day).number for day in (TODAY, TODAY.replace(year=2027), TODAY.replace(year=2027))]

    assert issued == ["RE2026000001", "RE2027000001", "RE2027000002"]


@pytest.mark.commits
@pytest.mark.invariant("I-N1", "I-N2")
def test_sixteen_threads_share_a_series_without_gaps(breaker_report: BreakerReport) -> None:
    seller, first, second = people()
    ids = {"seller": seller.pk, "first": first.pk, "second": second.pk}

    outcomes = all_at_once([partial(run_issue, ids)] * 16)

    assert [outcome for outcome in outcomes if isinstance(outcome, BaseException)] == []
    assert numbers() == list(range(1, 65))
    assert check_books() == []
    breaker_report(threads=16)


def play_client(ids: dict[str, int], seed: int, is_over: threading.Event) -> int:
    """Issue again and again in processes that die at a random statement, if they get that far; returns the deaths.

    At least eight times, and until ``is_over``: who looks on must not miss the end.
    """
    luck, outcomes = random.Random(seed), Counter[str]()
    with Victims() as victims:
        while outcomes[DONE] + outcomes[KILLED] < 8 or not is_over.is_set():
            outcome, _ = victims.run("issue_invoices", ids, luck.randint(1, 120))
            outcomes[outcome] += 1
            if outcome == FAILED:
                time.sleep(0.1)  # the server is recovering
                assert outcomes[FAILED] < 10 * CEILING
    return outcomes[KILLED]


@pytest.mark.slow
@pytest.mark.commits
@pytest.mark.invariant("I-N1", "I-N2", "I-N3", "I-M3")
def test_eight_clients_and_the_server_killed_at_random_leave_no_gap(
    own_cluster: Cluster, breaker_report: BreakerReport
) -> None:
    postgres.migrate_into(own_cluster, "gaps")
    point_django_at(own_cluster, "gaps")
    seller, first, second = people()
    ids = {"seller": seller.pk, "first": first.pk, "second": second.pk}

    is_over = threading.Event()
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(play_client, ids, seed, is_over) for seed in range(CLIENTS)]
        try:
            for _ in range(3):
                wait_for_documents(8)
                kill_server(own_cluster)
        finally:
            is_over.set()
        deaths = sum(client.result(CEILING) for client in clients)

    found = numbers()
    assert found == list(range(1, len(found) + 1))
    assert len(found) >= 32
    assert deaths >= 8
    assert check_books() == []
    connection.close()
    breaker_report(threads=CLIENTS, kills=deaths + 3)


def kill_server(cluster: Cluster) -> None:
    """kill -9 of the whole server, then a start with recovery."""
    pid = cluster.server_pid()
    assert pid is not None and cluster.process is not None
    os.kill(pid, signal.SIGKILL)
    cluster.process.wait()
    connection.close()
    cluster.start()


def wait_for_documents(more: int) -> None:
    """Until so many more documents exist."""
    wanted = Invoice.objects.count() + more

    def are_there() -> bool:
        try:
            return Invoice.objects.count() >= wanted
        except OperationalError:
            connection.close()
            return False

    wait_until(are_there, f"{more} more documents")
