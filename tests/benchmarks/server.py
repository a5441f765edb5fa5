"""A PostgreSQL of its own, tuned as the supervisor tunes it, and databases cloned from a migrated one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kundenkontor.config.postgres import APP_ROLE, OWNER_ROLE, Cluster
from tests.support.postgres import clone_database, drop_database, migrate, schema_hash

DIRECTORY = Path("var/bench-postgres")


@contextmanager
def bench_cluster() -> Iterator[Cluster]:
    """The bench server, durable as in production; stopped at the end."""
    cluster = Cluster(DIRECTORY / "cluster", DIRECTORY / "secrets")
    cluster.initialise()
    cluster.start()
    cluster.ensure_roles()
    try:
        yield cluster
    finally:
        cluster.stop()


def empty_database(cluster: Cluster, name: str) -> str:
    """A migrated database without rows; the template is made once per schema."""
    template = f"bench_{schema_hash()}"
    with cluster.connect() as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone()
    if not known:
        cluster.ensure_database(template)
        migrate(cluster, template)
    clone_database(cluster, template, name)
    return name


def use_database(cluster: Cluster, name: str) -> None:
    """Point Django, and child processes, at a database."""
    os.environ["DATABASE_URL"] = cluster.url(APP_ROLE, name)
    os.environ["DATABASE_OWNER_URL"] = cluster.url(OWNER_ROLE, name)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kundenkontor.config.settings")
    import django  # noqa: PLC0415
    from django.apps import apps  # noqa: PLC0415

    if not apps.ready:
        django.setup()
        return
    from tests.support.databases import point_django_at  # noqa: PLC0415

    point_django_at(cluster, name)


@contextmanager
def fresh(cluster: Cluster, name: str, template: str | None = None) -> Iterator[str]:
    """A database for one measurement, empty or cloned from another; dropped afterwards."""
    if template is None:
        empty_database(cluster, name)
    else:
        clone_database(cluster, template, name)
    use_database(cluster, name)
    try:
        yield name
    finally:
        from django.db import connections  # noqa: PLC0415

        connections.close_all()
        drop_database(cluster, name)
