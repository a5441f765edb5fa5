"""What a preview warns of, what confirming notices, and what the completeness report calls each contract."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner
from django.utils import translation

from kundenkontor.billing.errors import PreviewChanged
from kundenkontor.billing.models import BillingRun, ParkedCustomer
from kundenkontor.billing.preview import Preview
from kundenkontor.billing.queries import completeness_of
from kundenkontor.billing.runs import previews
from kundenkontor.billing.runs.commands import confirm_run, preview_run, run_chunks, start_run
from kundenkontor.billing.runs.parked_commands import release_parked
from kundenkontor.billing.runs.preview_words import reason_names
from kundenkontor.cli.bill import command
from kundenkontor.contracts.models import Contract, ContractPrice
from kundenkontor.contracts.periods import anniversary_on
from kundenkontor.events.queries import business_date
from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.drafting.commands import issue_draft
from kundenkontor.invoicing.issuing.reasons import Unissuable
from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.errors import DomainError
from kundenkontor.parties.models import Customer, Seller
from tests.billing.builders import bill, hosting
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob

pytestmark = pytest.mark.django_db
DECEMBER, JANUARY = date(2026, 12, 31), date(2027, 1, 31)
FIRST = date(2026, 12, 1)
DAY = timedelta(days=1)
ABROAD = {"country": "DE", "postal_code": "10115", "vat_id": "DE136695976"}


def previewed(seller: Seller, until: date = DECEMBER) -> BillingRun:
    run = start_run(seller, until, on=FIRST, actor=CLARA, per_chunk=1)
    preview_run(run)
    return run


def seen(seller: Seller) -> Preview:
    preview = previewed(seller).preview
    assert preview is not None
    return preview


def outcomes_of(seller: Seller, until: date = DECEMBER) -> dict[str, int]:
    """As the books stand now, whatever a run did."""
    run = start_run(seller, until, on=until.replace(day=1), actor=CLARA)
    outcomes: dict[str, int] = completeness_of(run)["outcomes"]
    return outcomes


def test_a_preview_counts_its_warnings_once_per_customer_and_names_whom_they_concern(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(previews, "MAX_EXAMPLES", 2)
    seller = alpenhost()
    for number in range(3):
        customer = ada(seller, number=f"3{number:03}", street="", is_collective=False)
        hosting(customer, f"V{number}1")
        hosting(customer, f"V{number}2")

    preview = seen(seller)

    warning = {one.code: one for one in preview.warnings}["buyer_address_missing"]
    assert (warning.count, [customer.number for customer in warning.customers]) == (3, ["3000", "3001"])
    assert (preview.sums.invoices, preview.sums.parked, preview.parked_reasons) == (6, 0, {})


def test_a_preview_counts_why_customers_are_parked() -> None:
    seller = alpenhost()
    for number in range(2):
        hosting(ada(seller, number=f"3{number:03}", vat_id_state="unchecked", **ABROAD), f"V{number}")
    hosting(bob(seller, number="4000"), "V4", start_date=date(2026, 1, 1))

    assert seen(seller).parked_reasons == {
        "check_vat_id": 2,
        "safety_bound_periods": 1,
        "safety_bound_amount": 1,
    }


def test_every_reason_that_a_run_can_meet_has_a_short_name() -> None:
    never = {
        "no_lines", "line_without_name", "line_without_quantity", "exemption_reason_missing",
        "outside_scope_not_alone", "vat_of_two_countries",
    }  # fmt: skip

    reasons = {code for code, kind in DomainError.by_code.items() if issubclass(kind, Unissuable)}
    assert reasons - never == reason_names().keys()


@pytest.mark.parametrize("is_known", [False, True])
def test_who_becomes_a_customer_after_the_preview_is_shown_as_a_change_and_billed(is_known: bool) -> None:
    seller = alpenhost()
    hosting(ada(seller), "V1")
    newcomer = ada(seller, number="11005") if is_known else None
    hosting(ada(seller, number="11009"), "V9")
    run = previewed(seller)
    hosting(newcomer or ada(seller, number="11010"), "V2", "5.00")

    with pytest.raises(PreviewChanged, match=r"24\.00 → 30\.00"):
        confirm_run(run, issue_date=FIRST, actor=CLARA)

    run = confirm_run(BillingRun.objects.get(pk=run.pk), issue_date=FIRST, actor=CLARA)
    assert run_chunks(run, actor=CLARA) == 3
    assert Invoice.objects.count() == 3


def test_computing_the_preview_anew_sees_new_customers_and_forgets_who_has_nothing_due_any_more() -> None:
    seller = alpenhost()
    gone = ada(seller, vat_id_state="unchecked", **ABROAD)
    contract = hosting(gone, "V1")
    run = previewed(seller)
    ContractPrice.objects.filter(contract=contract).delete()
    Contract.objects.filter(pk=contract.pk).delete()
    hosting(bob(seller), "V2")

    preview = preview_run(run)

    assert (preview.sums.customers, preview.sums.parked) == (1, 0)
    assert not ParkedCustomer.objects.filter(run=run).exists()


def test_confirming_notices_that_somebody_else_is_billed_the_same_sum() -> None:
    seller = alpenhost()
    contract = hosting(ada(seller), "V1")
    run = previewed(seller)
    Contract.objects.filter(pk=contract.pk).update(start_date=date(2027, 6, 1))
    hosting(ada(seller, number="11009"), "V2")

    with translation.override("de"), pytest.raises(PreviewChanged, match="Aufteilung derselben Summen"):
        confirm_run(run, issue_date=FIRST, actor=CLARA)

    again = BillingRun.objects.get(pk=run.pk)
    assert again.state == "previewed" and again.preview and again.preview.changed_from
    assert confirm_run(again, issue_date=FIRST, actor=CLARA).state == "running"


def test_a_preview_that_ends_after_another_one_was_confirmed_leaves_the_run_its_sums() -> None:
    seller = alpenhost()
    hosting(ada(seller), "V1")
    hosting(bob(seller), "V2")
    run = previewed(seller)
    stored, seen = run.stored_preview, run.preview

    def confirm_meanwhile(done: int, of: int) -> None:
        if done == 1:
            BillingRun.objects.filter(pk=run.pk).update(state="previewed", stored_preview=stored)
            confirm_run(BillingRun.objects.get(pk=run.pk), issue_date=FIRST, actor=CLARA)

    preview_run(run, progress=confirm_meanwhile)

    assert (run.state, run.preview) == ("running", seen)


def test_confirming_notices_another_vat_case_with_the_same_sums() -> None:
    seller = alpenhost()
    customer = ada(seller, vat_id_state="checked", **ABROAD)
    hosting(customer, "V1")
    run = previewed(seller)
    Customer.objects.filter(pk=customer.pk).update(country="CH", postal_code="8001", vat_id="", vat_id_state="none")

    with pytest.raises(PreviewChanged):
        confirm_run(run, issue_date=FIRST, actor=CLARA)


@pytest.mark.invariant("I-D3")
def test_a_contract_whose_charge_was_cancelled_is_billed_only_once_it_is_billed_again() -> None:
    customer = ada(alpenhost())
    hosting(customer, "V1")
    run = bill(customer.seller, DECEMBER)
    assert run.result["outcomes"] == {"billed": 1}
    draft = cancel_invoice(Invoice.objects.get(), bill_again=True, reason="x", on=FIRST, actor=CLARA).draft
    assert draft is not None

    assert bill(customer.seller, DECEMBER).result["outcomes"] == {"cancelled": 1}  # the draft has the charge

    issue_draft(draft, on=FIRST, actor=CLARA)
    assert outcomes_of(customer.seller) == {"billed": 1}
    again = Invoice.objects.filter(type_code="380").latest("id")
    cancel_invoice(again, bill_again=False, reason="x", on=FIRST, actor=CLARA)
    assert outcomes_of(customer.seller) == {"waived": 1}


def test_a_free_contract_that_got_a_price_is_not_free_any_more() -> None:
    customer = ada(alpenhost(), vat_id_state="unchecked", **ABROAD)
    contract = hosting(customer, "V1", "0.00")
    ContractPrice.objects.create(contract=contract, customer=customer, valid_from=date(2027, 1, 1), amount=Decimal(5))

    assert outcomes_of(customer.seller) == {"free": 1}
    assert outcomes_of(customer.seller, JANUARY) == {"open": 1}
    assert bill(customer.seller, JANUARY).result["outcomes"] == {"parked": 1}


@pytest.mark.parametrize(
    ("start", "months", "until"),
    [
        (date(2026, 12, 31), 1, DECEMBER),
        (date(2026, 1, 31), 1, date(2026, 2, 27)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 3, 30)),
        (date(2026, 1, 31), 1, date(2026, 4, 30)),
        (date(2024, 2, 29), 12, date(2026, 2, 27)),
        (date(2024, 2, 29), 12, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2028, 2, 28)),
        (date(2025, 11, 20), 12, DECEMBER),
        (date(2026, 2, 15), 3, DECEMBER),
        (date(2026, 3, 15), 6, date(2027, 3, 14)),
    ],
)
def test_a_contract_never_billed_goes_by_the_first_day_of_its_last_period(
    start: date, months: int, until: date
) -> None:
    customer = ada(alpenhost())
    first_day = anniversary_on(start, months, until)
    contract = hosting(customer, "V1", "0.00", start_date=start, period_months=months)
    price = {"contract": contract, "customer": customer, "amount": Decimal(5)}

    ContractPrice.objects.create(valid_from=first_day + DAY, **price)
    assert outcomes_of(customer.seller, until) == {"free": 1}
    ContractPrice.objects.update_or_create(contract=contract, valid_from=first_day, defaults=price)
    assert outcomes_of(customer.seller, until) == {"open": 1}
    Contract.objects.filter(pk=contract.pk).update(cut_over_date=first_day + DAY)
    assert outcomes_of(customer.seller, until) == {"billed_elsewhere": 1}


def tell(*options: str) -> Any:
    return CliRunner().invoke(command, list(options))


def test_the_command_line_refuses_in_english_whatever_the_language() -> None:
    alpenhost()
    with translation.override("de"):
        told = tell("--until", "2062-12-31")
    assert (told.exit_code, told.output) == (1, "Error: A run bills at most 366 days ahead.\n")


@pytest.mark.invariant("I-B5")
def test_the_command_line_confirms_the_preview_that_stands_open_with_what_was_released_in_it() -> None:
    seller = alpenhost()
    customer = ada(seller)
    today = business_date()
    hosting(customer, "V1", start_date=date(today.year - 1, today.month, 1))
    until = today.isoformat()
    told = tell("--until", until)
    run = BillingRun.objects.get()
    assert f"Preview {run.pk} stands in the office" in told.output
    assert "1 × Safety bound: many periods" in told.output
    release_parked(run, customer.pk, on=today, actor=CLARA)

    told = tell("--until", until)
    assert "1 invoices of 1 customers" in told.output and "0 parked" in told.output
    told = tell("--until", until, "--confirm")

    assert (told.exit_code, BillingRun.objects.get().state) == (0, "finished"), told.output
    assert "contracts: billed 1" in told.output
    assert Invoice.objects.get().customer_id == customer.pk


def test_the_command_line_shows_reasons_warnings_and_the_difference_and_issues_nothing_that_was_not_seen() -> None:
    seller = alpenhost()
    today = business_date()
    start = today.replace(day=1)
    hosting(ada(seller), "V1", start_date=start)
    assert tell("--confirm").exit_code == 0
    hosting(ada(seller, number="11002", street=""), "V2", "20.00", start_date=start)
    hosting(ada(seller, number="11003", vat_id_state="unchecked", **ABROAD), "V3", start_date=start)

    told = tell()

    assert "1 × VAT id not checked" in told.output
    assert "1 × The address is incomplete" in told.output
    assert "Total with VAT: 12.00 → 24.00 (+12.00)" in told.output
    hosting(ada(seller, number="11004"), "V4", start_date=start)
    told = tell("--confirm")
    assert told.exit_code == 1 and "2 invoices of 2 customers" in told.output
    assert Invoice.objects.count() == 1
    assert tell("--confirm").exit_code == 0
    assert Invoice.objects.count() == 3


def test_the_command_line_resumes_nothing_that_has_ended_or_is_another_sellers() -> None:
    mine, other = alpenhost(), alpenhost(name="Nordhost GmbH", short_name="nordhost")
    start_run(mine, TODAY, on=TODAY, actor=CLARA)
    BillingRun.objects.create(
        seller=other, billed_until=TODAY, state="running", started_by="clara", created_at=utc_now(),
        contracts_per_chunk=10,
    )  # fmt: skip
    result = CliRunner().invoke(command, ["--seller", "alpenhost", "--resume"])
    assert result.exit_code == 1 and "No interrupted run" in result.output
