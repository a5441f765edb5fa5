"""Whether the walls stand: row-level security, insert-only tables, and a role that owns nothing."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from kundenkontor.access.schema import find_changed_schema
from kundenkontor.access.walls import TABLES_SQL, Wall, find_fallen
from kundenkontor.events.names import (
    ACCESS_MEMBERSHIP_ADDED,
    ACCESS_MEMBERSHIP_REMOVED,
    ACCESS_ROLE_CHANGED,
    ACCESS_USER_CREATED,
    ACCESS_USER_DEACTIVATED,
    ACCESS_USER_REACTIVATED,
)
from kundenkontor.kernel.checks import Check, Walk
from kundenkontor.kernel.errors import message
from kundenkontor.kernel.tables import declared_tables


def _fallen(*, second_wall: bool) -> list[str]:
    """What differs from the declarations: in what the portal sees, or in who may change what."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user::text")
        fallen = find_fallen(cursor, cursor.fetchone()[0])
    return [str(wall) for wall in fallen if _is_second_wall(wall) == second_wall]


def _is_second_wall(wall: Wall) -> bool:
    return wall.kind in ("row-level security", "policy", "role") or wall.name == settings.PORTAL_ROLE


def find_undeclared_tables() -> list[str]:
    """Tables and views that no model declares, and declared ones that are not there."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name FROM ({TABLES_SQL}) AS tables")  # nosec B608
        return sorted(declared_tables().keys() ^ {row[0] for row in cursor.fetchall()})


CHECKS = (
    Walk(
        "the_schema_is_as_made",
        message("Columns, constraints, unique indexes and functions are those that the program makes"),
        find_changed_schema,
    ),
    Check(
        "logins_are_as_recorded",
        message("Every role in the office, every lock and every access to a customer was given by a recorded command"),
        """SELECT u.username FROM access_user u
           LEFT JOIN (
               SELECT DISTINCT ON (subject_id) subject_id, coalesce(payload ->> 'to', payload ->> 'staff_role') AS role
               FROM events_event WHERE name IN (%(created)s, %(role)s) ORDER BY subject_id, id DESC
           ) r ON r.subject_id = u.id
           LEFT JOIN (
               SELECT DISTINCT ON (subject_id) subject_id, name <> %(locked)s AS is_active
               FROM events_event WHERE name IN (%(locked)s, %(unlocked)s) ORDER BY subject_id, id DESC
           ) a ON a.subject_id = u.id
           WHERE u.staff_role <> coalesce(r.role, '') OR u.is_active <> coalesce(a.is_active, true)
           UNION ALL
           SELECT 'user ' || coalesce(m.user_id, e.subject_id) || ', customer '
                  || coalesce(m.customer_id, e.customer_id)
           FROM access_membership m
           FULL JOIN (
               SELECT DISTINCT ON (subject_id, customer_id) subject_id, customer_id,
                      CASE name WHEN %(added)s THEN payload ->> 'role' END AS role
               FROM events_event WHERE name IN (%(added)s, %(removed)s) ORDER BY subject_id, customer_id, id DESC
           ) e ON (e.subject_id, e.customer_id) = (m.user_id, m.customer_id)
           WHERE m.role IS DISTINCT FROM e.role""",
        {
            "created": ACCESS_USER_CREATED.name,
            "role": ACCESS_ROLE_CHANGED.name,
            "locked": ACCESS_USER_DEACTIVATED.name,
            "unlocked": ACCESS_USER_REACTIVATED.name,
            "added": ACCESS_MEMBERSHIP_ADDED.name,
            "removed": ACCESS_MEMBERSHIP_REMOVED.name,
        },
    ),
    Walk(
        "second_wall_is_on",
        message("The second wall is on: row-level security on every customer table"),
        lambda: _fallen(second_wall=True),
    ),
    Check(
        "the_application_owns_nothing",
        message("The application’s database role is neither superuser nor owner of a table"),
        """SELECT current_user::text FROM pg_roles WHERE rolname = current_user AND rolsuper
           UNION ALL
           SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = 'public' AND c.relkind = 'r' AND pg_has_role(current_user, c.relowner, 'USAGE')""",
    ),
    Walk(
        "insert_only_tables_are_guarded",
        message("Issued facts can neither be changed nor deleted: triggers are on, rights are missing"),
        lambda: _fallen(second_wall=False),
    ),
)
