"""Fixtures of all tests. Databases: docs in tests/support/postgres.py.

* ``@pytest.mark.django_db``: one transaction per test, rolled back.
* ``@pytest.mark.commits``: a database of its own, cloned from the migrated template; commits, threads, processes.
* ``own_cluster``: a server of its own, for tests that kill PostgreSQL.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
import time_machine
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from kundenkontor.config.database.postgres import Cluster
from tests.support import network, postgres, templates
from tests.support.databases import cloned, point_django_at

pytest_plugins = [
    "tests.support.browser",
    "tests.support.mail",
    "tests.support.breakers",
    "tests.support.numbers",
    "tests.support.processes",
]


# what is too slow is measured where it matters (tests/support/patience.py), not by how busy the machine is
hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("busy")


def pytest_configure(config: pytest.Config) -> None:
    network.block_outside()
    templates.tell_what_is_rendered()
    gc.set_threshold(20_000, 20, 50)


def pytest_collection_finish() -> None:
    """Thousands of tests and all modules stay to the end: nobody need look through them for what can go."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker and marker.kwargs.get("transaction"):
            raise pytest.UsageError(f"{item.nodeid}: insert-only tables cannot be flushed; use @pytest.mark.commits")
        if item.get_closest_marker("commits"):
            item.fixturenames.insert(0, "fresh_database")  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _language_of_its_own() -> Iterator[None]:
    """A request leaves the reader's language behind; the next test begins with German."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The server that all test processes share."""
    with postgres.shared_cluster() as running:
        postgres.drop_orphans(running)
        yield running


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The name of the migrated database that others are cloned from."""
    return postgres.template_database(cluster)


@pytest.fixture(scope="session")
def django_db_setup(cluster: Cluster, template: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """pytest-django's hook: this process gets a database of its own and connects as the app role."""
    with django_db_blocker.unblock(), cloned(cluster, template) as name:
        point_django_at(cluster, name)
        yield
        from django.db import connections

        connections.close_all()


@pytest.fixture
def fresh_database(
    django_db_setup: None, cluster: Cluster, template: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """A database for this test alone; what is committed in it goes with it. Returns its name."""
    before = os.environ["DATABASE_URL"].rsplit("/", 1)[-1].split("?")[0]
    with django_db_blocker.unblock(), cloned(cluster, template) as name:
        point_django_at(cluster, name)
        try:
            yield name
        finally:
            point_django_at(cluster, before)


@pytest.fixture
def passable_folder() -> Iterator[Path]:
    """One that the database server's own user passes through to; pytest's closes whenever another pytest begins."""
    with TemporaryDirectory(prefix="kk-", dir=postgres.roomy_memory(), ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def own_cluster(passable_folder: Path) -> Iterator[Cluster]:
    """A server that this test may kill, with fsync on, roles and no database."""
    running = Cluster(passable_folder / "pg", passable_folder / "secrets", {"shared_buffers": "64MB"})
    running.start()
    running.ensure_roles()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def business_day() -> Iterator[None]:
    """It is noon of 23 November 2026, the day of the builders."""
    with time_machine.travel("2026-11-23T11:00:00Z", tick=True):
        yield
