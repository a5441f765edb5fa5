"""What may be shown of the outbox."""

from __future__ import annotations

from django.db.models import QuerySet

from kundenkontor.messaging.models import OutgoingMail


def count_failed(among: QuerySet[OutgoingMail] | None = None) -> int:
    """How many failed mails can be sent again, of all or among those given."""
    mails = OutgoingMail.objects.all() if among is None else among
    return mails.filter(state="failed", is_secret=False).count()


def visible_body(mail: OutgoingMail) -> str | None:
    """The text for the office; None where it is or was a key to a login, even before it was sent."""
    return None if mail.is_secret else mail.body
