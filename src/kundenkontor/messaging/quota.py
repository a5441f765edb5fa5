"""How many mails one address is sent, and one login causes, in a day: nobody makes us flood somebody."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.db.models.functions import Lower

from kundenkontor.events.actor import Actor
from kundenkontor.kernel import limits
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.errors import MailQuotaReached
from kundenkontor.messaging.models import OutgoingMail

DAY = timedelta(days=1)


def login_of(actor: Actor | None) -> int | None:
    """The customer's login that causes a mail. What staff and the clock send is bounded by what there is to send."""
    return actor.user_id if actor is not None and actor.kind == "customer" else None


def refuse_beyond_quota(kind: str, to: str, login_id: int | None) -> None:
    """Raise MailQuotaReached if the address had its mails of this kind today, or the login has caused its own.

    Locked per address and per login until the caller's transaction ends, so that many at once are counted too.
    """
    most = limits.MAILS_A_DAY.get(kind)
    if most is not None and _count(f"to:{to.lower()}", address=to.lower(), kind=kind) >= most:
        raise MailQuotaReached()
    if login_id is not None and _count(f"by:{login_id}", caused_by=login_id) >= limits.MAILS_OF_A_LOGIN:
        raise MailQuotaReached()


def _count(key: str, **which: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"mails {key}"])
    mails = OutgoingMail.objects.annotate(address=Lower("recipient")).filter(queued_at__gt=utc_now() - DAY)
    return mails.filter(**which).count()
