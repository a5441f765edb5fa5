"""Whether the walls stand: row-level security, insert-only tables, and a role that owns nothing."""

from kundenkontor.access.rls import PORTAL_POLICIES
from kundenkontor.events.insert_only import INSERT_ONLY_TABLES
from kundenkontor.kernel.checks import Check
from kundenkontor.kernel.errors import message

CHECKS = (
    Check(
        "second_wall_is_on",
        message("The second wall is on: row-level security on every customer table"),
        """SELECT t.name FROM unnest(%s::text[]) AS t(name)
           LEFT JOIN pg_class c ON c.oid = to_regclass('public.' || t.name)
           LEFT JOIN pg_policies p
               ON p.schemaname = 'public' AND p.tablename = t.name AND p.policyname = 'own_customers_only'
           WHERE c.oid IS NOT NULL AND (NOT c.relrowsecurity OR p.tablename IS NULL)""",
        [list(PORTAL_POLICIES)],
    ),
    Check(
        "the_application_owns_nothing",
        message("The application’s database role is neither superuser nor owner of a table"),
        """SELECT current_user::text FROM pg_roles WHERE rolname = current_user AND rolsuper
           UNION ALL
           SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = 'public' AND c.relkind = 'r' AND pg_has_role(current_user, c.relowner, 'USAGE')""",
    ),
    Check(
        "insert_only_tables_are_guarded",
        message("Issued facts can neither be changed nor deleted: triggers are on, rights are missing"),
        """SELECT t.name FROM unnest(%s::text[]) AS t(name)
           JOIN pg_class c ON c.oid = to_regclass('public.' || t.name)
           LEFT JOIN pg_trigger g ON g.tgrelid = c.oid AND g.tgname = t.name || '_is_insert_only'
           WHERE g.tgenabled IS DISTINCT FROM 'A'
              OR has_table_privilege(current_user, c.oid, 'UPDATE, DELETE, TRUNCATE')""",
        [list(INSERT_ONLY_TABLES)],
    ),
)
