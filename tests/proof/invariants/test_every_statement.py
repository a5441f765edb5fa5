"""Every money command is stopped before each of its statements: all of it happens or nothing, and again it works."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection
from procrastinate.exceptions import ConnectorException

from kundenkontor.config.database.postgres import Cluster
from tests.proof.invariants.child import DONE, KILLED, Victims
from tests.proof.invariants.scenarios import SCENARIOS, state
from tests.proof.invariants.statements import kill_backend, stop_here, striking_at
from tests.support import postgres
from tests.support.books import check_books
from tests.support.breakers import BreakerReport
from tests.support.databases import forget_anchors, point_django_at
from tests.support.patience import wait_until

TOO_MANY = 300
LOST = (OperationalError, ConnectorException)  # what Django and the job queue say when the connection ends
MONEY = pytest.mark.invariant("I-M1", "I-M3", "I-N1", "I-N3", "I-B2")


@MONEY
@pytest.mark.commits
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_command_stopped_at_any_statement_leaves_nothing(name: str, breaker_report: BreakerReport) -> None:
    ids = SCENARIOS[name].prepare()
    before = state()
    for number in range(1, TOO_MANY):
        with striking_at(number, stop_here) as seen:
            try:
                SCENARIOS[name].run(ids)
            except LOST:
                lose_session()
                assert state() == before, seen[-1]
                continue
        break

    assert state() != before
    assert check_books() == []
    breaker_report(statements_hit=number - 1, statements_total=len(seen), command=name)


def lose_session() -> None:
    """What ends with a lost connection, without the price of a new one: transaction, locks, role, settings."""
    connection.rollback()
    assert connection.get_autocommit() and not connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("DISCARD ALL")
    connection.init_connection_state()


@MONEY
@pytest.mark.commits
@pytest.mark.parametrize("name", ["issue_invoices", "bill_chunk", "receive_payments", "cancel_invoice"])
def test_a_process_killed_at_any_statement_leaves_nothing(name: str, breaker_report: BreakerReport) -> None:
    ids = SCENARIOS[name].prepare()
    before = state()
    with Victims() as victims:
        for number in range(1, TOO_MANY):
            outcome, statements = victims.run(name, ids, number)
            if outcome == DONE:
                break
            assert (outcome, state()) == (KILLED, before), statements

    assert state() != before
    assert check_books() == []
    breaker_report(kills=number - 1, statements_hit=number - 1, statements_total=len(statements), command=name)


@MONEY
@pytest.mark.slow
@pytest.mark.commits
def test_a_server_killed_at_any_statement_leaves_nothing(own_cluster: Cluster, breaker_report: BreakerReport) -> None:
    with own_cluster.connect() as superuser:  # kill -9 loses nothing that the kernel has
        superuser.execute("ALTER SYSTEM SET fsync = off")
        superuser.execute("SELECT pg_reload_conf()")
    forget_anchors()
    postgres.migrate_into(own_cluster, "pattern")
    for name in ("issue_invoices", "bill_chunk", "receive_payments"):
        postgres.clone_database(own_cluster, "pattern", name)
        point_django_at(own_cluster, name)
        ids = SCENARIOS[name].prepare()
        before = state()
        for number in range(1, TOO_MANY):
            with striking_at(number, kill_backend) as seen:
                try:
                    SCENARIOS[name].run(ids)
                except LOST:
                    assert state_after_recovery() == before, seen[-1]
                    continue
            break
        assert state() != before
        assert check_books() == []
        breaker_report(kills=number - 1, statements_hit=number - 1, statements_total=len(seen), command=name)
    connection.close()


def state_after_recovery() -> object:
    """As soon as the server answers again; the first connection may still be one that goes down with the others."""
    found: list[object] = []

    def answers() -> bool:
        connection.close()
        try:
            found.append(state())
        except LOST:
            return False
        return True

    wait_until(answers, "the server's recovery")
    return found[-1]
