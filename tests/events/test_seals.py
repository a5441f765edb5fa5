"""The chain over all events: whatever a superuser does to it shows."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from django.db import connection
from django.utils.translation import gettext_lazy

from kundenkontor.config.database.postgres import OWNER_ROLE, Cluster
from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.anchors import anchor_chain, anchor_file, head_file, verify_anchors, write_head
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.errors import SealKeyMissing
from kundenkontor.events.keys import LOST, add_key, key_file, read_keys
from kundenkontor.events.models import DayMark, EventSeal, SealAnchor
from kundenkontor.events.names import EventName
from kundenkontor.events.seals import seal_events, unknown_keys, verify_chain
from kundenkontor.integrity import keep_evidence
from kundenkontor.kernel.bulk import take_ids
from kundenkontor.kernel.clock import utc_now
from tests.support.builders import TODAY
from tests.support.patience import allowed

Tamper = Callable[[str], None]
NOTHING: dict[str, int] = {}


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


def wrong() -> list[str]:
    return [*verify_chain(), *verify_anchors()]


@pytest.mark.django_db
def test_each_event_is_sealed_once_in_order() -> None:
    ids = record(5)
    assert (seal_events(), seal_events()) == (5, 0)
    ids += record(2)
    assert seal_events(everything=True) == 2
    seals = EventSeal.objects.order_by("sequence")
    assert [seal.sequence for seal in seals] == list(range(1, 8))
    assert [seal.event_id for seal in seals] == ids
    assert wrong() == []


@pytest.mark.django_db
def test_the_chain_is_anchored_once_an_hour_in_table_and_file() -> None:
    record(3)
    keep_evidence(0)
    record(2)
    keep_evidence(0)
    assert SealAnchor.objects.count() == 1
    (line,) = anchor_file().read_text().splitlines()
    assert line.split()[1] == "3"
    assert head_file().read_text().split()[1] == "5"
    assert wrong() == []


@pytest.mark.django_db
def test_everything_is_looked_at_once_a_day_and_the_last_ones_every_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit that came later than all before it is found the day after, at the latest."""
    monkeypatch.setattr("kundenkontor.events.seals.WINDOW", 0)
    (drawn,) = take_ids("events_event", 1)
    record(3)
    keep_evidence(0)
    with connection.cursor() as cursor:  # drawn before the others, visible after them
        cursor.execute(INSERTED.replace("(name", "(id, name").replace("VALUES (", f"VALUES ({drawn}, "))
    record(1)
    keep_evidence(0)
    late = EventSeal.objects.filter(event_id=drawn)
    assert not late.exists() and DayMark.objects.filter(task="seal_everything").count() == 1
    with time_machine.travel(utc_now() + timedelta(days=1), tick=True):
        keep_evidence(0)
    assert late.exists() and DayMark.objects.filter(task="seal_everything").count() == 2


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


INSERTED = (
    "INSERT INTO events_event (name, occurred_at, business_date, actor_kind, actor_label, reference, payload)"
    " VALUES ('seller.changed', now() - interval '3 hours', now(), 'staff', 'clara', '', '{}')"
)


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
        ("DELETE FROM events_eventseal WHERE sequence > 6", "seal 8 is not the one in line 1 of anchors.log"),
        ("TRUNCATE events_eventseal, events_event, events_sealanchor", "seal 8 is not the one in line 1"),
        ("DELETE FROM events_sealanchor", "line 1 of anchors.log has no row"),
        ("UPDATE events_sealanchor SET numbers = '{\"1/invoice/2026\": 7}'", "anchor 8 is not in anchors.log"),
        ("UPDATE events_eventseal SET key_id = 'another'", "which does not seal there"),
        (INSERTED, "was never sealed"),
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
                " INSERT INTO events_eventseal (sequence, event_id, key_id, hash)"
                " SELECT 6, max(id) + 1, 'k', 'x' FROM events_event;"
                " UPDATE events_eventseal SET sequence = sequence - 999 WHERE sequence > 1000"
            ),
            "is missing",
        ),
    ],
)
def test_whatever_a_superuser_does_to_the_chain_is_found(tamper: Tamper, statement: str, finding: str) -> None:
    record(8)
    seal_events()
    anchor_chain(NOTHING, now=utc_now())
    assert wrong() == []
    tamper(statement)
    assert any(finding in text for text in wrong()), wrong()


@pytest.mark.commits
@pytest.mark.invariant("I-D5")
def test_an_event_that_is_dated_back_shows_once_it_is_sealed(tamper: Tamper) -> None:
    record(8)
    seal_events()
    tamper(INSERTED)
    seal_events()
    assert [text for text in wrong() if "is older than those sealed before it" in text]


@pytest.mark.commits
@pytest.mark.invariant("I-D5")
def test_a_chain_written_anew_contradicts_its_anchor(tamper: Tamper) -> None:
    record(8)
    seal_events()
    anchor_chain(NOTHING, now=utc_now())
    tamper("UPDATE events_event SET payload = '{}' WHERE subject_id = 3")
    tamper("DELETE FROM events_eventseal; DELETE FROM events_sealanchor")
    seal_events(everything=True)
    assert wrong() == ["seal 8 is not the one in line 1 of anchors.log"]


@pytest.mark.commits
@pytest.mark.invariant("I-D5")
def test_the_newest_event_taken_with_its_seal_leaves_the_head_behind(tamper: Tamper) -> None:
    """No anchor knows it yet, the file beside the log does."""
    record(8)
    seal_events()
    write_head(NOTHING, now=utc_now())
    tamper("DELETE FROM events_event WHERE subject_id = 7; DELETE FROM events_eventseal WHERE sequence = 8")
    assert wrong() == ["seal 8 is not the one in anchors.head"]


@pytest.mark.commits
@pytest.mark.invariant("I-D5")
def test_without_the_key_nobody_seals_a_changed_chain_anew(tamper: Tamper) -> None:
    """What the chain was before it had a key: SHA-256 over the same text, which SQL can compute."""
    record(1)
    seal_events()
    tamper("UPDATE events_event SET reference = 'x'")
    tamper(
        "UPDATE events_eventseal s SET hash = sha256(decode(repeat('00', 32), 'hex') || convert_to(e.id::text, 'UTF8'))"
        " FROM events_event e WHERE e.id = s.event_id"
    )
    assert [text for text in wrong() if "is not the one that seal 1 sealed" in text]


@pytest.mark.django_db
@pytest.mark.invariant("I-D5")
def test_a_damaged_line_of_the_anchors_is_a_finding_and_the_others_still_count() -> None:
    record(3)
    keep_evidence(0)
    anchored = anchor_file().read_bytes()
    anchor_file().write_bytes(b"2026-11-2\xff\n" + anchored.replace(b" 3 ", b" 2 ") + anchored)
    assert wrong() == ["line 1 of anchors.log is no anchor", "seal 2 is not the one in line 2 of anchors.log"]


@pytest.mark.commits
def test_an_anchor_whose_commit_failed_is_made_whole_by_the_next_one(tamper: Tamper) -> None:
    record(3)
    seal_events()
    anchor_chain({"1/invoice/2026": 5}, now=utc_now())
    tamper("DELETE FROM events_sealanchor")
    record(1)
    seal_events()
    anchor_chain({"1/invoice/2026": 6}, now=utc_now())
    assert SealAnchor.objects.count() == 2
    assert wrong() == []


@pytest.mark.django_db
def test_an_anchor_that_the_disk_refuses_is_no_row_either(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    record(1)
    seal_events()
    monkeypatch.setattr("kundenkontor.events.anchors._write", full)
    with pytest.raises(OSError):
        anchor_chain(NOTHING, now=utc_now())
    assert not SealAnchor.objects.exists()


@pytest.mark.django_db
def test_a_new_key_seals_what_comes_and_the_old_one_still_proves_what_was() -> None:
    record(2)
    seal_events()
    old = read_keys()[-1]
    new = add_key()
    record(2)
    seal_events()
    assert list(EventSeal.objects.order_by("sequence").values_list("key_id", flat=True)) == [old.id] * 2 + [new.id] * 2
    assert (wrong(), unknown_keys()) == ([], "")


@pytest.mark.django_db
def test_verify_without_the_keys_checks_all_else_and_says_so() -> None:
    record(2)
    seal_events()
    (key,) = read_keys()
    key_file().unlink()
    assert wrong() == []
    assert unknown_keys() == f"not recomputed, for want of the key: 2 of key {key.id} (seal_keys)"
    record(1)
    with pytest.raises(SealKeyMissing):
        seal_events()


@pytest.mark.django_db
@pytest.mark.parametrize("left", [0, 1, 20])
def test_a_line_of_the_keys_that_was_cut_off_is_damage_and_no_lost_key(left: int) -> None:
    record(2)
    seal_events()
    (key,) = read_keys()
    key_file().write_text(f"{key.id} {key.secret.hex()[:left]}".rstrip())
    with pytest.raises(SealKeyMissing):
        read_keys()


@pytest.mark.django_db
def test_a_lost_key_is_declared_in_its_file_and_never_seals_again() -> None:
    record(2)
    seal_events()
    (old,) = read_keys()
    key_file().unlink()
    add_key([old.id])
    record(1)
    seal_events()
    assert key_file().read_text().splitlines()[0] == f"{old.id} {LOST}"
    assert wrong() == []
    assert f"2 of key {old.id}" in unknown_keys()


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
    assert time.monotonic() - start < allowed(20)
    assert verify_chain() == []
