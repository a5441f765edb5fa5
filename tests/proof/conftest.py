"""One populated database per process.

* ``world``: a copy that the tests share, each in one transaction that is rolled back.
* ``committed_world``: a copy for this test alone; commits, threads, processes, and what follows a commit.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.core.cache import cache
from django.db import connection, connections
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from kundenkontor.config.database.postgres import Cluster
from tests.proof.rights.world import World, build_world
from tests.support.databases import cloned, point_django_at, undone


@dataclass
class Populated:
    """The name of the database that copies are made of, and what stands in it."""

    name: str
    world: World


def current_database() -> str:
    return os.environ["DATABASE_URL"].rsplit("/", 1)[-1].split("?")[0]


@pytest.fixture(scope="session")
def populated(
    django_db_setup: None, cluster: Cluster, template: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[Populated]:
    before = current_database()
    with django_db_blocker.unblock(), cloned(cluster, template) as name:
        point_django_at(cluster, name)
        try:
            made = build_world()
        finally:
            point_django_at(cluster, before)
            connections.close_all()
        yield Populated(name, made)


@pytest.fixture(scope="session")
def shared_copy(populated: Populated, cluster: Cluster) -> Iterator[str]:
    """No connection writes in it but that of a test's own thread, whose transaction is rolled back."""
    with cloned(cluster, populated.name) as name:
        with cluster.connect() as raw:
            closing = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on")
            raw.execute(closing.format(sql.Identifier(name)))
        yield name


@pytest.fixture
def world(
    populated: Populated, shared_copy: str, cluster: Cluster, django_db_blocker: DjangoDbBlocker
) -> Iterator[World]:
    """The populated database in one transaction: what a test does to it is rolled back; nothing follows a commit."""
    with django_db_blocker.unblock(), rolled_back(cluster, shared_copy):
        yield populated.world


@pytest.fixture
def committed_world(populated: Populated, cluster: Cluster, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A copy of the populated database; what a test does to it goes with it."""
    with django_db_blocker.unblock(), cloned(cluster, populated.name) as name, pointed_at(cluster, name):
        cache.clear()
        yield populated.world


@contextmanager
def pointed_at(cluster: Cluster, name: str) -> Iterator[None]:
    before = current_database()
    point_django_at(cluster, name)
    try:
        yield
    finally:
        point_django_at(cluster, before)


@contextmanager
def rolled_back(cluster: Cluster, shared_copy: str) -> Iterator[None]:
    """One transaction in the copy that tests share, in which this thread may write."""
    with pointed_at(cluster, shared_copy):
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
        with undone():
            cache.clear()
            yield
