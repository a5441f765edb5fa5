"""Sending what is queued: claimed, handed over outside any transaction, and settled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from kundenkontor.documents.commands import note_damage
from kundenkontor.documents.errors import FileDamaged
from kundenkontor.jobs import breakers
from kundenkontor.jobs.attempts import claim, give_up, put_off, settle
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.errors import MailDelayed, MailRefused, MailServerSilent, MailUnanswered
from kundenkontor.messaging.models import DemoMail, OutgoingMail
from kundenkontor.messaging.sending.composing import compose, envelope_address
from kundenkontor.messaging.sending.smtp import send

PAUSES = [timedelta(minutes=pause) for pause in (1, 5, 15, 60, 120, 240, 480, 720, 720, 720)]  # two days in all
LEASE = timedelta(minutes=10)  # after that a mail that was being sent is taken up again
DUE_BATCH = 200
SERVICE = "smtp"
SHORTEST_KEY = 24  # a part of a link's path that is as long is a key


def send_mail(mail_id: int) -> str:
    """Hand one due mail to the server and return its state; nothing happens if it is not due, or the server hangs."""
    if breakers.is_open(SERVICE):
        return ""
    claimed = claim(OutgoingMail.objects.filter(pk=mail_id), lease=LEASE, limit=1)
    return _send(claimed[0]) if claimed else ""


def send_due_mails() -> int:
    """Send what is due and was not sent by its own job: repeats, and mails whose sender died. Returns how many.

    Keys go first: somebody waits for them. Ends with the first time-out, the rest stays due.
    """
    sent = 0
    while sent < DUE_BATCH and not breakers.is_open(SERVICE) and (claimed := _claim_next()):
        _send(claimed[0])
        sent += 1
    return sent


def _claim_next() -> list[OutgoingMail]:
    keys = OutgoingMail.objects.filter(is_secret=True)
    return claim(keys, lease=LEASE, limit=1) or claim(OutgoingMail.objects.all(), lease=LEASE, limit=1)


def _send(mail: OutgoingMail) -> str:
    """Hand over a claimed mail and write down what became of it; no transaction is open in between.

    If we die in between, the lease ends and the very same message goes again (same Message-ID, same bytes).
    """
    if give_up(mail, PAUSES, **_forgotten(mail)):
        return mail.state
    try:
        raw = _hand_over(mail)
    except MailRefused as refusal:
        settle(mail, "failed", error=_without_key(mail, str(refusal)), **_forgotten(mail))
    except MailUnanswered as silence:
        breakers.trip(SERVICE)
        _put_off(mail, str(silence), in_doubt=True)
    except MailServerSilent as silence:
        breakers.trip(SERVICE)
        _put_off(mail, str(silence))
    except MailDelayed as delay:
        _put_off(mail, str(delay))
    except FileDamaged as damage:  # made again before the next attempt
        note_damage([damage.params["sha256"]])
        _put_off(mail, str(damage))
    except Exception as error:  # whatever it is, it must not stay claimed for ever
        _put_off(mail, f"{type(error).__name__}: {error}")
    else:
        breakers.close(SERVICE)
        _settle_sent(mail, raw)
    return mail.state


def _hand_over(mail: OutgoingMail) -> bytes | None:
    """To the SMTP server; without one, outside production, the bytes go to the built-in mailbox."""
    message = compose(mail)
    sender, recipient = envelope_address(mail.sender, is_ours=True), envelope_address(mail.recipient)
    if settings.SMTP_URL:
        send(settings.SMTP_URL, message, sender=sender, recipient=recipient)
        return None
    if settings.MODE == "production":
        raise MailDelayed(answer="no mail server is configured (SMTP_URL)")
    return message.as_bytes()


@transaction.atomic
def _settle_sent(mail: OutgoingMail, demo: bytes | None) -> None:
    now = utc_now()
    if demo is not None:
        DemoMail.objects.create(recipient=mail.recipient, raw=demo, received_at=now)
    settle(mail, "done", sent_at=now, **_forgotten(mail))


def _put_off(mail: OutgoingMail, error: str, *, in_doubt: bool = False) -> None:
    """Try again later; after two days it has failed.

    Whether a former attempt arrived stays unknown, and so does what its sender did who died.
    """
    in_doubt = in_doubt or mail.claimed_from != "queued"
    error = _without_key(mail, error)
    put_off(mail, PAUSES, error=error, state="unknown" if in_doubt else "queued", **_forgotten(mail))


def _without_key(mail: OutgoingMail, answer: str) -> str:
    """What staff may read of an answer: filters quote the links that they refuse, and a key works until it is used."""
    words = mail.body.split() if mail.is_secret else []
    paths = [word.partition("://")[2].partition("/")[2] for word in words]
    for part in {part for path in paths for part in path.split("/") if len(part) >= SHORTEST_KEY}:
        answer = answer.replace(part, "…")
    return answer


def _forgotten(mail: OutgoingMail) -> dict[str, Any]:
    """What a mail loses once nobody sends it any more."""
    return {"body": ""} if mail.is_secret else {}
