"""Several workers at the same document."""

from __future__ import annotations

from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.models import Event
from kundenkontor.papers.models import PaperFile
from tests.support.builders import TODAY, ada, alpenhost, issue
from tests.support.papers import render_invoices, render_pool


@pytest.mark.commits
@pytest.mark.invariant("I-D1")
def test_workers_that_render_the_same_document_at_once_keep_one_pair_of_files(
    settings: Any, tmp_path: Path, breaker_report: Any
) -> None:
    settings.STORED_FILES_DIR = tmp_path
    invoice = issue(ada(alpenhost()))
    barrier = Barrier(4)

    def work() -> None:
        barrier.wait()
        try:
            render_invoices([invoice.pk], on=TODAY, actor=SYSTEM)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert PaperFile.objects.filter(paper_id=invoice.pk).count() == 2
    assert Event.objects.filter(name="paper.rendered").count() == 1
    breaker_report(threads=4, command="render_invoices")
    render_pool().close()
    render_pool.cache_clear()
