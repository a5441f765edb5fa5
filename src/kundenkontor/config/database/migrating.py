"""Bringing a database to the state of this version: migrations, cache table, and what the models declare."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from kundenkontor.access.walls import apply_walls
from kundenkontor.config.database.address import check_database, database_from_url
from kundenkontor.config.database.grants import ROLES_SQL, apply_grants, missing_roles
from kundenkontor.config.database.postgres import APP_ROLE

Say = Callable[[str], None]
OWNER_SETTING = "DATABASE_OWNER_URL"

# finished jobs are removed soon, so the planner's picture of the queue ages fast
BUSY_TABLES = ("procrastinate_jobs", "procrastinate_events")
BUSY_TABLE_SQL = (
    "ALTER TABLE {} SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500,"
    " autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 500)"
)


def migrate_database(say: Say, *, verbosity: int = 0) -> None:
    """Run as the owner role (DATABASE_OWNER_URL), then build what the models declare. Safe to repeat.

    Raises DatabaseUnusable.
    """
    check_database(settings.DATABASE_OWNER_URL, OWNER_SETTING, is_owner=True)
    connections.close_all()
    owner = database_from_url(settings.DATABASE_OWNER_URL, statement_seconds=0, setting=OWNER_SETTING)
    connection.settings_dict.update(owner)
    call_command("migrate", verbosity=verbosity, interactive=False)
    call_command("createcachetable", verbosity=0)
    connection.ensure_connection()
    raw = connection.connection
    for table in BUSY_TABLES:
        raw.execute(BUSY_TABLE_SQL.format(table))
    build_walls(raw, say)
    connections.close_all()


def build_walls(raw: psycopg.Connection[tuple[object, ...]], say: Say) -> None:
    """Triggers, row-level security and rights as declared; where the roles are missing, print the SQL that makes them.

    Raises psycopg's UndefinedTable for a declared table that is none: then nothing was built.
    """
    missing = missing_roles(raw)
    if missing:
        say(
            f"The database roles {', '.join(missing)} are missing, so the database itself does not protect issued"
            f" documents and customers from each other. A database administrator runs:\n\n{ROLES_SQL}"
        )
    with raw.transaction():
        apply_walls(raw, app_role=APP_ROLE, has_roles=not missing)
        if not missing:
            apply_grants(raw)
