"""What must hold of what sellers declared."""

from kundenkontor.events.names import RETURNS_DECLARED
from kundenkontor.kernel.checks import Check
from kundenkontor.kernel.errors import message

CHECKS = (
    Check(
        "declarations_are_as_recorded",
        message("Every declaration of tax returns is what its event says"),
        """SELECT coalesce(d.id, e.subject_id)::text FROM parties_declaration d
           FULL JOIN (
               SELECT subject_id, seller_id, payload ->> 'kind' AS kind, (payload ->> 'until')::date AS until
               FROM events_event WHERE name = %s
           ) e ON e.subject_id = d.id
           WHERE (d.seller_id, d.kind, d.until) IS DISTINCT FROM (e.seller_id, e.kind, e.until)""",
        (RETURNS_DECLARED.name,),
    ),
)
