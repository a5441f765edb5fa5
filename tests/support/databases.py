"""Pointing Django at another database of the test server, for all threads."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction

from kundenkontor.config.database.postgres import APP_ROLE, Cluster
from kundenkontor.events.anchors import anchor_file, head_file
from tests.support.postgres import clone_database, drop_database

counter = itertools.count()


def forget_anchors() -> None:
    """Those of another database are ahead of a new one, which would count as restored from an older state."""
    for file in (anchor_file(), head_file()):
        file.unlink(missing_ok=True)


def point_django_at(cluster: Cluster, name: str, *, role: str = APP_ROLE) -> None:
    """Let every connection that is opened from now on, in any thread or child process, reach this database."""
    connections.close_all()
    forget_anchors()
    target = {
        "NAME": name,
        "USER": role,
        "PASSWORD": cluster.password(role),
        "HOST": str(cluster.socket_dir),
        "PORT": str(cluster.port),
    }
    connections.settings["default"].update(target)
    connections["default"].settings_dict.update(target)
    os.environ["DATABASE_URL"] = cluster.url(role, name)


@contextmanager
def undone() -> Iterator[None]:
    """A transaction that is rolled back, and that the product need not know of: what it commits for good may go on."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as Django marks those of its own TestCase
    with around:
        yield
        transaction.set_rollback(True)


@contextmanager
def cloned(cluster: Cluster, template: str) -> Iterator[str]:
    """A database of its own, dropped at the end."""
    name = f"test_{os.getpid()}_{next(counter)}"
    clone_database(cluster, template, name)
    try:
        yield name
    finally:
        drop_database(cluster, name)
