"""What happens when a run, a repair and a change of the same contract begin at the same moment."""

from __future__ import annotations

import threading
import time
from datetime import date
from decimal import Decimal
from functools import partial

import psycopg
import pytest
from click.testing import CliRunner
from django.db import connection, transaction

from kundenkontor.billing.models import BillingRun
from kundenkontor.billing.runs.chunks import bill_chunk, drafter_for
from kundenkontor.billing.runs.commands import (
    begin_issuing,
    confirm_run,
    finish_run,
    preview_run,
    run_chunks,
    start_run,
    take_confirmation,
)
from kundenkontor.billing.runs.parked_commands import retry_parked
from kundenkontor.cli.bill import command
from kundenkontor.config.database.postgres import OWNER_ROLE, Cluster
from kundenkontor.contracts.commands import change_contract
from kundenkontor.contracts.errors import AlreadyBilled
from kundenkontor.contracts.models import Contract
from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.drafting.commands import ManualLine, edit_draft, issue_draft
from kundenkontor.invoicing.errors import ChargeBilledMeanwhile
from kundenkontor.invoicing.models import Correction, Invoice
from kundenkontor.parties.models import Customer, Seller
from tests.billing.builders import bill, hosting, periods_of
from tests.proof.invariants.threads import all_at_once
from tests.support.books import check_books
from tests.support.builders import CLARA, ada, alpenhost
from tests.support.jobs import in_a_thread
from tests.support.patience import CEILING

DECEMBER, FIRST, LATER = date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 10)


def confirmed(seller: Seller, per_chunk: int) -> BillingRun:
    run = start_run(seller, DECEMBER, on=FIRST, actor=CLARA, per_chunk=per_chunk)
    preview_run(run)
    return confirm_run(run, issue_date=FIRST, actor=CLARA)


def begin_all_later() -> int:
    """Move every contract's start; returns how many were moved before they were billed."""
    moved = 0
    for contract in Contract.objects.order_by("id"):
        try:
            moved += bool(change_contract(contract, {"start_date": LATER}, on=FIRST, actor=CLARA))
        except AlreadyBilled:
            continue
    return moved


@pytest.mark.commits
@pytest.mark.invariant("I-B1")
def test_a_contract_is_billed_as_it_was_or_as_it_is_but_not_changed_below_its_charges() -> None:
    seller = alpenhost()
    for number in range(40):
        hosting(ada(seller, number=f"3{number:03}"), f"V{number}")
    run = confirmed(seller, per_chunk=8)

    outcomes = all_at_once([begin_all_later, partial(run_chunks, run, actor=CLARA)])

    assert [outcome for outcome in outcomes if isinstance(outcome, BaseException)] == []
    assert finish_run(run, on=FIRST, actor=CLARA)
    starts = [(contract.start_date, periods_of(contract)[0][0]) for contract in Contract.objects.all()]
    assert [pair for pair in starts if pair[0] != pair[1]] == []
    assert check_books() == []


@pytest.mark.commits
@pytest.mark.invariant("I-B2")
def test_a_parked_customer_repaired_in_two_runs_at_once_is_billed_once() -> None:
    seller = alpenhost()
    customer = ada(seller, country="DE", vat_id="DE136695976", vat_id_state="unchecked")
    hosting(customer, "V1")
    runs = [bill(seller, DECEMBER), bill(seller, DECEMBER)] * 2
    Customer.objects.filter(pk=customer.pk).update(vat_id_state="checked")

    issued = all_at_once([partial(retry_parked, run, [customer.pk], on=FIRST, actor=CLARA) for run in runs])

    assert sorted(map(str, issued)) == ["0", "0", "0", "1"]
    assert Invoice.objects.count() == 1
    assert check_books() == []


@pytest.mark.commits
@pytest.mark.invariant("I-B2", "I-N1")
def test_two_sellers_are_billed_side_by_side() -> None:
    sellers = [alpenhost(), alpenhost(short_name="zweiter", name="Zweiter Anbieter GmbH")]
    for seller in sellers:
        for number in range(12):
            hosting(ada(seller, number=f"3{number:03}"), f"V{number}")
    runs = [confirmed(seller, per_chunk=3) for seller in sellers]

    done = all_at_once([partial(run_chunks, run, actor=CLARA) for run in runs * 2])

    assert sum(int(str(count)) for count in done) == sum(run.chunks.count() for run in runs)
    for run in runs:
        assert finish_run(run, on=FIRST, actor=CLARA)
        sequences = Invoice.objects.filter(batch_id=run.pk).values_list("sequence", flat=True)
        assert sorted(sequences) == list(range(1, 13))
    assert check_books() == []


@pytest.mark.commits
@pytest.mark.invariant("I-B2", "I-B3")
def test_two_processes_that_begin_one_run_at_once_leave_it_its_chunks() -> None:
    seller = alpenhost()
    for number in range(12):
        hosting(ada(seller, number=f"3{number:03}"), f"V{number}")
    run = start_run(seller, DECEMBER, on=FIRST, actor=CLARA, per_chunk=3)
    preview_run(run)
    take_confirmation(run, issue_date=FIRST, actor=CLARA)

    def begin() -> list[int]:
        begun = begin_issuing(BillingRun.objects.get(pk=run.pk))
        chunks = list(begun.chunks.order_by("position").values_list("id", flat=True))
        run_chunks(begun, actor=CLARA)
        return chunks

    outcomes = all_at_once([begin] * 3)

    assert outcomes == [list(run.chunks.order_by("position").values_list("id", flat=True))] * 3
    run.refresh_from_db()
    assert run.state == "running" and finish_run(run, on=FIRST, actor=CLARA)
    assert Invoice.objects.count() == 12
    assert check_books() == []


@pytest.mark.commits
@pytest.mark.invariant("I-B3")
def test_who_resumes_a_run_that_another_process_is_billing_is_told_so(cluster: Cluster, fresh_database: str) -> None:
    seller = alpenhost()
    hosting(ada(seller), "V1")
    run = confirmed(seller, per_chunk=5000)
    with psycopg.connect(cluster.url(OWNER_ROLE, fresh_database)) as other:
        other.execute("SELECT 1 FROM billing_billingchunk WHERE run_id = %s FOR UPDATE", [run.pk])

        told = CliRunner().invoke(command, ["--resume"])

    assert (told.exit_code, "still issuing" in told.output) == (1, True)
    assert "1 invoices" in CliRunner().invoke(command, ["--resume"]).output


@pytest.mark.django_db
@pytest.mark.invariant("I-B2")
def test_a_line_that_a_run_billed_meanwhile_cannot_be_put_back_into_its_draft() -> None:
    customer = ada(alpenhost())
    hosting(customer, "V1")
    bill(customer.seller, DECEMBER)
    draft = cancel_invoice(Invoice.objects.get(), bill_again=True, reason="x", on=FIRST, actor=CLARA).draft
    assert draft is not None
    line = draft.lines.get()
    taken_out = ManualLine(
        line.item_name, line.net_price, line.period_start, line.period_end,
        contract_id=line.contract_id, charge_id=line.charge_id,
    )  # fmt: skip
    edit_draft(draft, [ManualLine("Beratung", Decimal(1), FIRST, FIRST)], on=FIRST, actor=CLARA)
    bill(customer.seller, DECEMBER)
    edit_draft(draft, [taken_out], on=FIRST, actor=CLARA)

    with pytest.raises(ChargeBilledMeanwhile):
        issue_draft(draft, on=FIRST, actor=CLARA)

    assert Invoice.objects.filter(type_code="380").count() == 2
    assert check_books() == []


@pytest.mark.commits
@pytest.mark.invariant("I-B2")
def test_a_draft_that_waits_for_a_run_holds_nothing_that_the_run_wants(cluster: Cluster, fresh_database: str) -> None:
    """Both write down what is billed again before they lock totals and series, so neither waits for the other."""
    customer = ada(alpenhost())
    hosting(customer, "V1")
    bill(customer.seller, DECEMBER)
    draft = cancel_invoice(Invoice.objects.get(), bill_again=True, reason="x", on=FIRST, actor=CLARA).draft
    assert draft is not None
    correction, again = Correction.objects.get(), partial(issue_draft, draft, on=FIRST, actor=CLARA)

    def run() -> None:
        with psycopg.connect(cluster.url(OWNER_ROLE, fresh_database)) as other:
            charge = draft.lines.get().charge_id
            other.execute(
                "INSERT INTO invoicing_chargerebilling (customer_id, charge_id, correction_id, invoice_id, position)"
                " VALUES (%s, %s, %s, %s, 1)",
                [customer.pk, charge, correction.pk, correction.original_id],
            )
            begun.set()
            waits = "SELECT 1 FROM pg_locks l JOIN pg_stat_activity USING (pid) WHERE datname = %s AND NOT l.granted"
            while not other.execute(waits, [fresh_database]).fetchone():
                time.sleep(0.05)
            other.execute("SELECT 1 FROM receivables_customertotals FOR UPDATE NOWAIT")
            other.execute("SELECT 1 FROM invoicing_numberseries FOR UPDATE NOWAIT")

    def draft_after_run() -> object:
        assert begun.wait(CEILING)
        return again()

    begun = threading.Event()
    told, refused = all_at_once([run, draft_after_run])

    assert told is None and isinstance(refused, ChargeBilledMeanwhile)


@pytest.mark.commits
def test_a_chunk_that_somebody_bills_is_left_to_them_without_waiting() -> None:
    seller = alpenhost()
    hosting(ada(seller), "V1")
    run = confirmed(seller, per_chunk=1)
    drafter = drafter_for(run)

    def bill_the_chunk() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        try:
            assert not bill_chunk(run.chunks.get().pk, drafter, issue_date=FIRST, actor=CLARA)
        finally:
            connection.close()

    with transaction.atomic():
        run.chunks.select_for_update().get()
        in_a_thread(bill_the_chunk)
    assert bill_chunk(run.chunks.get().pk, drafter, issue_date=FIRST, actor=CLARA)
