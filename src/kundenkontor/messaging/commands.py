"""Queueing mail: a row in the outbox, in the caller's transaction, and a job that sends it after commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import MAIL_RETRIED
from kundenkontor.jobs.declaring import PRIORITIES
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.composing import compose, envelope_address
from kundenkontor.messaging.errors import MailDelayed, MailNotRetryable, MailRefused
from kundenkontor.messaging.letters.letter import Letter
from kundenkontor.messaging.models import DemoMail, OutgoingMail
from kundenkontor.messaging.signature import sender_of, signature
from kundenkontor.messaging.smtp import send
from kundenkontor.parties.models import Seller

# their text is a key: blanked once it was sent, and never shown in the office
SECRET_KINDS = frozenset({"password_reset_key", "access_letter"})
SECRET_PRIORITY = 30
PAUSES = (1, 5, 15, 60, 120, 240, 480, 720, 720, 720)  # minutes between attempts, two days in all
LEASE = timedelta(minutes=10)  # after that a mail that was being sent is taken up again
DUE_BATCH = 200


def queue_mail(
    *,
    to: str,
    subject: str,
    body: str,
    kind: str,
    sender: str = "",
    seller_id: int | None = None,
    customer_id: int | None = None,
    attachments: Sequence[tuple[int, str]] = (),
    related_id: int | None = None,
) -> OutgoingMail:
    """Put a mail into the outbox; it leaves exactly if the caller's transaction commits.

    ``attachments`` are (stored file id, file name). The Message-ID is fixed here, so that a repeat after
    a crash in doubt is the same message (I-D4).
    """
    now = utc_now()
    mail = OutgoingMail.objects.create(
        kind=kind,
        message_id=make_msgid(domain=urlsplit(settings.BASE_URL).hostname or "localhost"),
        seller_id=seller_id,
        customer_id=customer_id,
        sender=_one_line(sender or settings.DEFAULT_FROM_EMAIL),
        recipient=_one_line(to),
        subject=_one_line(subject)[:300],
        body=body,
        attachments=[list(item) for item in attachments],
        related_id=related_id,
        queued_at=now,
        next_attempt_at=now,
    )
    priority = SECRET_PRIORITY if kind in SECRET_KINDS else PRIORITIES["mail"]  # somebody waits for it
    app.configure_task("kundenkontor.send_mail", queue="mail", priority=priority).defer(mail_id=mail.pk)
    return mail


def send_letter(
    letter: Letter,
    *,
    to: str,
    language: str,
    seller: Seller | None = None,
    customer_id: int | None = None,
    attachments: Sequence[tuple[int, str]] = (),
    related_id: int | None = None,
) -> OutgoingMail:
    """Write a letter in its reader's language and put it into the outbox, in the caller's transaction.

    The seller signs it and is its sender, unless it is internal; without a seller it comes from the house.
    """
    signing = None if letter.is_internal else seller
    with translation.override(language):
        text = letter.write(language)
        parts = [_("Good day,"), *text.paragraphs, signature(signing) if signing else ""]
    return queue_mail(
        to=to,
        subject=text.subject,
        body="\n\n".join(part for part in parts if part) + "\n",
        kind=letter.kind,
        sender=sender_of(signing) if signing else "",
        seller_id=seller.pk if seller else None,
        customer_id=customer_id,
        attachments=attachments,
        related_id=related_id,
    )


def _one_line(text: str) -> str:
    """Header fields are one line: nobody adds a header through a name or subject."""
    return " ".join(text.split())


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


@transaction.atomic
def retry_failed_mails(*, on: date, actor: Actor) -> int:
    """Send all failed mails again, after what failed them was repaired; return how many. The minute's job takes them.

    Those that held a secret stay: a new one has to be asked for.
    """
    failed = OutgoingMail.objects.filter(state="failed").exclude(kind__in=SECRET_KINDS)
    rows = list(failed.select_for_update().order_by("pk").values_list("pk", "customer_id", "seller_id"))
    ids = [row[0] for row in rows]
    OutgoingMail.objects.filter(pk__in=ids).update(state="queued", attempts=0, next_attempt_at=utc_now())
    subjects = [Subject(id_, customer_id=customer, seller_id=seller) for id_, customer, seller in rows]
    record_events(MAIL_RETRIED, subjects, actor=actor, on=on)
    return len(rows)


@transaction.atomic
def retry_mail(mail: OutgoingMail, *, on: date, actor: Actor) -> None:
    """Send a failed or waiting mail again, now; the same message with the same Message-ID. Raises MailNotRetryable."""
    locked = OutgoingMail.objects.select_for_update().get(pk=mail.pk)
    if locked.kind in SECRET_KINDS or locked.state not in ("failed", "queued"):
        raise MailNotRetryable()
    locked.state, locked.attempts, locked.next_attempt_at = "queued", 0, utc_now()
    locked.save(update_fields=["state", "attempts", "next_attempt_at"])
    subject = Subject(locked.pk, customer_id=locked.customer_id, seller_id=locked.seller_id)
    record_events(MAIL_RETRIED, [subject], actor=actor, on=on)
    app.configure_task("kundenkontor.send_mail", queue="mail").defer(mail_id=locked.pk)
