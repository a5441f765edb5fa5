"""Whatever of the list a superuser does to a living database, carefully and one thing at a time, ``verify`` says so."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
import time_machine
from django.db import connections
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from kundenkontor.config.database.postgres import Cluster
from kundenkontor.events.anchors import anchor_file
from kundenkontor.integrity import check_all, keep_evidence
from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.clock import utc_now
from tests.proof.invariants.living import live
from tests.support.databases import cloned, point_django_at

pytestmark = [pytest.mark.slow, pytest.mark.invariant("I-M2", "I-D5")]
CHANGED = re.compile(r"\b(?:UPDATE|INTO|FROM|TABLE|ON) ([a-z]+_[a-z]+)\b")
SWITCHES = {"A": "ENABLE ALWAYS", "O": "ENABLE"}
HEAD = re.compile(r"-- (?P<number>\d\w*) (?P<code>\w+)(?: \((?P<then>[\w .]+)\))?: (?P<what>.*)")
Superuser = psycopg.Connection[tuple[object, ...]]


class Manipulation(NamedTuple):
    """``code`` is the check that must find it; ``then``: what the product does, or reads, before it is looked at."""

    number: str
    code: str
    then: str | None
    what: str
    statements: list[str]


def read() -> tuple[dict[str, str], list[Manipulation]]:
    """What is picked, and what is done, of ``manipulations.sql``."""
    picks, manipulations = {}, []
    for block in (Path(__file__).parent / "manipulations.sql").read_text().split("\n\n")[1:]:
        head, _, body = block.strip().partition("\n")
        statements = [" ".join(part.split()) for part in re.split(r";$", body, flags=re.M) if part.strip()]
        if head.startswith("-- pick "):
            picks[head.removeprefix("-- pick ")] = statements[0]
        elif match := HEAD.fullmatch(head):
            manipulations.append(Manipulation(**match.groupdict(), statements=statements))
    return picks, manipulations


PICKS, MANIPULATIONS = read()


@pytest.fixture(scope="module")
def living(
    django_db_setup: None, cluster: Cluster, template: str, django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, Path]]:  # fmt: skip
    """The name of the living database, and its data folder."""
    folder = tmp_path_factory.mktemp("living")
    before = os.environ["DATABASE_URL"].rsplit("/", 1)[-1].split("?")[0]
    with django_db_blocker.unblock(), cloned(cluster, template) as name:
        with override_settings(VAR_DIR=folder, STORED_FILES_DIR=folder / "files"):
            point_django_at(cluster, name)
            live()
            assert Invoice.objects.count() > 150
            connections.close_all()
        yield name, folder
        point_django_at(cluster, before)


@pytest.fixture
def copy(
    living: tuple[str, Path], cluster: Cluster, django_db_blocker: DjangoDbBlocker, tmp_path: Path
) -> Iterator[str]:
    """A copy of it that the test may spoil, two hours later."""
    name, folder = living
    with django_db_blocker.unblock(), cloned(cluster, name) as clone:
        own = override_settings(VAR_DIR=tmp_path, STORED_FILES_DIR=folder / "files")
        with own, time_machine.travel(utc_now() + timedelta(hours=2), tick=True):
            point_django_at(cluster, clone)
            for kept in ("anchors.log", "anchors.head", "secrets/seal_keys"):
                (tmp_path / kept).parent.mkdir(exist_ok=True)
                shutil.copyfile(folder / kept, tmp_path / kept)
            yield clone
            connections.close_all()


def found(*, files: bool = False) -> dict[str, str]:
    return {one.code: str(one.examples) for one in check_all(files=files) if one.count}


def filled(superuser: Superuser, statements: list[str]) -> list[str]:
    """With the rows that are picked."""
    values: dict[str, object] = {}
    for name, query in PICKS.items():
        row = superuser.execute(put(query, values)).fetchone()
        assert row is not None and row[0] is not None, name
        values[name] = row[0]
    return [put(statement, values) for statement in statements]


def put(statement: str, values: dict[str, object]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: str(values.get(match[1], match[0])), statement)


def manipulate(superuser: Superuser, statements: list[str]) -> None:
    """Without the triggers of the tables named, which stand again afterwards as they stood."""
    superuser.execute("SET session_replication_role = replica")
    tables = sorted({table for statement in statements for table in CHANGED.findall(statement)})
    triggers = [
        (table, name, str(enabled))
        for table in tables
        for name, enabled in superuser.execute(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND NOT tgisinternal", [table]
        )
    ]
    for table, name, _ in triggers:
        superuser.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{name}"')
    for statement in statements:
        superuser.execute(statement)
    for table, name, enabled in triggers:
        superuser.execute(f'ALTER TABLE {table} {SWITCHES[enabled]} TRIGGER "{name}"')


def test_the_list_is_whole() -> None:
    assert {int(re.sub(r"\D", "", one.number)) for one in MANIPULATIONS} == set(range(1, 71))


def test_the_living_database_passes_every_check(copy: str) -> None:
    assert found(files=True) == {}


@pytest.mark.parametrize("one", MANIPULATIONS, ids=[f"{one.number} {one.what}" for one in MANIPULATIONS])
def test_a_careful_superuser_is_found(one: Manipulation, copy: str, cluster: Cluster) -> None:
    with cluster.connect(copy) as superuser:
        manipulate(superuser, filled(superuser, one.statements))
    if one.then == "seals":
        keep_evidence(0)
    if one.then == "loses anchors.log":
        anchor_file().unlink()

    findings = found(files=one.then == "reads files")

    assert one.code in findings, findings
