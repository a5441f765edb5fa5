"""What must hold of papers and their files; set-based, for ``verify``."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from django.db.backends.utils import CursorWrapper

from kundenkontor.events.names import PAPER_RENDERED
from kundenkontor.kernel.checks import Check, Walk
from kundenkontor.kernel.errors import message
from kundenkontor.papers.kinds import declared_kinds
from kundenkontor.papers.models import OfPaper

CHECKS = (
    Check(
        "files_are_as_recorded",
        message("Every rendered document still has the files its event names, and no others"),
        """SELECT coalesce(e.reference, f.paper_id::text)
           FROM (
               SELECT p.paper_kind, p.paper_id, array_agg(DISTINCT p.customer_id) AS customers,
                      jsonb_object_agg(p.kind, s.sha256) AS files
               FROM papers_paperfile p LEFT JOIN documents_storedfile s ON s.id = p.file_id GROUP BY 1, 2
           ) f
           FULL JOIN (
               SELECT subject_id, customer_id, reference, payload ->> 'kind' AS kind,
                      jsonb_object_agg(file.key, file.value) AS files
               FROM events_event CROSS JOIN LATERAL jsonb_each(payload - 'kind') AS file
               WHERE name = %s GROUP BY 1, 2, 3, 4
           ) e ON e.subject_id = f.paper_id AND e.kind = f.paper_kind
           WHERE (f.customers, f.files) IS DISTINCT FROM (ARRAY[e.customer_id], e.files)""",
        (PAPER_RENDERED.name,),
    ),
)


def _find_strays() -> list[str]:
    """Rows that name no paper of their customer, in every table of ``OfPaper``."""
    with connection.cursor() as cursor:
        return [stray for model in OfPaper.__subclasses__() for stray in _strays_in(cursor, model._meta.db_table)]


def _strays_in(cursor: CursorWrapper, table: str) -> Iterator[str]:
    named = f"SELECT '{table} ' || r.paper_kind || ' ' || r.paper_id FROM {table} r"  # nosec B608  # our own tables
    kinds = declared_kinds()
    cursor.execute(f"{named} WHERE r.paper_kind <> ALL(%s)", [[kind.code for kind in kinds]])
    yield from (row[0] for row in cursor.fetchall())
    for kind in kinds:
        owner = f"LEFT JOIN {kind.owner._meta.db_table} o ON (o.id, o.customer_id) = (r.paper_id, r.customer_id)"
        cursor.execute(f"{named} {owner} WHERE r.paper_kind = %s AND o.id IS NULL", [kind.code])
        yield from (row[0] for row in cursor.fetchall())


STRAYS = Walk(
    "papers_are_of_their_customer",
    message("Every file, failure and delivery of a document names one of its customer"),
    _find_strays,
)
