"""Threads that wait for the worker: a moment, and few of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from kundenkontor.invoicing.papers.kind import INVOICE
from kundenkontor.jobs.queries import is_asked
from kundenkontor.kernel import limits
from kundenkontor.papers import waiting
from kundenkontor.papers.jobs import render_for_reader
from tests.portal.builders import client_of, login
from tests.support.builders import ada, alpenhost, issue
from tests.support.jobs import run_worker
from tests.support.papers import render_pool
from tests.support.patience import CEILING, wait_until


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.STORED_FILES_DIR = tmp_path / "files"
    yield
    render_pool().close()
    render_pool.cache_clear()


@pytest.mark.commits
def test_a_reader_waits_a_moment_and_gets_what_the_worker_made() -> None:
    invoice = issue(ada(alpenhost()))
    address = reverse("portal:invoice-pdf", args=[invoice.pk])
    ada_, answers = client_of(login("ada", invoice.customer)), []

    def wait() -> None:
        answers.append(ada_.get(address))
        connection.close()

    waits = threading.Thread(target=wait, daemon=True)
    waits.start()
    wait_until(
        lambda: answers or is_asked(render_for_reader, kind=INVOICE.code, id_=invoice.pk, name="pdf"), "the question"
    )
    run_worker()
    waits.join(CEILING)
    answers[0].close()
    assert answers[0].status_code in (200, 503)  # 503 only where eight seconds were not enough for the machine
    assert ada_.get(address).getvalue().startswith(b"%PDF-")


@pytest.mark.commits
def test_few_threads_wait_and_the_others_answer_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(limits.RENDER_WAITS):
        waiting._PLACES.acquire()
    looked: list[int] = []
    try:
        assert waiting.wait_for(lambda: looked.append(1)) is None and not looked
    finally:
        for _ in range(limits.RENDER_WAITS):
            waiting._PLACES.release()
    monkeypatch.setattr(limits, "RENDER_WAIT_SECONDS", 0.5)
    assert waiting.wait_for(lambda: looked.append(1)) is None and looked
