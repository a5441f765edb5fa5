"""What the app and portal roles may do, given by the owner after every migration."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from kundenkontor.access.rls import PORTAL_TABLES
from kundenkontor.config.database.postgres import APP_ROLE, PORTAL_ROLE
from kundenkontor.events.insert_only import INSERT_ONLY_TABLES

ROLES_SQL = f"""\
CREATE ROLE kundenkontor_owner LOGIN PASSWORD '…';
CREATE ROLE {APP_ROLE} LOGIN BYPASSRLS PASSWORD '…';
CREATE ROLE {PORTAL_ROLE} NOLOGIN;
GRANT {PORTAL_ROLE} TO {APP_ROLE};
CREATE DATABASE kundenkontor OWNER kundenkontor_owner;
"""


def missing_roles(connection: psycopg.Connection[Any]) -> list[str]:
    """Which of the roles app and portal this server does not have."""
    present = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
    return [role for role in (APP_ROLE, PORTAL_ROLE) if role not in present]


def apply_grants(connection: psycopg.Connection[Any], app_role: str = APP_ROLE) -> None:
    """Grant the app role everything but changes of insert-only tables, and portal SELECT on its tables.

    Runs as owner, in one transaction; safe to repeat.
    """
    app, portal = sql.Identifier(app_role), sql.Identifier(PORTAL_ROLE)
    with connection.transaction():
        for statement in (
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            "GRANT USAGE ON SCHEMA public TO {app}, {portal}",
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {app}, {portal}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}",
            "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {app}",
            "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {app}",
        ):
            connection.execute(sql.SQL(statement).format(app=app, portal=portal))
        present = tables_of(connection)
        for table in [*INSERT_ONLY_TABLES, *_history_tables(present)]:
            if table in present:
                statement = "REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}"
                connection.execute(sql.SQL(statement).format(sql.Identifier(table), app))
        for table in PORTAL_TABLES:
            connection.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(sql.Identifier(table), portal))


def tables_of(connection: psycopg.Connection[Any]) -> set[str]:
    """The tables of the public schema."""
    return {row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


def _history_tables(present: set[str]) -> list[str]:
    """pghistory's event tables (row history is append-only too)."""
    from django.apps import apps  # noqa: PLC0415  # needs loaded Django apps

    events = [model._meta.db_table for model in apps.get_models() if hasattr(model, "pgh_tracked_model")]
    return sorted(present.intersection(events))
