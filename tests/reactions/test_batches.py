"""What works in batches is the same over several of them and a rest: in tests no batch would ever be full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from kundenkontor import reactions
from kundenkontor.delivery import commands as delivery_commands
from kundenkontor.delivery.models import Delivery
from kundenkontor.delivery.unfinished import SOON
from kundenkontor.events import batches, seals
from kundenkontor.events import commands as event_commands
from kundenkontor.events.batches import find_changed_rows, seal_rows
from kundenkontor.events.models import Event, EventSeal
from kundenkontor.events.names import ROWS_SEALED
from kundenkontor.events.seals import seal_events, verify_chain
from kundenkontor.invoicing.search import search_ids
from kundenkontor.kernel import bulk
from kundenkontor.kernel.tables import sealings
from kundenkontor.messaging.models import DemoMail
from kundenkontor.papers import commands as paper_commands
from kundenkontor.papers.models import PaperFile
from kundenkontor.parties.models import Seller
from tests.support.builders import TODAY, ada, alpenhost, issue_several, line
from tests.support.jobs import run_jobs
from tests.support.papers import render_pool

DOCUMENTS = 5


@pytest.fixture(scope="module", autouse=True)
def pool() -> Iterator[None]:
    yield
    render_pool().close()
    render_pool.cache_clear()


@pytest.fixture
def seller(db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seller:
    """Mails automatically; everything goes in twos."""
    settings.STORED_FILES_DIR = tmp_path
    settings.SMTP_URL = ""
    for place, name in (
        (event_commands, "REACTION_BATCH"),
        (reactions, "REACTION_BATCH"),
        (reactions, "BATCH"),
        (delivery_commands, "BATCH"),
        (paper_commands, "BATCH"),
        (bulk, "LINES_AT_ONCE"),
        (batches, "BATCH"),
        (seals, "BATCH"),
    ):
        assert getattr(place, name) > DOCUMENTS
        monkeypatch.setattr(place, name, 2)
    return alpenhost(mails_automatically=True)


def test_every_document_of_several_batches_is_rendered_found_mailed_and_sealed_once(seller: Seller) -> None:
    customer = ada(seller)
    issued = issue_several(customer, *[[line("10.00"), line("5.00"), line("1.00")]] * DOCUMENTS)
    reacting = ProcrastinateJob.objects.filter(task_name="kundenkontor.react", args__name="invoice.issued")
    ids = [id_ for job in reacting for id_ in job.args["event_ids"]]
    assert len(reacting) == 3
    assert sorted(ids) == list(Event.objects.filter(name="invoice.issued").order_by("pk").values_list("pk", flat=True))

    run_jobs()

    numbers = {one.number for one in issued}
    assert [one.lines.count() for one in issued] == [3] * DOCUMENTS
    assert PaperFile.objects.count() == 2 * DOCUMENTS
    assert {one.number for one in Delivery.objects.filter(state="queued")} == numbers
    mails = [bytes(one.raw).decode() for one in DemoMail.objects.all()]
    assert len(mails) == DOCUMENTS and all(sum(number in mail for mail in mails) == 1 for number in numbers)
    for one in issued:
        found = search_ids(customer.pk, one.number)
        assert found is not None and list(found) == [one.pk]
    assert_all_is_sealed()


def assert_all_is_sealed() -> None:
    seal_rows(on=TODAY)
    seal_events()
    sealed = Event.objects.filter(name=ROWS_SEALED.name)
    for sealing in sealings():
        with connection.cursor() as cursor:
            where = sealing.where or "true"
            cursor.execute(f"SELECT {sealing.columns[0]} FROM {sealing.table} WHERE {where} ORDER BY 1")
            standing = [row[0] for row in cursor.fetchall()]
        ids = [one.payload["ids"] for one in sealed.filter(reference=sealing.table).order_by("pk")]
        assert [id_ for batch in ids for id_ in batch] == standing
    assert max(Counter(sealed.values_list("reference", flat=True)).values()) > DOCUMENTS // 2
    assert EventSeal.objects.count() == Event.objects.count()
    assert find_changed_rows() == [] and verify_chain() == []


def test_what_lost_its_jobs_comes_back_from_more_than_one_batch(
    seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = issue_several(ada(seller), *[[line()]] * DOCUMENTS)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    monkeypatch.setattr(reactions, "SOON", -SOON)

    reactions.finish_documents()
    run_jobs()

    assert PaperFile.objects.count() == 2 * DOCUMENTS
    assert Delivery.objects.filter(state="queued").count() == DOCUMENTS
    assert all(list(search_ids(one.customer_id, one.number) or []) == [one.pk] for one in issued)
