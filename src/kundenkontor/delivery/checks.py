"""What must hold of the send ledger; set-based, for ``verify``."""

from kundenkontor.delivery.unfinished import (
    LATE,
    list_unmailed,
    list_unplanned,
    list_without_files,
    list_without_words,
)
from kundenkontor.events.names import PAPER_SENT, REMINDER_OVERDUE, REMINDER_UPCOMING
from kundenkontor.kernel.checks import Check, Walk
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.errors import message


def _find_unfinished() -> list[str]:
    """An hour after it was issued; a document that somebody has not decided to send says nothing."""
    before = utc_now() - LATE
    return [
        *(f"{number}: no PDF" for number in list_without_files(before).values_list("number", flat=True)),
        *(f"{number}: not found by search" for number in list_without_words(before).values_list("number", flat=True)),
        *(f"{number}: not planned to be sent" for number in list_unplanned(before).values_list("number", flat=True)),
        *(f"{number}: not mailed" for number in list_unmailed(before).values_list("number", flat=True)),
    ]


CHECKS: tuple[Check | Walk, ...] = (
    Walk(
        "documents_are_finished",
        message("Every document has its files, is found by search and was sent as planned, or says why not"),
        _find_unfinished,
    ),
    Check(
        "deliveries_are_mailed",
        message("Every document handed to the outbox has a mail of its customer and the event that says so"),
        """SELECT d.number FROM delivery_delivery d
           LEFT JOIN messaging_outgoingmail m ON m.id = d.mail_id
           LEFT JOIN (
               SELECT subject_id, payload ->> 'kind' AS kind, max(reference) AS number
               FROM events_event WHERE name = %s GROUP BY 1, 2
           ) e ON e.subject_id = d.paper_id AND e.kind = d.paper_kind
           WHERE CASE d.state WHEN 'queued'
                 THEN (m.customer_id, m.recipient, e.number) IS DISTINCT FROM (d.customer_id, d.recipient, d.number)
                 ELSE d.mail_id IS NOT NULL OR e.number IS NOT NULL END""",
        (PAPER_SENT.name,),
    ),
    Check(
        "reminders_are_as_recorded",
        message("Every reminder is in the events, once, and every event of one has its row"),
        """SELECT coalesce(r.kind, e.kind) || ' ' || coalesce(r.invoice_id, e.subject_id) FROM delivery_reminder r
           FULL JOIN (
               SELECT subject_id, business_date, CASE name WHEN %s THEN 'upcoming' ELSE 'overdue' END AS kind
               FROM events_event WHERE name IN (%s, %s)
           ) e ON (e.subject_id, e.kind) = (r.invoice_id, r.kind)
           WHERE r.sent_on IS DISTINCT FROM e.business_date""",
        (REMINDER_UPCOMING.name, REMINDER_UPCOMING.name, REMINDER_OVERDUE.name),
    ),
)
