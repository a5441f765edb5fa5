"""A mail server that takes connections and says nothing holds one place, and not for long; keys go first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from kundenkontor.events.actor import SYSTEM
from kundenkontor.invoicing.papers.kind import INVOICE
from kundenkontor.jobs import breakers
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.commands import queue_mail, retry_failed_mails
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.messaging.sending import smtp
from kundenkontor.messaging.sending.commands import SERVICE, send_due_mails, send_mail
from kundenkontor.papers.jobs import render
from tests.support.builders import CLARA, TODAY
from tests.support.patience import wait_until


@pytest.fixture
def hanging(silent_smtp_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SMTP_URL = silent_smtp_url
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.2)


def queued(number: int, *, is_secret: bool = False) -> OutgoingMail:
    return queue_mail(
        to=f"ada{number}@huber.example", subject="x", body="y", kind="invoice", is_secret=is_secret,
        sender="service@alpenhost.example",
    )  # fmt: skip


def attempts() -> list[int]:
    return list(OutgoingMail.objects.order_by("pk").values_list("attempts", flat=True))


@pytest.mark.django_db
def test_one_time_out_is_enough_and_a_key_is_tried_first(hanging: None) -> None:
    for number in range(3):
        queued(number)
    queued(3, is_secret=True)

    assert send_due_mails() == 1
    assert attempts() == [0, 0, 0, 1]
    assert send_due_mails() == 0
    assert send_mail(OutgoingMail.objects.earliest("pk").pk) == ""

    with time_machine.travel(utc_now() + timedelta(minutes=2), tick=True):
        assert send_due_mails() == 1
    assert sum(attempts()) == 2


@pytest.mark.django_db
def test_who_repaired_the_server_need_not_wait(hanging: None) -> None:
    queued(1)
    send_due_mails()
    assert breakers.is_open(SERVICE)
    retry_failed_mails(on=TODAY, actor=CLARA)
    assert not breakers.is_open(SERVICE)


@pytest.mark.commits
@pytest.mark.slow
def test_a_worker_goes_on_with_all_else_while_its_mails_hang(silent_smtp_url: str) -> None:
    for number in range(6):
        queued(number)
    for _ in range(3):
        render.defer(INVOICE.code, [], SYSTEM)
    command = [sys.executable, "-m", "kundenkontor.cli.main", "worker", "--concurrency", "1"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.support.settings", "SMTP_URL": silent_smtp_url}
    with subprocess.Popen(command, env=environment) as worker:
        try:
            wait_until(lambda: _waiting("render") == 0, "the end of what is to be rendered")
            assert OutgoingMail.objects.filter(state="queued", attempts=0).count() >= 4
        finally:
            worker.send_signal(signal.SIGKILL)


def _waiting(queue: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = %s", [queue])
        return int(cursor.fetchone()[0])
