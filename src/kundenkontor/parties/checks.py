"""What must hold of the frozen states of sellers and customers that documents refer to."""

from kundenkontor.kernel.checks import Check
from kundenkontor.kernel.errors import message
from kundenkontor.parties.snapshots import DIGEST

CHECKS = (
    Check(
        "parties_are_as_frozen",
        message("Every frozen state of a seller or customer is the one its event keeps the hash of"),
        f"""SELECT coalesce(s.id, e.subject_id)::text
           FROM (SELECT id, {DIGEST} AS digest FROM parties_partysnapshot) s
           FULL JOIN (SELECT subject_id, document_hash FROM events_event WHERE name = 'party.frozen') e
               ON e.subject_id = s.id
           WHERE e.document_hash IS DISTINCT FROM s.digest""",  # nosec B608  # a constant
    ),
)
