"""The chain over all events: whatever a superuser does to it shows."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils.translation import gettext_lazy

from kundenkontor.config.database.postgres import OWNER_ROLE, Cluster
from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.jobs import seal_events as seal_job
from kundenkontor.events.models import EventSeal, SealAnchor
from kundenkontor.events.names import EventName
from kundenkontor.events.seals import anchor_day, anchor_file, seal_events, verify_chain
from tests.support.builders import TODAY

Tamper = Callable[[str], None]


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


HAPPENED = EventName("test.happened", "", gettext_lazy("Happened"))


def record(count: int) -> list[int]:
    return record_events(
        HAPPENED,
        [Subject(number, f"N{number}", payload={"ä": number}) for number in range(count)],
        actor=SYSTEM,
        on=TODAY,
    )


@pytest.mark.django_db
def test_each_event_is_sealed_once_in_order() -> None:
    ids = record(5)
    assert (seal_events(), seal_events()) == (5, 0)
    ids += record(2)
    assert seal_events(everything=True) == 2
    seals = EventSeal.objects.order_by("sequence")
    assert [seal.sequence for seal in seals] == list(range(1, 8))
    assert [seal.event_id for seal in seals] == ids
    assert verify_chain() == []


@pytest.mark.django_db
def test_the_day_is_anchored_once_in_table_and_file() -> None:
    record(3)
    seal_job(0)
    seal_job(0)
    assert SealAnchor.objects.count() == 1
    (line,) = anchor_file().read_text().splitlines()
    assert line.split()[1] == "3"
    assert verify_chain() == []


@pytest.fixture
def tamper(cluster: Cluster, fresh_database: str) -> Tamper:
    """Run SQL as a superuser with triggers off."""

    def run(statement: str) -> None:
        with psycopg.connect(cluster.url("postgres", fresh_database), autocommit=True) as raw:
            raw.execute("SET session_replication_role = replica")
            for trigger_table in ("events_event", "events_eventseal", "events_sealanchor"):
                raw.execute(f"ALTER TABLE {trigger_table} DISABLE TRIGGER ALL")
            raw.execute(statement)

    return run


@pytest.mark.commits
@pytest.mark.invariant("I-D5")
@pytest.mark.invariant("I-L1")
@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE events_event SET payload = '{}' WHERE subject_id = 3", "is not the one"),
        ("UPDATE events_event SET document_hash = 'x', hash_version = 1 WHERE subject_id = 3", "is not the one"),
        ("DELETE FROM events_event WHERE subject_id = 3", "is missing"),
        ("DELETE FROM events_eventseal WHERE sequence = 4", "seal 4 is missing"),
        ("DELETE FROM events_eventseal WHERE sequence > 6", "the chain ends at 6"),
        ("TRUNCATE events_eventseal, events_event, events_sealanchor", "the chain ends at 0"),
        (
            (
                "UPDATE events_event a SET name = b.name, subject_id = b.subject_id, payload = b.payload,"
                " reference = b.reference FROM events_event b"
                " WHERE (a.subject_id, b.subject_id) IN ((2, 3), (3, 2))"
            ),
            "is not the one",
        ),
        (
            (
                "UPDATE events_eventseal SET sequence = sequence + 1000 WHERE sequence > 5;"
                " INSERT INTO events_eventseal (sequence, event_id, hash) SELECT 6, max(id) + 1, 'x' FROM events_event;"
                " UPDATE events_eventseal SET sequence = sequence - 999 WHERE sequence > 1000"
            ),
            "is missing",
        ),
    ],
)
def test_whatever_a_superuser_does_to_the_chain_is_found(tamper: Tamper, statement: str, finding: str) -> None:
    record(8)
    seal_events()
    anchor_day(TODAY)
    assert verify_chain() == []
    tamper(statement)
    assert any(finding in text for text in verify_chain()), verify_chain()


@pytest.mark.commits
@pytest.mark.invariant("I-D5")
def test_a_chain_written_anew_contradicts_its_anchor(tamper: Tamper) -> None:
    record(8)
    seal_events()
    anchor_day(TODAY)
    tamper("UPDATE events_event SET payload = '{}' WHERE subject_id = 3")
    tamper("DELETE FROM events_eventseal; DELETE FROM events_sealanchor")
    seal_events(everything=True)
    assert verify_chain() == ["seal 8 is not the one in line 1 of anchors.log"]


@pytest.mark.django_db
@pytest.mark.invariant("I-D5")
def test_a_damaged_line_of_the_anchors_is_a_finding_and_the_others_still_count() -> None:
    record(3)
    seal_job(0)
    anchored = anchor_file().read_bytes()
    anchor_file().write_bytes(b"2026-11-2\xff\n" + anchored.replace(b" 3 ", b" 2 ") + anchored)
    assert verify_chain() == ["line 1 of anchors.log is no anchor", "seal 2 is not the one in line 2 of anchors.log"]


@pytest.mark.commits
def test_two_processes_never_seal_at_once(cluster: Cluster, fresh_database: str) -> None:
    record(3)
    with psycopg.connect(cluster.url(OWNER_ROLE, fresh_database)) as other:
        other.execute("SELECT pg_advisory_xact_lock(4711001)")
        assert seal_events() == 0
    assert seal_events() == 3


@pytest.mark.commits
@pytest.mark.slow
def test_a_hundred_thousand_events_are_sealed_in_seconds() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_event (name, occurred_at, business_date, actor_kind, actor_label, reference, payload)"
            " SELECT 'invoice.issued', now(), '2026-11-23', 'system', 'system', 'RE' || n, '{\"a\": 1}'"
            " FROM generate_series(1, 100000) n"
        )
    start = time.monotonic()
    assert seal_events() == 100_000
    assert time.monotonic() - start < 20
    assert verify_chain() == []
