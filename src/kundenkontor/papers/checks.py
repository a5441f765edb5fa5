"""What must hold of papers and their files; set-based, for ``verify``."""

from kundenkontor.events.names import PAPER_RENDERED
from kundenkontor.kernel.checks import Check
from kundenkontor.kernel.errors import message

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
               SELECT subject_id, customer_id, reference, payload ->> 'kind' AS kind, payload - 'kind' AS files
               FROM events_event WHERE name = %s
           ) e ON e.subject_id = f.paper_id AND e.kind = f.paper_kind
           WHERE (f.customers, f.files) IS DISTINCT FROM (ARRAY[e.customer_id], e.files)""",
        (PAPER_RENDERED.name,),
    ),
)
