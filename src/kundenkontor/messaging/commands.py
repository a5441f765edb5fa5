"""Queueing mail: a row in the outbox, in the caller's transaction, and a job that sends it after commit."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from email.utils import make_msgid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import MAIL_RETRIED
from kundenkontor.jobs import breakers
from kundenkontor.jobs.attempts import restart
from kundenkontor.jobs.declaring import PRIORITIES
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.texts import one_line
from kundenkontor.messaging.errors import MailNotRetryable, MailQuotaReached
from kundenkontor.messaging.jobs import send_mail
from kundenkontor.messaging.letters.letter import Letter
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.messaging.quota import login_of, refuse_beyond_quota
from kundenkontor.messaging.sending.commands import SERVICE
from kundenkontor.messaging.signature import sender_of, signature
from kundenkontor.parties.models import Seller

SECRET_PRIORITY = 30
logger = logging.getLogger(__name__)


def queue_mail(
    *,
    to: str,
    subject: str,
    body: str,
    kind: str,
    is_secret: bool = False,
    sender: str = "",
    seller_id: int | None = None,
    customer_id: int | None = None,
    attachments: Sequence[tuple[int, str]] = (),
    related_id: int | None = None,
    caused_by: int | None = None,
) -> OutgoingMail:
    """Put a mail into the outbox; it leaves exactly if the caller's transaction commits.

    ``attachments`` are (stored file id, file name). The Message-ID is fixed here, so that a repeat after
    a crash in doubt is the same message (I-D4).
    """
    mail = OutgoingMail.objects.create(
        kind=kind,
        message_id=make_msgid(domain=urlsplit(settings.BASE_URL).hostname or "localhost"),
        seller_id=seller_id,
        customer_id=customer_id,
        sender=one_line(sender or settings.DEFAULT_FROM_EMAIL),
        recipient=one_line(to),
        subject=one_line(subject)[:300],
        body=body,
        is_secret=is_secret,
        attachments=[list(item) for item in attachments],
        related_id=related_id,
        caused_by=caused_by,
        queued_at=utc_now(),
    )
    send_mail.defer_at(SECRET_PRIORITY if is_secret else PRIORITIES["mail"], mail.pk)  # somebody waits for a key
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
    actor: Actor | None = None,
) -> OutgoingMail:
    """Write a letter in its reader's language and put it into the outbox, in the caller's transaction.

    The seller signs it and is its sender, unless it is internal; without a seller it comes from the house. ``actor`` is
    who makes us send it, where that is a person outside. Raises MailQuotaReached.
    """
    caused_by = login_of(actor)
    refuse_beyond_quota(letter.kind, to, caused_by, customer_id)
    signing = None if letter.is_internal else seller
    with translation.override(language):
        text = letter.write(language)
        parts = [_("Good day,"), *text.paragraphs, signature(signing) if signing else ""]
    return queue_mail(
        to=to,
        subject=text.subject,
        body="\n\n".join(part for part in parts if part) + "\n",
        kind=letter.kind,
        is_secret=letter.is_secret,
        sender=sender_of(signing) if signing else "",
        seller_id=seller.pk if seller else None,
        customer_id=customer_id,
        attachments=attachments,
        related_id=related_id,
        caused_by=caused_by,
    )


def send_notice(letter: Letter, *, to: str, **more: Any) -> OutgoingMail | None:
    """A letter that is not worth stopping for: beyond the quota it is left out, and the log says so."""
    try:
        return send_letter(letter, to=to, **more)
    except MailQuotaReached:
        logger.warning("left out beyond the quota: %s", letter.kind)
        return None


@transaction.atomic
def retry_failed_mails(among: QuerySet[OutgoingMail] | None = None, *, on: date, actor: Actor) -> int:
    """Send failed mails again, all or among those given, after what failed them was repaired; return how many.

    Those that held a secret stay: a new one has to be asked for.
    """
    mails = OutgoingMail.objects.all() if among is None else among
    failed = mails.filter(state="failed", is_secret=False)
    rows = list(failed.select_for_update().order_by("pk").values_list("pk", "customer_id", "seller_id"))
    ids = [row[0] for row in rows]
    breakers.close(SERVICE)  # somebody repaired it
    restart(OutgoingMail.objects.filter(pk__in=ids))
    subjects = [Subject(id_, customer_id=customer, seller_id=seller) for id_, customer, seller in rows]
    record_events(MAIL_RETRIED, subjects, actor=actor, on=on)
    return len(rows)


@transaction.atomic
def retry_mail(mail: OutgoingMail, *, on: date, actor: Actor) -> None:
    """Send a failed or waiting mail again, now; the same message with the same Message-ID. Raises MailNotRetryable."""
    locked = OutgoingMail.objects.select_for_update().get(pk=mail.pk)
    if not locked.is_restartable:
        raise MailNotRetryable()
    breakers.close(SERVICE)
    restart(OutgoingMail.objects.filter(pk=locked.pk))
    subject = Subject(locked.pk, customer_id=locked.customer_id, seller_id=locked.seller_id)
    record_events(MAIL_RETRIED, [subject], actor=actor, on=on)
