"""The actor travels through jobs as it was: what a job records names the human who caused it, else the system."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from kundenkontor.access.commands import ask_for_access
from kundenkontor.billing.models import BillingRun, ParkedCustomer
from kundenkontor.billing.runs.commands import ask_for_issuing, ask_for_retry, ask_for_run, resume_run
from kundenkontor.events.actor import SYSTEM, Actor
from kundenkontor.events.models import Event
from kundenkontor.events.names import (
    ACCESS_SENT,
    BILLING_RUN_FINISHED,
    INTEGRITY_CHECKED,
    INVOICE_ISSUED,
    PAPER_RENDERED,
    PAPER_SENT,
    VAT_ID_CHECKED,
    EventName,
)
from kundenkontor.integrity import ask_for_check
from kundenkontor.invoicing.models import Invoice
from kundenkontor.parties.models import Customer, Seller
from kundenkontor.reactions import prepare_run
from kundenkontor.taxes.commands import ask_for_checks
from tests.support.billing import hosting
from tests.support.builders import TODAY, ada, alpenhost, bob
from tests.support.jobs import run_jobs
from tests.support.papers import ask_for_files, render_pool, start_delivery

CLARA = Actor("staff", "clara", 4711)
OTTO = Actor("staff", "otto", 4712)
UNCHECKED = {"country": "DE", "vat_id": "DE136695976", "vat_id_state": "unchecked"}


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.STORED_FILES_DIR = tmp_path
    settings.VAR_DIR = tmp_path
    settings.SMTP_URL = ""


@pytest.fixture(scope="module", autouse=True)
def pool() -> Iterator[None]:
    yield
    render_pool().close()
    render_pool.cache_clear()


@pytest.fixture
def seller(db: None) -> Seller:
    return alpenhost()


def actors_of(name: EventName) -> set[Actor]:
    return {event.actor for event in Event.objects.filter(name=name.name)}


def confirmed(seller: Seller) -> BillingRun:
    """A run that Clara confirmed and the worker has not begun to issue."""
    run = ask_for_run(seller, TODAY, on=TODAY, actor=CLARA)
    run_jobs("preview_run")
    ask_for_issuing(run, issue_date=TODAY, on=TODAY, actor=CLARA)
    return run


def test_the_documents_of_a_confirmed_run_name_the_clerk_who_confirmed_it(seller: Seller) -> None:
    hosting(bob(seller), "10.00")

    run = confirmed(seller)
    run_jobs()
    start_delivery(run.pk, on=TODAY, actor=OTTO)
    run_jobs()

    assert actors_of(INVOICE_ISSUED) == actors_of(BILLING_RUN_FINISHED) == actors_of(PAPER_RENDERED) == {CLARA}
    assert actors_of(PAPER_SENT) == {OTTO}


def test_whoever_goes_on_with_a_run_issues_in_the_name_of_who_confirmed_it(seller: Seller) -> None:
    hosting(bob(seller), "10.00")
    run = confirmed(seller)
    assert not resume_run(run, on=TODAY, actor=OTTO)  # the worker will come to it
    run_jobs("react")
    ProcrastinateJob.objects.filter(task_name="kundenkontor.bill_run").delete()

    assert resume_run(run, on=TODAY, actor=OTTO)
    run_jobs("bill_run")

    assert actors_of(INVOICE_ISSUED) == actors_of(BILLING_RUN_FINISHED) == {CLARA}


def test_parked_customers_are_billed_again_in_the_name_of_who_asked(seller: Seller) -> None:
    customer = ada(seller, **UNCHECKED)
    hosting(customer, "20.00")
    run = confirmed(seller)
    run_jobs()
    assert ParkedCustomer.objects.filter(run=run).exists() and not Invoice.objects.exists()

    Customer.objects.filter(pk=customer.pk).update(vat_id_state="checked")
    run.refresh_from_db()
    ask_for_retry(run, on=TODAY, actor=OTTO)
    run_jobs("retry_parked")

    assert actors_of(INVOICE_ISSUED) == {OTTO}


def test_files_made_again_name_who_asked_for_them(seller: Seller) -> None:
    hosting(bob(seller), "10.00")
    confirmed(seller)
    run_jobs("bill_run")
    ProcrastinateJob.objects.filter(task_name="kundenkontor.render").delete()

    ask_for_files(list(Invoice.objects.values_list("pk", flat=True)), on=TODAY, actor=OTTO)
    run_jobs("render")

    assert actors_of(PAPER_RENDERED) == {OTTO}


def test_checks_and_access_name_who_asked_for_them(seller: Seller) -> None:
    customer = ada(seller, **UNCHECKED)
    ask_for_checks([customer], on=TODAY, actor=CLARA)
    ask_for_access(None, on=TODAY, actor=CLARA)
    ask_for_check(on=TODAY, actor=OTTO)
    run_jobs()

    assert actors_of(VAT_ID_CHECKED) == actors_of(ACCESS_SENT) == {CLARA}
    assert actors_of(INTEGRITY_CHECKED) == {OTTO}


def test_what_happens_by_itself_names_the_system(seller: Seller) -> None:
    seller.bills_automatically = True
    seller.save()
    hosting(bob(seller), "10.00")

    prepare_run(seller.pk, TODAY)
    run_jobs()

    assert actors_of(INVOICE_ISSUED) == actors_of(BILLING_RUN_FINISHED) == actors_of(PAPER_RENDERED) == {SYSTEM}
