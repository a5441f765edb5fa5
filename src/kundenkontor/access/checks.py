"""Whether the walls stand: row-level security, insert-only tables, and a role that owns nothing."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from kundenkontor.access.walls import TABLES_SQL, Wall, find_fallen
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
