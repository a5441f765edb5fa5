"""What may be shown of the outbox."""

from __future__ import annotations

from kundenkontor.messaging.models import OutgoingMail


def count_failed() -> int:
    """How many failed mails can be sent again."""
    return OutgoingMail.objects.filter(state="failed", is_secret=False).count()


def visible_body(mail: OutgoingMail) -> str | None:
    """The text for the office; None where it is or was a key to a login, even before it was sent."""
    return None if mail.is_secret else mail.body
