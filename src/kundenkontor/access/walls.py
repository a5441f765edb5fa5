"""What the database itself must hold, as the models declare it: triggers, row-level security, rights of the roles.

The triggers that keep the histories of rows are declared by ``pghistory.track`` and belong to it.

Both ``apply_walls`` (after every migration) and ``verify`` compare the declared walls with those that stand in
PostgreSQL's catalogue; the one builds what differs, the other names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pgtrigger
from django.conf import settings

from kundenkontor.kernel.tables import LIBRARY_TABLES, Table, Trigger, declared_tables, faults

POLICY = "own_customers_only"
# as PostgreSQL prints it, so that what stands can be compared
OWN_CUSTOMER = (
    "{} = ANY ((string_to_array(NULLIF(current_setting('kk.customers'::text, true), ''::text), ','::text))::bigint[])"
)
REFUSE_CHANGE = Path(__file__).parent / "sql"
CHANGES = "BEFORE DELETE OR UPDATE OR TRUNCATE"
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Wall:
    """``state`` is what the catalogue must say of (kind, table, name), "" for nothing; ``sql`` makes it so."""

    kind: str
    table: str
    name: str
    state: str
    sql: str

    @property
    def key(self) -> Key:
        return self.kind, self.table, self.name

    def __str__(self) -> str:
        return f"{self.table}: {self.kind} {self.name}".strip()


def apply_walls(connection: Any, *, app_role: str, has_roles: bool) -> list[Wall]:
    """Build what is missing or otherwise than declared, as owner, in one transaction; return what was built.

    Without the roles only triggers can be built. Raises psycopg's UndefinedTable for a declared table that is none.
    """
    assert not faults(), faults()
    with connection.transaction(), connection.cursor() as cursor:
        built = [wall for wall in find_fallen(cursor, app_role) if has_roles or wall.kind in ("function", "trigger")]
        for wall in built:
            cursor.execute(wall.sql)
    return built


def find_fallen(cursor: Any, app_role: str) -> list[Wall]:
    """The walls that do not stand as declared, functions first, in the order in which they are built."""
    standing = _standing(cursor, app_role)
    declared = {wall.key: wall for wall in _declared(app_role)}
    fallen = [wall for wall in declared.values() if standing.get(wall.key, "") != wall.state]
    strange = [key for key, state in standing.items() if state and key not in declared and key[0] in _UNDO]
    return fallen + [Wall(*key, state="", sql=_UNDO[key[0]].format(*key)) for key in strange]


def insert_only_trigger(table: str) -> Trigger:
    """Refuses UPDATE, DELETE and TRUNCATE for every role, in replication mode too.

    It is a statement trigger: an INSERT pays nothing for it, and an UPDATE that hits no row is refused as well.
    """
    return Trigger(f"{table}_is_insert_only", CHANGES, "refuse_change", level="STATEMENT")


def _declared(app_role: str) -> Iterator[Wall]:
    tables = declared_tables().values()
    triggers = [(table, trigger, table.sql) for table in tables for trigger in table.facts.triggers]
    triggers += [(table, insert_only_trigger(table.name), REFUSE_CHANGE) for table in tables if table.facts.insert_only]
    called = {folder / f"{trigger.called}.sql" for _, trigger, folder in triggers}
    functions = {path.stem: path for path in sorted(called) if path.is_file()}
    assert functions.keys() == {path.stem for path in called}, "a trigger calls a function that has no file"
    yield from (_function(name, path.read_text("utf-8")) for name, path in functions.items())
    yield from (_trigger(table, trigger) for table, trigger, _ in triggers)
    yield from _history()
    for table in tables:
        yield from _policy(table)
        rights = "INSERT, SELECT" if table.facts.insert_only else "DELETE, INSERT, SELECT, UPDATE"
        yield _rights(table.name, app_role, rights)
        yield _rights(table.name, settings.PORTAL_ROLE, "SELECT" if table.facts.portal else "")


def _function(name: str, body: str) -> Wall:
    sql = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\n{body}$$"
    return Wall("function", name, "", f"\n{body}", sql)


def _trigger(table: Table, trigger: Trigger) -> Wall:
    kind, when = ("CONSTRAINT TRIGGER", "DEFERRABLE INITIALLY DEFERRED ") if trigger.is_deferred else ("TRIGGER", "")
    only_if = f" WHEN ({trigger.condition})" if trigger.condition else ""
    create = (
        f"CREATE {kind} {trigger.name} {trigger.event} ON {table.name} {when}FOR EACH {trigger.level}"
        f"{only_if} EXECUTE FUNCTION {trigger.called}()"
    )
    enable = f"ALTER TABLE {table.name} ENABLE ALWAYS TRIGGER {trigger.name}"
    sql = f"DROP TRIGGER IF EXISTS {trigger.name} ON {table.name}; {create}; {enable}"
    return Wall("trigger", table.name, trigger.name, f"A {create}", sql)


def _history() -> Iterator[Wall]:
    """pghistory's triggers, each known by the hash that pgtrigger writes into its comment."""
    for model, trigger in pgtrigger.registered():
        compiled = trigger.compile(model)
        body = compiled.install_sql.split("$$")[3]  # the first function lets a session ignore triggers
        name = trigger.get_pgid(model)
        yield Wall("function", name, "", body, compiled.install_sql)
        yield Wall("trigger", model._meta.db_table, name, f"O {compiled.hash}", compiled.install_sql)


def _policy(table: Table) -> Iterator[Wall]:
    whose = table.facts.whose
    is_walled = table.facts.portal and bool(whose.key)
    switch = f"ALTER TABLE {table.name} {'ENABLE' if is_walled else 'DISABLE'} ROW LEVEL SECURITY"
    yield Wall("row-level security", table.name, "", "on" if is_walled else "", switch)
    if is_walled:
        visible = f"({OWN_CUSTOMER.format(whose.customer)})"
        if whose.without_is_shared:
            visible = f"(({whose.customer} IS NULL) OR {visible})"
        create = f"CREATE POLICY {POLICY} ON {table.name} FOR SELECT TO {settings.PORTAL_ROLE} USING ({visible})"
        state = f"PERMISSIVE SELECT {settings.PORTAL_ROLE} {visible}"
        yield Wall("policy", table.name, POLICY, state, f"DROP POLICY IF EXISTS {POLICY} ON {table.name}; {create}")


def _rights(table: str, role: str, rights: str) -> Wall:
    grant = f"; GRANT {rights} ON {table} TO {role}" if rights else ""
    return Wall("rights", table, role, rights, f"REVOKE ALL ON {table} FROM {role}, PUBLIC{grant}")


# how what nobody declared is taken away; its key is (kind, table, name)
_UNDO = {
    "trigger": 'DROP TRIGGER "{2}" ON "{1}"',
    "policy": 'DROP POLICY "{2}" ON "{1}"',
    "row-level security": 'ALTER TABLE "{1}" DISABLE ROW LEVEL SECURITY',
    "role": 'ALTER ROLE "{1}" NOSUPERUSER NOBYPASSRLS',
    "rights": 'REVOKE ALL ON "{1}" FROM "{2}", PUBLIC',
}
TABLES_SQL = """
    SELECT c.oid, c.relname::text AS name, c.relrowsecurity FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND c.oid <> ALL (ARRAY(SELECT objid FROM pg_depend WHERE classid = 'pg_class'::regclass AND deptype = 'e'))
"""
# rights as they work, whether given to the role, to a role it is in, to all, or on some columns only
_STANDING_SQL = f"""
WITH tables AS ({TABLES_SQL})
SELECT 'function', proname::text, '', prosrc FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND prorettype = 'trigger'::regtype
UNION ALL
SELECT 'trigger', t.name, g.tgname::text,
       g.tgenabled::text || ' ' || coalesce(obj_description(g.oid, 'pg_trigger'), pg_get_triggerdef(g.oid, true))
FROM pg_trigger g JOIN tables t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal AND t.name <> ALL (%(library)s)
UNION ALL
SELECT 'row-level security', name, '', 'on' FROM tables WHERE relrowsecurity
UNION ALL
SELECT 'policy', p.tablename::text, p.policyname::text,
       concat_ws(' ', p.permissive, p.cmd, array_to_string(p.roles, ','), p.qual, p.with_check)
FROM pg_policies p JOIN tables t ON t.name = p.tablename WHERE p.schemaname = 'public'
UNION ALL
SELECT 'role', rolname::text, 'above every policy', 'yes' FROM pg_roles
WHERE rolname = %(portal)s AND (rolsuper OR rolbypassrls)
UNION ALL
SELECT 'rights', t.name, r.rolname::text, string_agg(p.name, ', ' ORDER BY p.name)
FROM tables t
JOIN pg_roles r ON r.rolname IN (%(app)s, %(portal)s)
CROSS JOIN unnest(ARRAY['DELETE', 'INSERT', 'REFERENCES', 'SELECT', 'TRIGGER', 'TRUNCATE', 'UPDATE']) AS p (name)
WHERE has_table_privilege(r.oid, t.oid, p.name)
   OR p.name IN ('INSERT', 'REFERENCES', 'SELECT', 'UPDATE') AND has_any_column_privilege(r.oid, t.oid, p.name)
GROUP BY 1, 2, 3
"""  # nosec B608


def _standing(cursor: Any, app_role: str) -> dict[Key, str]:
    params = {"app": app_role, "portal": settings.PORTAL_ROLE, "library": list(LIBRARY_TABLES)}
    cursor.execute(_STANDING_SQL, params)
    return {(kind, table, name): state for kind, table, name, state in cursor.fetchall()}
