"""A collective invoice of more lines than can be typeset is parked, and split by contract when staff say so."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from kundenkontor.billing.models import BillingRun, ParkedCustomer
from kundenkontor.billing.runs.commands import confirm_run, finish_run, preview_run, run_chunks, start_run
from kundenkontor.imports.writing.commands import import_files
from kundenkontor.invoicing.issuing import making
from kundenkontor.invoicing.models import Invoice
from kundenkontor.parties.models import Customer
from tests.office.steps import desk, submit
from tests.support.billing import hosting
from tests.support.builders import CLARA, TODAY, ada, alpenhost
from tests.support.papers import render_invoices

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "MOST_LINES", 3)


@pytest.fixture
def agency() -> Customer:
    """Seven contracts, one with a set-up fee: eight lines."""
    customer = ada(alpenhost(), is_collective=True)
    for number in range(7):
        contract = hosting(customer, number=f"V{number}")
        if number == 2:
            contract.set_up_fee = Decimal("5.00")
            contract.save()
    return customer


def previewed(customer: Customer) -> BillingRun:
    run = start_run(customer.seller, TODAY, on=TODAY, actor=CLARA)
    preview_run(run)
    return run


def issued(run: BillingRun) -> list[list[str]]:
    """The contracts of each document of the run."""
    run.refresh_from_db()
    confirm_run(run, issue_date=TODAY, actor=CLARA)
    run_chunks(run, actor=CLARA)
    assert finish_run(run, on=TODAY, actor=CLARA)
    documents = Invoice.objects.filter(batch_id=run.pk).order_by("sequence")
    return [list(one.lines.order_by("position").values_list("contract_number", flat=True)) for one in documents]


def test_it_is_parked_before_a_number_is_drawn_and_split_by_contract(agency: Customer) -> None:
    run = previewed(agency)
    parked = ParkedCustomer.objects.get(run=run)
    assert (parked.code, parked.params) == ("too_many_lines", {"lines": 8, "limit": 3})
    page = desk().get(reverse("office:billing-parked", args=[run.pk])).content.decode()
    assert "Split by contract" in page and not Invoice.objects.exists()

    submit(desk(), reverse("office:billing-release", args=[run.pk, agency.pk]))
    preview = preview_run(run)

    assert (preview.sums.parked, preview.sums.invoices) == (0, 3)
    assert issued(run) == [["V0", "V1"], ["V2", "V2", "V3"], ["V4", "V5", "V6"]]
    assert len(set(Invoice.objects.values_list("number", flat=True))) == 3


def test_who_does_not_want_one_invoice_for_all_is_not_split(agency: Customer) -> None:
    Customer.objects.filter(pk=agency.pk).update(is_collective=False)
    run = previewed(agency)

    assert not ParkedCustomer.objects.filter(run=run).exists()
    assert len(issued(run)) == 7


def test_the_files_of_many_lines_are_taken_in_parked_split_and_typeset(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The generator of the faults, with small numbers: eight domains of an agency, three lines at most."""
    settings.STORED_FILES_DIR = tmp_path / "stored"
    script = Path(__file__).parents[2] / "data" / "faults" / "many_lines.py"
    subprocess.run([sys.executable, script, "8"], cwd=tmp_path, check=True)
    files = [(tmp_path / name).read_bytes() for name in ("kunden.csv", "vertraege.csv")]
    import_files(alpenhost(), files[0], files[1], cut_over_date=None, on=TODAY, actor=CLARA)
    customer = Customer.objects.get(number="G2")
    run = start_run(customer.seller, date(2026, 12, 31), on=TODAY, actor=CLARA)
    preview_run(run)
    assert ParkedCustomer.objects.get(run=run).params == {"lines": 8, "limit": 3} and not Invoice.objects.exists()

    submit(desk(), reverse("office:billing-release", args=[run.pk, customer.pk]))
    preview_run(run)

    assert [len(contracts) for contracts in issued(run)] == [3, 3, 2]
    ids = sorted(Invoice.objects.values_list("pk", flat=True))
    assert render_invoices(ids, on=TODAY, actor=CLARA) == ids


def test_one_contract_of_too_many_lines_stays_parked(agency: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "MOST_LINES", 1)
    run = previewed(agency)
    submit(desk(), reverse("office:billing-release", args=[run.pk, agency.pk]))

    assert preview_run(run).sums.parked == 1
