"""The render processes: parallel, replaceable, never in the way of the next document."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from kundenkontor.einvoicing.cii import write_cii
from kundenkontor.printing import process as render_process
from kundenkontor.printing.errors import (
    InconsistentDocument,
    PoolClosed,
    RenderingError,
    RenderTimedOut,
    UnknownTemplate,
    WorkerLost,
)
from kundenkontor.printing.invoice.compile import render_pdf
from kundenkontor.printing.pool import RenderPool, time_for
from kundenkontor.printing.process import RenderProcess
from tests.printing import builders

ONE = builders.document(1)


@pytest.fixture(scope="module")
def pool() -> Iterator[RenderPool]:
    with RenderPool(2) as running:
        yield running


def test_the_pool_gives_the_same_bytes_as_a_direct_call(pool: RenderPool) -> None:
    xml, pdf = pool.render(ONE.to_json())

    assert xml == write_cii(ONE.invoice)
    assert pdf == render_pdf(ONE, xml)


def test_many_documents_come_back_in_order_and_an_error_stops_nothing(pool: RenderPool) -> None:
    wrong = replace(ONE, template_version="0")
    tasks = [(str(number), (wrong if number == 5 else ONE).to_json()) for number in range(20)]

    results = list(pool.render_many([*tasks, ("broken", "{")]))

    assert [result.key for result in results] == [*map(str, range(20)), "broken"]
    assert [result.key for result in results if result.error] == ["5", "broken"]
    assert isinstance(results[5].error, UnknownTemplate)
    assert all(result.pdf.startswith(b"%PDF") for result in results if not result.error)


def test_the_input_is_read_only_a_little_ahead(pool: RenderPool) -> None:
    taken = []

    def stream() -> Iterator[tuple[str, str]]:
        for number in range(1000):
            taken.append(number)
            yield str(number), ONE.to_json()

    results = pool.render_many(stream())
    next(results)
    results.close()  # type: ignore[attr-defined]

    assert len(taken) < 20


def test_a_process_is_replaced_after_its_share() -> None:
    worker = RenderProcess(2)
    seen = []
    for _ in range(4):
        worker.render(ONE.to_json(), 30)
        seen.append(worker.process_id)
    worker.stop()

    assert seen[0] is not None and seen[2] is not None and seen[0] != seen[2]
    assert seen[1] is seen[3] is None


def test_a_process_that_has_grown_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_process, "LARGEST_RESIDENT", 1)
    worker = RenderProcess(100)
    worker.render(ONE.to_json(), 30)

    assert worker.process_id is None


def test_a_killed_process_costs_its_document_one_more_try() -> None:
    with RenderPool(1) as pool:
        pool.render(ONE.to_json())
        kill_worker_of(pool)

        assert pool.render(ONE.to_json())[1].startswith(b"%PDF")


def test_a_process_killed_between_documents_is_reported_and_the_next_call_works() -> None:
    worker = RenderProcess(100)
    worker.render(ONE.to_json(), 30)
    assert worker.process_id is not None
    os.kill(worker.process_id, signal.SIGKILL)

    with pytest.raises(WorkerLost):
        worker.render(ONE.to_json(), 30)
    assert worker.render(ONE.to_json(), 30)[1].startswith(b"%PDF")
    worker.stop()


def test_a_document_that_takes_too_long_is_given_up() -> None:
    worker = RenderProcess(100)
    with pytest.raises(RenderTimedOut):
        worker.render(builders.collective(300).to_json(), 0.2)

    assert worker.render(ONE.to_json(), 30)[1].startswith(b"%PDF")
    worker.stop()


def test_somebody_who_waits_gets_an_answer_in_time(pool: RenderPool) -> None:
    with pytest.raises(RenderTimedOut):
        pool.render(builders.collective(300).to_json(), timeout=0.05)


def test_a_closed_pool_refuses() -> None:
    pool = RenderPool(1)
    pool.close()

    with pytest.raises(PoolClosed):
        pool.render(ONE.to_json())


def test_the_process_sees_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://canary")
    worker = RenderProcess(100)
    worker.render(ONE.to_json(), 30)
    with open(f"/proc/{worker.process_id}/environ", "rb") as environment:
        assert b"canary" not in environment.read()
    worker.stop()


def test_refusals_keep_their_class_and_sentence(pool: RenderPool) -> None:
    with pytest.raises(UnknownTemplate) as refused:
        pool.render(replace(ONE, template_version="0").to_json())
    assert refused.value.template.format(**refused.value.params) == "There is no document template 0."
    with pytest.raises(InconsistentDocument) as contradiction:
        pool.render(ONE.to_json().replace("#0b5d66", "petrol"))
    said = contradiction.value.template.format(**contradiction.value.params)
    assert said == "Document RE2026000123 contradicts itself in accent."
    with pytest.raises(RenderingError):
        pool.render("{}")


@pytest.mark.slow
def test_long_invoices_stay_below_600_megabytes() -> None:
    worker = RenderProcess(100)
    text = builders.collective(600).to_json()
    for _ in range(4):
        worker.render(text, 60)
        if worker.process_id:
            assert peak_bytes(worker.process_id) < 600 * 1024**2
    worker.stop()


def peak_bytes(process_id: int) -> int:
    with open(f"/proc/{process_id}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


def kill_worker_of(pool: RenderPool) -> None:
    """The only child of this test's pool."""
    os.kill(next(iter(pool.process_ids())), signal.SIGKILL)


def test_a_long_document_has_more_time_than_a_short_one() -> None:
    line = len(builders.document(200).to_json()) / 200

    assert time_for(ONE.to_json()) < 62
    assert time_for("x" * int(4000 * line)) > 120
