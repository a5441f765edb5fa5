"""A run gives the same whatever the order, the chunks, the workers and the kills (I-B2, I-B3)."""

from __future__ import annotations

import hashlib
import os
from functools import partial
from pathlib import Path

import pytest
from django.db import connection

from kundenkontor.billing.models import BillingRun, Charge
from kundenkontor.billing.runs.commands import confirm_run, finish_run, preview_run, run_chunks, start_run
from kundenkontor.invoicing.models import Invoice
from kundenkontor.parties.models import Customer, Seller
from tests.proof.invariants.statements import stop_here, striking_at
from tests.proof.invariants.test_every_statement import LOST
from tests.proof.invariants.threads import all_at_once
from tests.support.billing import hosting
from tests.support.books import check_books
from tests.support.breakers import BreakerReport
from tests.support.builders import CLARA, TODAY, ada, alpenhost

pytestmark = pytest.mark.commits
CUSTOMERS = 12


def town() -> Seller:
    """A dozen customers with one to three contracts each, every other one billed collectively."""
    seller = alpenhost()
    for number in range(CUSTOMERS):
        customer: Customer = ada(seller, number=f"2{number:03}", is_collective=number % 2 == 0)
        for place in range(number % 3 + 1):
            price = f"{number + place}.49"
            hosting(customer, price, number=f"V{number:03}{place}", is_gross=place == 2)
    return seller


def confirmed(seller: Seller, per_chunk: int) -> BillingRun:
    run = start_run(seller, TODAY, on=TODAY, actor=CLARA, per_chunk=per_chunk)
    preview_run(run)
    return confirm_run(run, issue_date=TODAY, actor=CLARA)


class Outcomes:
    """Digests, one file each."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(exist_ok=True)

    def add(self, digest: str) -> None:
        (self.directory / digest).touch()

    def __len__(self) -> int:
        return len(list(self.directory.iterdir()))


def outcome_of(run: BillingRun) -> str:
    """What was billed to whom over which sum, without numbers and ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.number, l.contract_number, l.period_start, l.period_end, l.net_amount, v.total_with_vat,"
            " v.amount_due FROM invoicing_invoice v JOIN invoicing_invoiceline l ON l.invoice_id = v.id"
            " JOIN parties_customer c ON c.id = v.customer_id WHERE v.batch_id = %s ORDER BY 1, 2, 3",
            [run.pk],
        )
        return hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()


@pytest.fixture
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """Every way to bill the same town ends here, in all test processes; there must be one."""
    name = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    return Outcomes(tmp_path_factory.getbasetemp().parent / f"outcomes-{name}")


@pytest.mark.invariant("I-B2", "I-B3", "I-N1")
@pytest.mark.parametrize(("workers", "per_chunk"), [(1, 100), (1, 1), (2, 2), (8, 1), (8, 3)])
def test_workers_and_chunks_make_no_difference(
    workers: int, per_chunk: int, outcomes: Outcomes, breaker_report: BreakerReport
) -> None:
    run = confirmed(town(), per_chunk)

    did = all_at_once([partial(run_chunks, run, actor=CLARA)] * workers)

    assert [outcome for outcome in did if isinstance(outcome, BaseException)] == []
    for _ in range(2):  # what a skipped chunk left is done by the next to look
        run_chunks(run, actor=CLARA)
    assert finish_run(run, on=TODAY, actor=CLARA)
    assert Charge.objects.count() == sum(number % 3 + 1 for number in range(CUSTOMERS))
    outcomes.add(outcome_of(run))
    assert len(outcomes) == 1
    assert check_books() == []
    breaker_report(threads=workers)


@pytest.mark.invariant("I-B2", "I-B3", "I-N1")
def test_a_run_stopped_again_and_again_ends_as_if_undisturbed(
    outcomes: Outcomes, breaker_report: BreakerReport
) -> None:
    run, kills = confirmed(town(), 3), 0
    while not finish_run(run, on=TODAY, actor=CLARA):
        with striking_at(40 + 31 * kills, stop_here, everywhere=True):
            try:
                run_chunks(run, actor=CLARA)
            except LOST:
                connection.close()
                kills += 1

    assert kills > 2
    outcomes.add(outcome_of(run))
    assert len(outcomes) == 1
    assert sorted(Invoice.objects.values_list("sequence", flat=True)) == list(range(1, Invoice.objects.count() + 1))
    assert check_books() == []
    breaker_report(kills=kills)


@pytest.mark.invariant("I-B2")
def test_a_second_run_bills_nothing_again() -> None:
    seller = town()
    for expected in (True, False):
        run = confirmed(seller, 100)
        run_chunks(run, actor=CLARA)
        finish_run(run, on=TODAY, actor=CLARA)
        assert Invoice.objects.filter(batch_id=run.pk).exists() is expected
