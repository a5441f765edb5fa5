"""Queueing mail: a row in the outbox, in the caller's transaction, and a job that sends it after commit."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from procrastinate.contrib.django import app

from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.models import OutgoingMail


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
        sender=sender or settings.DEFAULT_FROM_EMAIL,
        recipient=_one_line(to),
        subject=_one_line(subject)[:300],
        body=body,
        attachments=[list(item) for item in attachments],
        related_id=related_id,
        queued_at=now,
        next_attempt_at=now,
    )
    app.configure_task("kundenkontor.send_mail", queue="mail").defer(mail_id=mail.pk)
    return mail


def _one_line(text: str) -> str:
    """Header fields are one line: nobody adds a header through a name or subject."""
    return " ".join(text.split())
