"""The same realistic rows again under other keys: a million of them in a minute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

from kundenkontor.config.database.postgres import Cluster


def columns_of(connection: psycopg.Connection[Any], table: str) -> list[str]:
    """Those that can be written, in order."""
    rows = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'"
        " ORDER BY ordinal_position",
        [table],
    )
    return [row[0] for row in rows]


def multiply(cluster: Cluster, database: str, tables: Mapping[str, Mapping[str, str]], times: int) -> None:
    """Make ``times`` as many rows. Per table and column: "id" is moved by one distance in all tables, so that
    references stay within a copy; "text" gets a suffix; anything else is an SQL expression. The rest is copied.

    As superuser without triggers and foreign keys: the copies are as consistent as the originals.
    """
    with cluster.connect(database) as connection:
        connection.execute("SET session_replication_role = replica")
        step = max(connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0] for table in tables)  # type: ignore[index]
        for table, changes in tables.items():
            columns = columns_of(connection, table)
            moved = {"id": "t.{0} + k * %(step)s", "text": "t.{0} || '-' || k"}
            values = [
                moved.get(changes.get(name, "t.{0}"), changes.get(name, "t.{0}")).format(name) for name in columns
            ]
            connection.execute(
                f"INSERT INTO {table} ({', '.join(columns)})"
                f" SELECT {', '.join(values)} FROM generate_series(1, %(copies)s) k, {table} t ORDER BY k, t.id",
                {"step": step, "copies": times - 1},
            )
            set_sequence(connection, table)


def set_sequence(connection: psycopg.Connection[Any], table: str) -> None:
    """Let the next id follow the largest."""
    connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
