"""One populated database per process, and a copy of it for each test that asks for ``world``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.core.cache import cache
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from kundenkontor.config.database.postgres import Cluster
from tests.proof.rights.world import World, build_world
from tests.support.databases import cloned, point_django_at


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


@pytest.fixture
def world(populated: Populated, cluster: Cluster, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A copy of the populated database; what a test does to it goes with it."""
    before = current_database()
    with django_db_blocker.unblock(), cloned(cluster, populated.name) as name:
        point_django_at(cluster, name)
        cache.clear()
        try:
            yield populated.world
        finally:
            point_django_at(cluster, before)
