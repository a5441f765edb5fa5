"""kill -9 of the sender, in a process of its own, after the server took the mail and before we wrote that down."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.commands import queue_mail
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.messaging.sending.commands import send_due_mails
from tests.support.mail import Mailbox
from tests.support.patience import CEILING

SENDER = """
import os, signal, sys
import django
django.setup()
from django.conf import settings
from kundenkontor.messaging.sending import commands
settings.SMTP_URL = sys.argv[2]
point = sys.argv[3]
def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(commands, point, die)
commands.send_mail(int(sys.argv[1]))
"""


@pytest.mark.commits
@pytest.mark.invariant("I-D4")
@pytest.mark.invariant("I-M4")
@pytest.mark.parametrize(("point", "copies"), [("_hand_over", 1), ("settle", 2)])
def test_a_killed_sender_loses_no_mail_and_repeats_the_same_message(
    smtp_server: Mailbox, breaker_report: Any, point: str, copies: int
) -> None:
    mail = queue_mail(
        to="ada@huber.example", subject="Ihre Rechnung", body="…", kind="invoice", sender="service@alpenhost.example"
    )
    command = [sys.executable, "-c", SENDER, str(mail.pk), smtp_server.url, point]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.support.settings"}
    killed = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=CEILING)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    mail.refresh_from_db()
    assert mail.state == "claimed"
    assert send_due_mails() == 0
    OutgoingMail.objects.update(next_attempt_at=utc_now() - timedelta(seconds=1))
    assert send_due_mails() == 1
    mail.refresh_from_db()
    assert mail.state == "done"
    assert [received.message["Message-ID"] for received in smtp_server.mails] == [mail.message_id] * copies
    assert len({received.content for received in smtp_server.mails}) == 1
    breaker_report(kills=1, command="send_mail")
