"""A server that takes a mail and does not say so: unknown, never lost, and repeated as the same message."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.utils import translation

from kundenkontor.documents.commands import store_file
from kundenkontor.events.actor import Actor
from kundenkontor.jobs import breakers
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.commands import queue_mail, retry_mail
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.messaging.sending.commands import PAUSES, SERVICE, send_due_mails, send_mail
from tests.support.builders import TODAY
from tests.support.mail import Mailbox, ReceivedMail

pytestmark = [pytest.mark.django_db, pytest.mark.invariant("I-D4")]
CLARA = Actor("staff", "clara", 4711)


def queued(attachments: list[tuple[int, str]] | None = None, *, is_secret: bool = False) -> OutgoingMail:
    return queue_mail(
        to="ada@huber.example",
        subject="Ihre Rechnung",
        body="Grüß Gott",
        kind="invoice",
        is_secret=is_secret,
        sender="service@alpenhost.example",
        attachments=attachments or [],
    )


def make_due(mail: OutgoingMail) -> None:
    breakers.close(SERVICE)
    OutgoingMail.objects.filter(pk=mail.pk).update(next_attempt_at=utc_now())


def reread(mail: OutgoingMail) -> OutgoingMail:
    return OutgoingMail.objects.get(pk=mail.pk)


async def hang_up(self: Mailbox, server: SMTP, *_: Any) -> str:
    assert server.transport is not None
    server.transport.close()
    return "250 OK"


async def take_and_hang_up(self: Mailbox, server: SMTP, session: Session, envelope: Envelope) -> str:
    assert isinstance(envelope.content, bytes)
    self.mails.append(ReceivedMail(envelope.mail_from or "", list(envelope.rcpt_tos), envelope.content))
    return await hang_up(self, server)


def test_a_mail_without_an_answer_is_unknown_and_goes_again_as_the_same_message(
    smtp_server: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = queued()
    with monkeypatch.context() as patch:
        patch.setattr(Mailbox, "handle_DATA", take_and_hang_up)
        with translation.override("de"):
            assert send_mail(mail.pk) == "unknown"
    left = reread(mail)
    assert (left.state, left.attempts, left.sent_at) == ("unknown", 1, None)
    assert left.next_attempt_at is not None and left.next_attempt_at > utc_now()
    assert "hat nicht gesagt, ob er die E-Mail angenommen hat" in left.last_error
    assert send_due_mails() == 0

    make_due(mail)
    assert send_due_mails() == 1

    assert reread(mail).state == "done"
    first, second = smtp_server.mails
    assert first.content == second.content and first.message["Message-ID"] == mail.message_id


@pytest.mark.parametrize("step", ["handle_MAIL", "handle_RCPT"])
def test_a_break_before_the_mail_was_handed_over_is_a_delay(
    smtp_server: Mailbox, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(Mailbox, step, hang_up, raising=False)
    assert send_mail(queued().pk) == "queued"


class GoesAwayWhileReading(socketserver.StreamRequestHandler):
    """Asks for the message and hangs up while it comes."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while command := self.rfile.readline():
            if command.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                self.rfile.read(1000)
                return
            self.wfile.write(b"250 OK\r\n")


@pytest.fixture
def interrupting_server(settings: Any) -> Iterator[None]:
    with socketserver.TCPServer(("127.0.0.1", 0), GoesAwayWhileReading) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        settings.SMTP_URL = f"smtp://127.0.0.1:{server.server_address[1]}"
        yield
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("interrupting_server")
def test_a_break_in_the_middle_of_a_mail_is_a_delay(settings: Any, tmp_path: Path) -> None:
    settings.STORED_FILES_DIR = tmp_path
    large = store_file(b"%PDF-1.7" + bytes(24_000_000), "application/pdf").pk
    assert send_mail(queued(attachments=[(large, "RE1.pdf")]).pk) == "queued"


def test_what_was_unknown_stays_so_until_a_server_answers(
    smtp_server: Mailbox, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    mail = queued(is_secret=True)
    with monkeypatch.context() as patch:
        patch.setattr(Mailbox, "handle_DATA", take_and_hang_up)
        send_mail(mail.pk)
    settings.SMTP_URL = "smtp://127.0.0.1:9"
    make_due(mail)
    assert send_mail(mail.pk) == "unknown"
    assert reread(mail).body == "Grüß Gott"  # it goes again

    OutgoingMail.objects.filter(pk=mail.pk).update(attempts=len(PAUSES))
    make_due(mail)
    assert send_mail(mail.pk) == "failed"

    left = reread(mail)
    assert (left.body, left.next_attempt_at) == ("", None)


def test_staff_sends_a_mail_that_is_unknown_again_at_once(
    smtp_server: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = queued()
    with monkeypatch.context() as patch:
        patch.setattr(Mailbox, "handle_DATA", take_and_hang_up)
        send_mail(mail.pk)

    retry_mail(mail, on=TODAY, actor=CLARA)

    assert send_mail(mail.pk) == "done"
    assert len(smtp_server.mails) == 2
