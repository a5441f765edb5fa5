"""The test's own web server, browser, mail server and worker."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Page


@pytest.mark.browser
def test_a_page_loads_without_breaking_the_content_security_policy(page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)

    page.goto("/account/login/")

    assert page.locator("html").get_attribute("lang") == "de"
    assert said == []


def test_a_mail_arrives_over_a_real_session(smtp_server: Any) -> None:
    with smtplib.SMTP(smtp_server.host, smtp_server.port) as session:
        session.sendmail("a@example.org", ["b@example.org"], "Subject: Gruß\r\n\r\nText\r\n".encode())

    assert smtp_server.mails[0].recipients == ["b@example.org"]


def test_the_worker_ends_when_no_job_is_waiting(work_off_jobs: Callable[[], None]) -> None:
    work_off_jobs()


@pytest.mark.django_db
def test_rate_limits_are_counted_in_the_database() -> None:
    cache.set("tries", 1)

    assert cache.incr("tries") == 2


def test_other_machines_cannot_be_reached() -> None:
    import socket

    with pytest.raises(OSError, match="a test tried"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
