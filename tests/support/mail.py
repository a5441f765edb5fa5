"""A mail server for tests: a real SMTP session, kept in memory."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.browser import free_port
from tests.support.patience import CEILING


@dataclass
class ReceivedMail:
    sender: str
    recipients: list[str]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)


@dataclass
class Mailbox:
    """``answer`` is what the server says after DATA: "250 OK" takes the mail, "451 …" and "550 …" refuse it."""

    host: str = "127.0.0.1"
    port: int = 0
    mails: list[ReceivedMail] = field(default_factory=list)
    answer: str = "250 OK"

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        if self.answer.startswith("2"):
            self.mails.append(ReceivedMail(envelope.mail_from or "", list(envelope.rcpt_tos), content))
        return self.answer


@pytest.fixture
def smtp_server(settings: Any) -> Iterator[Mailbox]:
    """A running mail server; ``settings.SMTP_URL`` points at it."""
    mailbox = Mailbox()
    mailbox.port = free_port()
    controller = Controller(mailbox, hostname=mailbox.host, port=mailbox.port)
    controller.start()
    try:
        settings.SMTP_URL = mailbox.url
        yield mailbox
    finally:
        controller.stop()


class Silent(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.settimeout(CEILING)
        try:
            while self.request.recv(1024):
                pass
        except OSError:
            pass


class SilentServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


@pytest.fixture
def silent_smtp_url() -> Iterator[str]:
    """Of a mail server that takes connections and never says a word."""
    with SilentServer(("127.0.0.1", 0), Silent) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"smtp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
