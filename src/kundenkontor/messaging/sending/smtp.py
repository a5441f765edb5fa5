"""Handing mails to the SMTP server named by ``SMTP_URL``.

``smtps://user:password@host:465`` speaks TLS from the start. ``smtp://host:587`` upgrades with STARTTLS where the
server offers it, and refuses to send a password without.
"""

from __future__ import annotations

import smtplib
import ssl
from contextlib import closing, suppress
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from kundenkontor.kernel.texts import many_lines
from kundenkontor.messaging.errors import MailDelayed, MailRefused, MailServerSilent, MailUnanswered

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

TIMEOUT_SECONDS = 30.0
PERMANENT = range(500, 600)
END_OF_MAIL = b"\r\n.\r\n"


class Session(smtplib.SMTP):
    """A session that knows whether a whole mail waits for its answer: from then on it may have been taken."""

    waits_for_answer = False

    def send(self, s: ReadableBuffer | str) -> None:
        super().send(s)
        self.waits_for_answer = isinstance(s, bytes) and s.endswith(END_OF_MAIL)

    def getreply(self) -> tuple[int, bytes]:
        answer = super().getreply()
        self.waits_for_answer = False
        return answer


class SecureSession(Session, smtplib.SMTP_SSL):
    """The same over TLS from the start."""


def send(url: str, message: EmailMessage, *, sender: str, recipient: str) -> None:
    """Send one message to one recipient. Raises MailRefused, MailDelayed or MailUnanswered.

    Only a 5xx about this recipient or this message is for good. Whatever is wrong with our connection, login or
    sender would fail every mail: staff repairs it within the two days for which mails wait.
    """
    try:
        with closing(_connect(url)) as server:
            _hand_over(server, message, sender, recipient)
            with suppress(OSError):  # the mail is taken, whatever the server says now
                server.quit()
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise _refusal(code, answer) from error
    except smtplib.SMTPDataError as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPResponseException as error:
        raise MailDelayed(answer=_said(error.smtp_code, error.smtp_error)) from error
    except OSError as error:
        raise MailServerSilent(answer=f"{type(error).__name__}: {error}") from error
    except smtplib.SMTPException as error:
        raise MailDelayed(answer=f"{type(error).__name__}: {error}") from error


def _hand_over(server: Session, message: EmailMessage, sender: str, recipient: str) -> None:
    try:
        server.send_message(message, from_addr=sender, to_addrs=[recipient])
    except OSError as error:
        if server.waits_for_answer:
            raise MailUnanswered(answer=f"{type(error).__name__}: {error}") from error
        raise


def _refusal(code: int, answer: bytes | str) -> MailRefused | MailDelayed:
    refusal = MailRefused if code in PERMANENT else MailDelayed
    return refusal(answer=_said(code, answer))


def _said(code: int, answer: bytes | str) -> str:
    """What the other server wrote, in characters that the database holds."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {many_lines(text)}"[:500]


def _connect(url: str) -> Session:
    parts, port = _read(url)
    host, tls = parts.hostname or "localhost", ssl.create_default_context()
    server: Session
    if parts.scheme == "smtps":
        server = SecureSession(host, port or 465, timeout=TIMEOUT_SECONDS, context=tls)
    else:
        server = Session(host, port or 25, timeout=TIMEOUT_SECONDS)
    try:
        _sign_in(server, parts.username, parts.password, tls, is_secure=parts.scheme == "smtps")
    except BaseException:
        server.close()
        raise
    return server


def _read(url: str) -> tuple[SplitResult, int | None]:
    """The parts and the port. What Python says of an address that is none may quote the password in it."""
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError:
        raise MailDelayed(answer="SMTP_URL is no address; in its password / is %2F, # is %23, ? is %3F") from None


def _sign_in(
    server: smtplib.SMTP, user: str | None, password: str | None, tls: ssl.SSLContext, *, is_secure: bool
) -> None:
    server.ehlo()
    if not is_secure and server.has_extn("starttls"):
        server.starttls(context=tls)
        server.ehlo()
        is_secure = True
    if user is None:
        return
    if not is_secure:
        raise MailDelayed(answer="the server offers no encryption, so no password is sent")
    server.login(unquote(user), unquote(password or ""))
