"""A filled database that every test of a module spoils as superuser; what one did is gone for the next."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, connections, transaction
from django.test import override_settings

from kundenkontor.config.database.postgres import APP_ROLE, SUPERUSER, Cluster
from kundenkontor.integrity import FILES, HASHED, STATEMENT_CHECKS, WALKS
from kundenkontor.kernel.checks import run_check
from tests.support.databases import cloned, point_django_at, undone

# read on connections of their own, which see what was committed
WALKED_APART = {hashed.code for hashed in HASHED}
CHECKS = {check.code: check for check in (*STATEMENT_CHECKS, *WALKS, FILES)}


@contextmanager
def filled(cluster: Cluster, template: str, folder: Path, fill: Callable[[], None]) -> Iterator[str]:
    """A clone that ``fill`` has filled, with its data folder; returns its name."""
    before = os.environ["DATABASE_URL"].rsplit("/", 1)[-1].split("?")[0]
    own = override_settings(VAR_DIR=folder, STORED_FILES_DIR=folder / "files")
    with own, cloned(cluster, template) as name:
        point_django_at(cluster, name)
        try:
            fill()
            connections.close_all()
            yield name
        finally:
            point_django_at(cluster, before)


@contextmanager
def spoilt(cluster: Cluster, name: str, spoil: Callable[[], None], code: str) -> Iterator[None]:
    """Where a superuser did this to the database, as the product sees it that asks for this check."""
    if code in WALKED_APART:
        with cloned(cluster, name) as clone:
            point_django_at(cluster, clone, role=SUPERUSER)
            with transaction.atomic():
                spoil()
            point_django_at(cluster, clone)
            yield
            connections.close_all()
        return
    point_django_at(cluster, name, role=SUPERUSER)
    with undone():
        spoil()
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL SESSION AUTHORIZATION {APP_ROLE}")
        yield
    point_django_at(cluster, name)


def execute(*statements: str) -> None:
    """As superuser, without a trigger or foreign key firing."""
    with connection.cursor() as cursor:
        for statement in ("SET LOCAL session_replication_role = replica", *statements):
            cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


def select(query: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def found(codes: Iterable[str] = CHECKS) -> dict[str, str]:
    """Which of these checks find something, and what."""
    findings = [run_check(CHECKS[code]) for code in codes]
    return {one.code: str(one.examples) for one in findings if one.count}


def assert_found(code: str) -> None:
    assert found([code]), found()
