"""A PostgreSQL of its own, tuned as the supervisor tunes it, and databases cloned from a migrated one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kundenkontor.config.database.postgres import APP_ROLE, OWNER_ROLE, Cluster
from tests.support.postgres import clone_database, drop_database, migrate, schema_hash

DIRECTORY = Path("var/bench-postgres")
VAR = Path("var/bench").absolute()


@contextmanager
def bench_cluster() -> Iterator[Cluster]:
    """The bench server, durable as in production; stopped at the end. One at a time."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    with (DIRECTORY / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
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
        names = [row[0] for row in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'bench%%'")]
    if template not in names:
        for leftover in names:
            drop_database(cluster, leftover)
        cluster.ensure_database("bench_new")
        migrate(cluster, "bench_new")
        with cluster.connect() as connection:
            connection.execute(f"ALTER DATABASE bench_new RENAME TO {template}")
    clone_database(cluster, template, name)
    return name


def use_database(cluster: Cluster, name: str) -> None:
    """Point Django, and child processes, at a database."""
    os.environ["DATABASE_URL"] = cluster.url(APP_ROLE, name)
    os.environ["DATABASE_OWNER_URL"] = cluster.url(OWNER_ROLE, name)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kundenkontor.config.settings")
    os.environ["KUNDENKONTOR_VAR"] = str(VAR)
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
        return
    from tests.support.databases import point_django_at

    point_django_at(cluster, name)


def disconnect() -> None:
    """Close Django's connections, so that the database can be cloned or dropped."""
    from django.db import connections

    connections.close_all()


def server_pid(cluster: Cluster) -> int:
    """The process whose children are the server's."""
    return int((cluster.data_dir / "postmaster.pid").read_text().split()[0])


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
        disconnect()
        drop_database(cluster, name)


def collect_static() -> None:
    """What pages link to, as ``kundenkontor up`` collects it."""
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
