"""The outbox against a real SMTP session: once, the same message after a crash in doubt, and nothing lost."""

from __future__ import annotations

import email
from datetime import timedelta
from email import policy
from pathlib import Path
from smtplib import SMTPAuthenticationError
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from django.utils import translation

from kundenkontor.documents.commands import store_file
from kundenkontor.events.models import Event
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.commands import queue_mail, retry_failed_mails, retry_mail
from kundenkontor.messaging.errors import MailNotRetryable, MailRefused
from kundenkontor.messaging.models import DemoMail, OutgoingMail
from kundenkontor.messaging.queries import count_failed, visible_body
from kundenkontor.messaging.sending import commands, smtp
from kundenkontor.messaging.sending.commands import PAUSES, send_due_mails, send_mail
from kundenkontor.messaging.sending.composing import compose
from kundenkontor.messaging.signature import sender_of, signature
from tests.support.builders import CLARA, TODAY, alpenhost
from tests.support.jobs import run_jobs
from tests.support.mail import Mailbox

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.STORED_FILES_DIR = tmp_path


def queued(**changes: Any) -> OutgoingMail:
    values: dict[str, Any] = {
        "to": "ada@huber.example",
        "subject": "Ihre Rechnung",
        "body": "Grüß Gott,\n\ndie Rechnung.\n",
        "kind": "invoice",
        "sender": '"Alpenhost GmbH" <service@alpenhost.example>',
    }
    return queue_mail(**{**values, **changes})


def make_due(mail: OutgoingMail) -> None:
    OutgoingMail.objects.filter(pk=mail.pk).update(next_attempt_at=utc_now() - timedelta(seconds=1))


def test_a_queued_mail_is_sent_once_by_its_job(smtp_server: Mailbox) -> None:
    mail = queued(attachments=[(store_file(b"%PDF-1.7", "application/pdf").pk, "RE1.pdf")])
    assert run_jobs() == ["send_mail"]
    assert send_mail(mail.pk) == ""
    assert send_due_mails() == 0
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, len(smtp_server.mails)) == ("done", 1, 1)
    received = smtp_server.mails[0]
    assert (received.sender, received.recipients) == ("service@alpenhost.example", ["ada@huber.example"])
    message = received.message
    assert message["Message-ID"] == mail.message_id
    assert message["From"] == "Alpenhost GmbH <service@alpenhost.example>"
    body = message.get_body()
    assert body is not None and "Grüß Gott" in body.get_content()
    (attachment,) = message.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content()) == ("RE1.pdf", b"%PDF-1.7")


def test_the_same_row_gives_the_same_bytes() -> None:
    mail = queued(attachments=[(store_file(b"%PDF-1.7", "application/pdf").pk, "RE1.pdf")])
    assert compose(mail).as_bytes() == compose(OutgoingMail.objects.get(pk=mail.pk)).as_bytes()


@pytest.mark.invariant("I-D4")
def test_a_crash_after_data_sends_the_same_message_again(smtp_server: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    mail = queued()

    def crash(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(commands, "settle", crash)
        with pytest.raises(KeyboardInterrupt):
            send_mail(mail.pk)
    mail.refresh_from_db()
    assert mail.state == "claimed"
    assert send_mail(mail.pk) == ""  # another worker leaves it alone while the lease runs
    make_due(mail)
    assert send_due_mails() == 1
    first, second = smtp_server.mails
    assert first.content == second.content
    assert first.message["Message-ID"] == mail.message_id
    mail.refresh_from_db()
    assert mail.state == "done"


@pytest.mark.invariant("I-D4")
def test_a_temporary_refusal_is_tried_again_and_then_given_up(smtp_server: Mailbox) -> None:
    mail = queued()
    smtp_server.answer = "451 try again later"
    assert send_mail(mail.pk) == "queued"
    mail.refresh_from_db()
    assert "451" in mail.last_error and mail.next_attempt_at is not None and mail.next_attempt_at > utc_now()
    assert send_mail(mail.pk) == ""
    for _ in PAUSES:
        make_due(mail)
        state = send_mail(mail.pk)
    assert state == "failed"
    smtp_server.answer = "250 OK"
    mail.refresh_from_db()
    retry_mail(mail, on=TODAY, actor=CLARA)
    assert run_jobs("send_mail")
    mail.refresh_from_db()
    assert mail.state == "done" and smtp_server.mails[0].message["Message-ID"] == mail.message_id
    assert Event.objects.filter(name="mail.retried", subject_id=mail.pk).exists()


@pytest.mark.invariant("I-D4")
def test_a_permanent_refusal_fails_at_once_and_is_shown(smtp_server: Mailbox) -> None:
    mail = queued()
    smtp_server.answer = "550 no such\x00user"  # the database holds no such character
    assert send_mail(mail.pk) == "failed"
    mail.refresh_from_db()
    assert "550 no such user" in mail.last_error


def test_a_refused_recipient_fails_for_good_and_a_greylisted_one_waits(
    smtp_server: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["450 greylisted", "554 blocked"])

    async def refuse(self: Mailbox, server: SMTP, *_: Any) -> str:
        return next(answers)

    monkeypatch.setattr(Mailbox, "handle_RCPT", refuse, raising=False)
    mail = queued()
    assert send_mail(mail.pk) == "queued"
    make_due(mail)
    assert send_mail(mail.pk) == "failed"


@pytest.mark.invariant("I-D4")
@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("handle_MAIL", "530 5.7.0 authentication required"),
        ("handle_MAIL", "553 sender not owned by this login"),
    ],
)
def test_what_is_wrong_with_us_delays_a_mail_and_fails_none(
    smtp_server: Mailbox, monkeypatch: pytest.MonkeyPatch, step: str, answer: str
) -> None:
    async def refuse(self: Mailbox, *_: Any) -> str:
        return answer

    mail = queued()
    with monkeypatch.context() as patch:
        patch.setattr(Mailbox, step, refuse, raising=False)
        assert send_mail(mail.pk) == "queued"
    mail.refresh_from_db()
    assert answer[:3] in mail.last_error
    make_due(mail)
    assert send_mail(mail.pk) == "done"


@pytest.mark.invariant("I-D4")
@pytest.mark.invariant("I-D4")
def test_a_mail_that_was_taken_is_not_sent_again_however_the_server_says_goodbye(
    smtp_server: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: object) -> str:
        return "421 idle for too long"

    monkeypatch.setattr(Mailbox, "handle_QUIT", gone, raising=False)
    mail = queued()
    assert send_mail(mail.pk) == "done"
    assert len(smtp_server.mails) == 1


def test_a_wrong_password_fails_no_mail(smtp_server: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise SMTPAuthenticationError(535, b"5.7.8 credentials invalid")

    monkeypatch.setattr(smtp, "_sign_in", refuse)
    mail = queued()
    assert send_mail(mail.pk) == "queued"
    mail.refresh_from_db()
    assert "535 5.7.8 credentials invalid" in mail.last_error


def test_all_failed_mails_are_sent_again_at_once_but_no_secret(smtp_server: Mailbox) -> None:
    mails = [queued() for _ in range(3)]
    secret = queued(is_secret=True)
    OutgoingMail.objects.update(state="failed", attempts=11, next_attempt_at=None)
    queued()

    assert (count_failed(), retry_failed_mails(on=TODAY, actor=CLARA)) == (3, 3)

    assert (count_failed(), send_due_mails()) == (0, 4)
    assert {received.message["Message-ID"] for received in smtp_server.mails} > {mail.message_id for mail in mails}
    secret.refresh_from_db()
    assert secret.state == "failed"
    assert Event.objects.filter(name="mail.retried").count() == 3


@pytest.mark.parametrize(
    ("address", "on_the_way"),
    [("ada@hübner.example", "ada@xn--hbner-kva.example"), ("ada@straße.example", "ada@xn--strae-oqa.example")],
)
def test_a_domain_with_umlauts_needs_nothing_of_the_server(smtp_server: Mailbox, address: str, on_the_way: str) -> None:
    assert send_mail(queued(to=address, sender='"Hübner" <service@hübner.example>').pk) == "done"

    (received,) = smtp_server.mails
    assert (received.sender, received.recipients) == ("service@xn--hbner-kva.example", [on_the_way])
    assert received.message["To"] == on_the_way
    assert received.message["From"] == "Hübner <service@xn--hbner-kva.example>"


@pytest.mark.invariant("I-D4")
def test_a_server_that_is_down_loses_nothing(settings: Any) -> None:
    settings.SMTP_URL = "smtp://127.0.0.1:9"
    assert send_mail(queued().pk) == "queued"


def test_a_password_is_never_sent_without_encryption(smtp_server: Mailbox, settings: Any) -> None:
    settings.SMTP_URL = smtp_server.url.replace("smtp://", "smtp://user:secret@")
    mail = queued()
    assert send_mail(mail.pk) == "queued"
    mail.refresh_from_db()
    assert "encryption" in mail.last_error and not smtp_server.mails


def test_without_a_server_the_demo_keeps_the_bytes_and_production_waits(settings: Any) -> None:
    settings.SMTP_URL = ""
    mail = queued()
    assert send_mail(mail.pk) == "done"
    assert (
        email.message_from_bytes(bytes(DemoMail.objects.get().raw), policy=policy.default)["To"] == "ada@huber.example"
    )
    settings.MODE = "production"
    assert send_mail(queued().pk) == "queued"


@pytest.mark.feature("M10")
@pytest.mark.invariant("I-L2")
def test_a_secret_leaves_the_outbox_with_its_mail_and_is_never_shown(smtp_server: Mailbox) -> None:
    mail = queued(is_secret=True, body="https://…/key-4711/")
    assert visible_body(mail) is None
    send_mail(mail.pk)
    mail.refresh_from_db()
    assert b"key-4711" in smtp_server.mails[0].content
    assert mail.body == ""
    with pytest.raises(MailNotRetryable):
        retry_mail(mail, on=TODAY, actor=CLARA)


@pytest.mark.invariant("I-L2")
@pytest.mark.parametrize(("answer", "attempts"), [("550 no such user", 0), ("451 later", len(PAUSES)), ("", 99)])
def test_a_secret_that_will_never_be_sent_leaves_the_outbox_too(
    smtp_server: Mailbox, answer: str, attempts: int
) -> None:
    """Refused, tried for the last time, or left by a worker that died at its last try."""
    smtp_server.answer = answer or smtp_server.answer
    mail = queued(is_secret=True, body="https://…/key-4711/")
    OutgoingMail.objects.filter(pk=mail.pk).update(attempts=attempts)
    assert send_mail(mail.pk) == "failed"
    mail.refresh_from_db()
    assert mail.body == "" and "key-4711" not in mail.last_error


@pytest.mark.invariant("I-L2")
@pytest.mark.parametrize("link", ["zugang/{key}/", "account/password/reset/key/1z-{key}/"])
@pytest.mark.parametrize("code", ["550", "451"])
def test_a_server_that_quotes_a_link_shows_its_key_to_nobody(smtp_server: Mailbox, link: str, code: str) -> None:
    key = "dhq2k1-5f0c8d2b7a61e94c3d5f0c8d2b7a61e9"
    url = f"https://kunden.alpenhost.example/{link.format(key=key)}"
    smtp_server.answer = f"{code} 5.7.1 blocked because of {url} (phishing)"
    for mail in (queued(is_secret=True, body=f"Guten Tag,\n\n{url}\n"), queued(body=url)):
        send_mail(mail.pk)
        mail.refresh_from_db()
        assert "blocked because of https://kunden.alpenhost.example/" in mail.last_error
        assert (key in mail.last_error) is not mail.is_secret


@pytest.mark.invariant("I-L2")
@pytest.mark.parametrize("password", ["s3cr/et", "s3cr#et", "s3cr?et", "s3cr\uff0fet"])
def test_an_address_that_is_none_is_not_quoted_with_its_password(settings: Any, password: str) -> None:
    settings.SMTP_URL = f"smtp://user:{password}@mail.example:587"
    mail = queued()
    assert send_mail(mail.pk) == "queued"
    mail.refresh_from_db()
    assert "SMTP_URL is no address" in mail.last_error and "s3cr" not in mail.last_error


@pytest.mark.security("mail header injection")
def test_nobody_adds_a_header_or_a_recipient(smtp_server: Mailbox) -> None:
    mail = queued(
        subject="Hallo\r\nBcc: victim@example.com",
        sender='"Evil\r\nBcc: x@example.com, Name" <service@alpenhost.example>',
    )
    OutgoingMail.objects.filter(pk=mail.pk).update(subject="Hallo\r\nBcc: victim@example.com")
    assert send_mail(mail.pk) == "done"
    received = smtp_server.mails[0]
    assert received.message["Bcc"] is None
    assert received.recipients == ["ada@huber.example"]
    assert len(received.message.get_all("To", [])) == 1


@pytest.mark.security("mail header injection")
@pytest.mark.parametrize("address", ["a@x.example, b@y.example", "a@x.example\r\nRCPT TO:<b@y.example>", "nobody", ""])
def test_an_address_that_is_none_fails_without_a_connection(settings: Any, address: str) -> None:
    settings.SMTP_URL = "smtp://127.0.0.1:9"
    mail = queued()
    OutgoingMail.objects.filter(pk=mail.pk).update(recipient=address)
    assert send_mail(mail.pk) == "failed"
    with pytest.raises(MailRefused):
        compose(OutgoingMail.objects.get(pk=mail.pk))


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_signature_names_the_seller_and_its_legal_pages(language: str) -> None:
    seller = alpenhost(imprint_url="https://alpenhost.example/impressum")
    with translation.override(language):
        text = signature(seller)
    assert "FN 123456a" in text and "ATU12345675" in text
    assert "https://alpenhost.example/impressum" in text
    assert "/legal/alpenhost/privacy/" in text
    assert sender_of(seller) == '"Alpenhost GmbH" <service@alpenhost.example>'
