"""An outbox row as the bytes of a mail: the same row gives the same bytes, so a repeat is the same message."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from kundenkontor.documents.models import StoredFile
from kundenkontor.documents.queries import read_file
from kundenkontor.kernel.addresses import validate_address
from kundenkontor.messaging.errors import MailRefused
from kundenkontor.messaging.models import OutgoingMail

# lines end in CRLF; text is not re-wrapped
MAIL_POLICY = policy.SMTP.clone(max_line_length=998)


def compose(mail: OutgoingMail) -> EmailMessage:
    """Headers, text and attachments. Date and Message-ID are those of the queueing.

    Raises MailRefused for an address that is none, FileDamaged.
    """
    message = EmailMessage(policy=MAIL_POLICY)
    message["Message-ID"] = mail.message_id
    message["Date"] = format_datetime(mail.queued_at)
    message["From"] = _address(mail.sender, is_ours=True)
    message["To"] = _address(mail.recipient)
    message["Subject"] = " ".join(mail.subject.split())
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body.replace("\r\n", "\n"), cte="quoted-printable")
    for file, name in attachments_of(mail):
        main, _, sub = file.media_type.partition("/")
        message.add_attachment(read_file(file), maintype=main, subtype=sub, filename=name)
    if message.is_multipart():
        message.set_boundary("=_" + hashlib.sha256(mail.message_id.encode()).hexdigest()[:32])
    return message


def attachments_of(mail: OutgoingMail) -> Sequence[tuple[StoredFile, str]]:
    """The files and the names under which the reader sees them."""
    files = StoredFile.objects.in_bulk([id_ for id_, _ in mail.attachments])
    return [(files[id_], str(name)) for id_, name in mail.attachments]


def envelope_address(text: str, *, is_ours: bool = False) -> str:
    """The bare address of ``Name <address>``, exactly one, with its domain in ASCII. Raises MailRefused.

    Only ``is_ours``, a sender, may be of our own machine.

    So a domain with an umlaut needs no SMTPUTF8 of the servers on the way.
    """
    found = getaddresses([text])
    address = found[0][1] if len(found) == 1 else ""
    try:
        (validate_email if is_ours else validate_address)(address)
        user, _, domain = address.rpartition("@")
        return f"{user}@{domain if domain.isascii() else idna.encode(domain, uts46=True).decode('ascii')}"
    except (ValidationError, idna.IDNAError) as error:
        raise MailRefused(answer=f"address {text[:100]!r}") from error


def _address(text: str, *, is_ours: bool = False) -> Address:
    """One address object: a comma or a line break in a name stays part of the name."""
    address = envelope_address(text, is_ours=is_ours)
    name = " ".join(getaddresses([text])[0][0].split())
    user, _, domain = address.rpartition("@")
    return Address(display_name=name, username=user, domain=domain)
