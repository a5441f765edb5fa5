"""What became of asking VIES about a VAT id, of customers and of sellers."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kundenkontor.office.desk.statuses import next_attempt_of
from kundenkontor.taxes.models import Question


def note_on(question: Question | None, given_up: str) -> str:
    """In a sentence; ``given_up``: what to say where nobody asks any more. "" where nobody asked or it answered."""
    if question is None:
        return ""
    if question.next_attempt_at is None:
        return given_up
    if question.attempts == 0 or question.state == "claimed":
        return _("VIES is being asked about this VAT id.")
    again = _("VIES gave no answer. The question is being repeated; next attempt: {instant}.")
    return again.format(instant=next_attempt_of(question))
