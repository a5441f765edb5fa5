"""Hashes of rows hold for ever, and grow by version: what was hashed once is verified by the columns of then (I-D5)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from kundenkontor.config.database.postgres import Cluster
from kundenkontor.events.hashing import Columns, Hashed, find_changed, hash_rows
from kundenkontor.integrity import HASHED
from kundenkontor.payments.commands import receiving
from kundenkontor.payments.models import PAYMENT, Payment
from tests.support.builders import ada, alpenhost
from tests.support.money import pay

pytestmark = [pytest.mark.commits, pytest.mark.invariant("I-D5")]
GOLDEN = Path(__file__).parents[2] / "data" / "hashes"
VERSIONS = [(hashed, version) for hashed in HASHED for version in hashed.versions]
EVENT = """INSERT INTO events_event (name, occurred_at, business_date, actor_kind, actor_label, reference, payload,
    subject_id, document_hash, hash_version) VALUES (%s, now(), now(), 'system', 'system', '', '{}', %s, %s, %s)"""


def golden_rows(hashed: Hashed, version: int) -> tuple[dict[str, str], bytes]:
    """The rows as COPY text by table, and their hash, as they were written down when the version was new."""
    text = (GOLDEN / f"{hashed.event}-{version}.txt").read_text("utf-8")
    _, *found = re.split(r"^\[(\w+)\]\n", text, flags=re.MULTILINE)
    parts = dict(zip(found[::2], found[1::2], strict=True))
    digest = bytes.fromhex(parts.pop("sha256"))
    return parts, digest


def put_back(superuser: psycopg.Connection[tuple[object, ...]], part: Columns, rows: str) -> None:
    """Insert golden rows as they are; columns that came later are left empty."""
    superuser.execute("SET session_replication_role = replica")
    superuser.execute(f"ALTER TABLE {part.table} DISABLE TRIGGER USER".encode())
    query = "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> ALL (%s)"
    for (later,) in superuser.execute(query, [part.table, part.columns.split(", ")]).fetchall():
        superuser.execute(f"ALTER TABLE {part.table} ALTER COLUMN {later} DROP NOT NULL".encode())
    with superuser.cursor().copy(f"COPY {part.table} ({part.columns}) FROM STDIN".encode()) as copy:
        copy.write(rows)


@pytest.mark.parametrize(("hashed", "version"), VERSIONS, ids=lambda value: str(getattr(value, "event", value)))
def test_golden_rows_still_give_their_hash(hashed: Hashed, version: int, fresh_database: str, cluster: Cluster) -> None:
    parts, digest = golden_rows(hashed, version)
    columns = hashed.versions[version]
    subject = int(parts[columns[-1].table].split("\t")[0])

    assert hashlib.sha256("".join(parts[part.table] for part in columns).encode()).digest() == digest
    with cluster.connect(fresh_database) as superuser:
        for part in columns:
            put_back(superuser, part, parts[part.table])
        superuser.execute(EVENT, [hashed.event.name, subject, digest, version])
    assert find_changed(hashed) == []
    as_then = replace(hashed, versions={version: columns})
    assert hash_rows(as_then, [subject]) == {subject: (version, digest)}


def test_a_column_that_comes_later_is_version_2_and_leaves_version_1_alone(
    fresh_database: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = ada(alpenhost())
    first = pay(customer, "10.00")
    with cluster.connect(fresh_database) as superuser:
        superuser.execute("ALTER TABLE payments_payment ADD COLUMN purpose text NOT NULL DEFAULT 'rent'")
    (of_version_1,) = PAYMENT.versions[1]
    grown = of_version_1._replace(columns=f"{of_version_1.columns}, purpose")
    later = replace(PAYMENT, versions={**PAYMENT.versions, 2: (grown,)})
    monkeypatch.setattr(receiving, "PAYMENT", later)
    second = pay(customer, "20.00")

    assert find_changed(later) == []
    assert find_changed(PAYMENT) == [f"event of no known version: {second.pk}"]
    with cluster.connect(fresh_database) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("ALTER TABLE payments_payment DISABLE TRIGGER USER")
        superuser.execute("UPDATE payments_payment SET purpose = 'gift'")
    assert find_changed(later) == [f"changed: {second.pk}"]
    with cluster.connect(fresh_database) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("UPDATE payments_payment SET amount = 99")
    assert find_changed(later) == [f"changed: {first.pk}", f"changed: {second.pk}"]


def test_what_has_no_event_is_found(fresh_database: str, cluster: Cluster) -> None:
    payment = pay(ada(alpenhost()), "10.00")
    forged = Payment.objects.get(pk=payment.pk)
    forged.pk = None
    forged.save(force_insert=True)

    assert find_changed(PAYMENT) == [f"without event: {forged.pk}"]
