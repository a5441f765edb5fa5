"""Papers for one look: the worker sets them, and nothing of them is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from kundenkontor.documents.models import StoredFile
from kundenkontor.invoicing.papers.freezing import freeze_invoices
from kundenkontor.kernel.clock import utc_now
from kundenkontor.papers.errors import PaperNotReady
from kundenkontor.papers.jobs import purge_unstored
from kundenkontor.papers.models import UnstoredPaper
from kundenkontor.papers.waiting import render_unstored, try_logo
from kundenkontor.printing.errors import InvalidLogo
from tests.support.builders import ada, alpenhost, issue
from tests.support.jobs import run_jobs
from tests.support.papers import render_pool

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True, scope="module")
def pool() -> Iterator[None]:
    yield
    render_pool().close()
    render_pool.cache_clear()


def test_what_is_looked_at_is_set_by_the_worker_once_and_forgotten_after_an_hour() -> None:
    invoice = issue(ada(alpenhost()))
    frozen = freeze_invoices([invoice.pk])[invoice.pk]
    for _ in range(2):
        with pytest.raises(PaperNotReady):
            render_unstored(frozen)
    assert run_jobs("make_unstored", reacting=False) == ["make_unstored"]
    assert render_unstored(frozen).startswith(b"%PDF-") and render_unstored(frozen)
    assert not StoredFile.objects.exists()

    purge_unstored()
    assert UnstoredPaper.objects.count() == 1
    with time_machine.travel(utc_now() + timedelta(minutes=61)):
        purge_unstored()
    assert not UnstoredPaper.objects.exists()


def test_what_cannot_be_set_is_refused_and_tried_anew_when_somebody_asks_again() -> None:
    for _ in range(2):
        with pytest.raises(PaperNotReady):
            try_logo(b"\x89PNG\r\n\x1a\n broken")
        run_jobs("make_unstored", reacting=False)
        with pytest.raises(InvalidLogo):
            try_logo(b"\x89PNG\r\n\x1a\n broken")
