"""Sending what is queued: claimed, handed over outside any transaction, and settled."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.errors import MailDelayed, MailRefused
from kundenkontor.messaging.models import SECRET_KINDS, DemoMail, OutgoingMail
from kundenkontor.messaging.sending.composing import compose, envelope_address
from kundenkontor.messaging.sending.smtp import send

PAUSES = (1, 5, 15, 60, 120, 240, 480, 720, 720, 720)  # minutes between attempts, two days in all
LEASE = timedelta(minutes=10)  # after that a mail that was being sent is taken up again
DUE_BATCH = 200


def send_mail(mail_id: int) -> str:
    """Hand one due mail to the server and return its state; nothing happens if it is not due.

    "sending" is committed before, "sent" after the server took it; no transaction is open in between. If we die
    in between, the lease ends and the very same message goes again (same Message-ID, same bytes).
    """
    mail = _claim(mail_id)
    if mail is None:
        return ""
    try:
        raw = _hand_over(mail)
    except MailRefused as refusal:
        return _settle(mail, "failed", error=str(refusal))
    except MailDelayed as delay:
        return _put_off(mail, str(delay))
    except Exception as error:  # a damaged attachment, for example: it must not stay "sending" for ever
        return _put_off(mail, f"{type(error).__name__}: {error}")
    return _settle(mail, "sent", demo=raw)


def _claim(mail_id: int) -> OutgoingMail | None:
    """Take a due mail for this process alone, in a transaction of its own."""
    now = utc_now()
    due = OutgoingMail.objects.filter(pk=mail_id, state__in=["queued", "sending"], next_attempt_at__lte=now)
    if not due.update(state="sending", attempts=F("attempts") + 1, next_attempt_at=now + LEASE):
        return None
    return OutgoingMail.objects.get(pk=mail_id)


def _hand_over(mail: OutgoingMail) -> bytes | None:
    """To the SMTP server; without one, outside production, the bytes go to the built-in mailbox."""
    message = compose(mail)
    sender, recipient = envelope_address(mail.sender), envelope_address(mail.recipient)
    if settings.SMTP_URL:
        send(settings.SMTP_URL, message, sender=sender, recipient=recipient)
        return None
    if settings.MODE == "production":
        raise MailDelayed(answer="no mail server is configured (SMTP_URL)")
    return message.as_bytes()


@transaction.atomic
def _settle(mail: OutgoingMail, state: str, *, error: str = "", demo: bytes | None = None) -> str:
    now = utc_now()
    if demo is not None:
        DemoMail.objects.create(recipient=mail.recipient, raw=demo, received_at=now)
    body = "" if mail.kind in SECRET_KINDS else mail.body
    OutgoingMail.objects.filter(pk=mail.pk).update(
        state=state, body=body, last_error=error[:2000], sent_at=now if state == "sent" else None
    )
    return state


def _put_off(mail: OutgoingMail, error: str) -> str:
    """Try again later, with growing pauses; after two days it has failed."""
    if mail.attempts > len(PAUSES):
        return _settle(mail, "failed", error=error)
    pause = timedelta(minutes=PAUSES[mail.attempts - 1])
    OutgoingMail.objects.filter(pk=mail.pk).update(
        state="queued", next_attempt_at=utc_now() + pause, last_error=error[:2000]
    )
    return "queued"


def send_due_mails() -> int:
    """Send what is due and was not sent by its own job: repeats, and mails whose sender died. Returns how many."""
    due = OutgoingMail.objects.filter(state__in=["queued", "sending"], next_attempt_at__lte=utc_now())
    ids = list(due.order_by("next_attempt_at").values_list("pk", flat=True)[:DUE_BATCH])
    for mail_id in ids:
        send_mail(mail_id)
    return len(ids)
