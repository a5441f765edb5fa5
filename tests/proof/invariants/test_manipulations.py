"""Whatever of the list a superuser does to a living database, carefully and one thing at a time, ``verify`` says so."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
import time_machine
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from kundenkontor.config.database.postgres import Cluster
from kundenkontor.events.anchors import anchor_file
from kundenkontor.integrity import keep_evidence
from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.clock import utc_now
from tests.proof.invariants.living import live
from tests.proof.invariants.spoiling import assert_found, execute, filled, found, select, spoilt
from tests.support.databases import cloned, point_django_at

pytestmark = [pytest.mark.slow, pytest.mark.invariant("I-M2", "I-D5")]
CHANGED = re.compile(r"\b(?:UPDATE|INTO|FROM|TABLE|ON) ([a-z]+_[a-z]+)\b")
SWITCHES = {"A": "ENABLE ALWAYS", "O": "ENABLE"}
HEAD = re.compile(r"-- (?P<number>\d\w*) (?P<code>\w+)(?: \((?P<then>[\w .]+)\))?: (?P<what>.*)")


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
    with django_db_blocker.unblock(), filled(cluster, template, folder, live_long) as name:
        yield name, folder


def live_long() -> None:
    live()
    assert Invoice.objects.count() > 150


@pytest.fixture
def later(
    living: tuple[str, Path], django_db_blocker: DjangoDbBlocker, tmp_path: Path
) -> Iterator[Callable[[], None]]:  # fmt: skip
    """It is two hours later. Puts a copy of the anchors and keys where the product looks for them."""
    _, folder = living

    def keep() -> None:
        for kept in ("anchors.log", "anchors.head", "secrets/seal_keys"):
            (tmp_path / kept).parent.mkdir(exist_ok=True)
            shutil.copyfile(folder / kept, tmp_path / kept)

    own = override_settings(VAR_DIR=tmp_path, STORED_FILES_DIR=folder / "files")
    with django_db_blocker.unblock(), own, time_machine.travel(utc_now() + timedelta(hours=2), tick=True):
        yield keep


def with_rows(statements: list[str]) -> list[str]:
    """With the rows that are picked."""
    values: dict[str, object] = {}
    for name, query in PICKS.items():
        ((values[name],),) = select(put(query, values))
        assert values[name] is not None, name
    return [put(statement, values) for statement in statements]


def put(statement: str, values: dict[str, object]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: str(values.get(match[1], match[0])), statement)


def manipulate(statements: list[str]) -> None:
    """Without the triggers of the tables named, which stand again afterwards as they stood."""
    triggers = [
        (table, *row)
        for table in sorted({table for statement in statements for table in CHANGED.findall(statement)})
        for row in select(
            f"SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = to_regclass('{table}')"  # nosec B608  # a word of the list
        )
    ]
    execute(
        *(f'ALTER TABLE {table} DISABLE TRIGGER "{name}"' for table, name, _ in triggers),
        *statements,
        *(f'ALTER TABLE {table} {SWITCHES[enabled]} TRIGGER "{name}"' for table, name, enabled in triggers),
    )


def test_the_list_is_whole() -> None:
    assert {int(re.sub(r"\D", "", one.number)) for one in MANIPULATIONS} == set(range(1, 71))


def test_the_living_database_passes_every_check(
    living: tuple[str, Path], cluster: Cluster, later: Callable[[], None]
) -> None:
    with cloned(cluster, living[0]) as clone:
        point_django_at(cluster, clone)
        later()

        assert found() == {}


@pytest.mark.parametrize("one", MANIPULATIONS, ids=[f"{one.number} {one.what}" for one in MANIPULATIONS])
def test_a_careful_superuser_is_found(
    one: Manipulation, living: tuple[str, Path], cluster: Cluster, later: Callable[[], None]
) -> None:
    with spoilt(cluster, living[0], lambda: manipulate(with_rows(one.statements)), one.code):
        later()
        if one.then == "seals":
            keep_evidence(0)
        if one.then == "loses anchors.log":
            anchor_file().unlink()

        assert_found(one.code)
