"""Columns, constraints, unique indexes and functions as the migrations make them, against a list that comes with the
program (``schema.txt``): whoever drops or weakens one inside the database cannot change the list.

Triggers, policies and rights follow from the models and are compared with these (``walls.py``).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.db import connection

from kundenkontor.access.walls import TABLES_SQL
from kundenkontor.kernel.tables import LIBRARY_TABLES

# ('a'::character varying)::text of a restored database, 'a'::character varying of a new one; and the list's own cast
_LITERAL = re.compile(r"\(('[^']*'::character varying)\)::text")
_LIST = re.compile(r"\((ARRAY\[[^\]]*\])\)::text\[\]")
SCHEMA_FILE = Path(__file__).parent / "schema.txt"
_STANDING_SQL = f"""
WITH tables AS ({TABLES_SQL})
SELECT concat_ws(' ', 'column', t.name, a.attname, format_type(a.atttypid, a.atttypmod),
                 CASE WHEN a.attnotnull THEN 'not null' END, nullif(a.attidentity, ''), nullif(a.attgenerated, ''))
FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT concat_ws(' ', 'constraint', t.name, c.conname, pg_get_constraintdef(c.oid))
FROM tables t JOIN pg_constraint c ON c.conrelid = t.oid AND c.contype IN ('c', 'f', 'p', 'u', 'x')
UNION ALL
SELECT concat_ws(' ', 'index', t.name, pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN 'invalid' END)
FROM tables t JOIN pg_index i ON i.indrelid = t.oid AND i.indisunique
WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT concat_ws(' ', 'function', p.oid::regprocedure, CASE WHEN p.prosecdef THEN 'as owner' END, md5(p.prosrc))
FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
  AND (p.prorettype <> 'trigger'::regtype OR p.proname LIKE 'procrastinate%%')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT concat_ws(' ', 'trigger', t.name, g.tgname, g.tgenabled, pg_get_triggerdef(g.oid, true))
FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal WHERE t.name = ANY (%(library)s)
UNION ALL
SELECT DISTINCT concat_ws(' ', 'foreign keys', t.name, 'disabled')
FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid AND g.tgisinternal AND g.tgenabled <> 'O'
UNION ALL
SELECT concat_ws(' ', 'rule', t.name, r.rulename, r.ev_enabled)
FROM tables t JOIN pg_rewrite r ON r.ev_class = t.oid AND r.rulename <> '_RETURN'
"""  # nosec B608  # constants


def standing_schema(cursor: Any) -> list[str]:
    """A line for each thing that stands, in order."""
    cursor.execute(_STANDING_SQL, {"library": list(LIBRARY_TABLES)})
    return sorted(_plain(" ".join(row[0].split())) for row in cursor.fetchall())


def _plain(line: str) -> str:
    """Lists of texts alike, whether they stand as they were made or as a dump wrote them: PostgreSQL moves the casts
    from the list to its elements."""
    return _LIST.sub(r"\1", _LITERAL.sub(r"\1", line))


def find_changed_schema() -> list[str]:
    """What stands and should not, and what should stand and does not."""
    with connection.cursor() as cursor:
        standing = set(standing_schema(cursor))
    made = set(SCHEMA_FILE.read_text("utf-8").splitlines())
    return [
        f"{sign} {line}"
        for sign, line in sorted([("+", x) for x in standing - made] + [("-", x) for x in made - standing])
    ]
