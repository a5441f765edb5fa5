"""How many mails one address is sent, and one login causes, in a day: nobody makes us flood somebody."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.db.models.functions import Lower

from kundenkontor.events.actor import Actor
from kundenkontor.kernel import limits
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.errors import ChangeNotTold, MailQuotaReached
from kundenkontor.messaging.letters.notices import AddressChanged
from kundenkontor.messaging.models import OutgoingMail

DAY = timedelta(days=1)
NOTICES = frozenset({AddressChanged.kind})


def login_of(actor: Actor | None) -> int | None:
    """The customer's login that causes a mail. What staff and the clock send is bounded by what there is to send."""
    return actor.user_id if actor is not None and actor.kind == "customer" else None


def refuse_beyond_quota(kind: str, to: str, login_id: int | None, customer_id: int | None = None) -> None:
    """Raise MailQuotaReached if the address had its mails of this kind today, or the login has caused its own.

    Notices are counted by customer, too, and never refused for the login: nobody uses up beforehand, with customers or
    mails of his own, what would tell of his theft.

    Locked per address and per login until the caller's transaction ends, so that many at once are counted too.
    """
    most, which = limits.MAILS_A_DAY.get(kind), {"customer_id": customer_id} if kind in NOTICES else {}
    if most is not None and _count(f"to:{to.lower()}", address=to.lower(), kind=kind, **which) >= most:
        raise MailQuotaReached()
    if login_id is not None and kind not in NOTICES and _has_used_up(login_id):
        raise MailQuotaReached()


def refuse_untold_change(actor: Actor) -> None:
    """Raise ChangeNotTold where a customer's login has caused its mails of today: a former address is told of each
    change, and those are mails, too."""
    login_id = login_of(actor)
    if login_id is not None and _has_used_up(login_id):
        raise ChangeNotTold()


def _has_used_up(login_id: int) -> bool:
    return _count(f"by:{login_id}", caused_by=login_id) >= limits.MAILS_OF_A_LOGIN


def _count(key: str, **which: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"mails {key}"])
    mails = OutgoingMail.objects.annotate(address=Lower("recipient")).filter(queued_at__gt=utc_now() - DAY)
    return mails.filter(**which).count()
