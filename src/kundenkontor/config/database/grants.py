"""The roles of the database, and what is given to them whatever tables there are."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from kundenkontor.config.database.postgres import APP_ROLE, PORTAL_ROLE

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


def apply_grants(connection: psycopg.Connection[Any]) -> None:
    """Let both roles into the schema, and app use sequences and functions; as owner, safe to repeat.

    The rights on tables follow from the models' declarations (``access/walls.py``).
    """
    app, portal = sql.Identifier(APP_ROLE), sql.Identifier(PORTAL_ROLE)
    for statement in (
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {app}, {portal}",
        "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {app}",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {app}",
    ):
        connection.execute(sql.SQL(statement).format(app=app, portal=portal))


def tables_of(connection: psycopg.Connection[Any]) -> set[str]:
    """The tables of the public schema."""
    return {row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
