"""What must hold of the send ledger; set-based, for ``verify``."""

from kundenkontor.events.names import PAPER_SENT
from kundenkontor.kernel.checks import Check
from kundenkontor.kernel.errors import message

CHECKS = (
    Check(
        "deliveries_are_mailed",
        message("Every document handed to the outbox has a mail of its customer and the event that says so"),
        """SELECT d.number FROM delivery_delivery d
           LEFT JOIN messaging_outgoingmail m ON m.id = d.mail_id
           LEFT JOIN (
               SELECT subject_id, payload ->> 'kind' AS kind, max(reference) AS number
               FROM events_event WHERE name = %s GROUP BY 1, 2
           ) e ON e.subject_id = d.paper_id AND e.kind = d.paper_kind
           WHERE CASE d.state WHEN 'queued' THEN (m.customer_id, e.number) IS DISTINCT FROM (d.customer_id, d.number)
                 ELSE d.mail_id IS NOT NULL OR e.number IS NOT NULL END""",
        (PAPER_SENT.name,),
    ),
)
