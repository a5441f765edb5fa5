"""The safety bound: what may pass a run unseen, and what a release holds up to (I-B5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kundenkontor.billing.errors import RunNotReleasable
from kundenkontor.billing.models import BillingRun, ParkedCustomer
from kundenkontor.billing.one_offs.commands import add_one_off
from kundenkontor.billing.runs.chunks import drafter_for, plan_range
from kundenkontor.billing.runs.commands import preview_run, start_run
from kundenkontor.billing.runs.parked_commands import release_parked, retry_parked
from kundenkontor.contracts.commands import AgreedPrice, change_contract, change_price, end_contract
from kundenkontor.contracts.models import Contract
from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.money import MAX_AMOUNT
from kundenkontor.parties.models import Customer
from tests.billing.builders import bill, hosting
from tests.support.builders import CLARA, ada, alpenhost, bob
from tests.support.jobs import run_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.invariant("I-B5")]
DECEMBER, JANUARY, FEBRUARY = date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28)
NEW_YEAR = date(2027, 1, 1)


def raise_price(contract: Contract, amount: str) -> None:
    price = AgreedPrice(Decimal(amount), is_gross=False)
    change_price(contract, price, valid_from=NEW_YEAR, on=date(2026, 12, 2), actor=CLARA)


def parked_in(run: BillingRun) -> list[tuple[str, Any]]:
    rows = ParkedCustomer.objects.filter(run=run, is_released=False).order_by("code")
    return [(row.code, row.params.get("bound")) for row in rows]


def previewed(customer: Customer) -> BillingRun:
    run = start_run(customer.seller, JANUARY, on=NEW_YEAR, actor=CLARA)
    preview_run(run)
    return run


def test_a_free_service_that_gets_a_price_is_looked_at_where_the_customer_pays_nothing_else() -> None:
    customer = ada(alpenhost())
    contract = hosting(customer, "V1", "0.00")
    bill(customer.seller, DECEMBER)
    raise_price(contract, "500000")

    assert parked_in(bill(customer.seller, JANUARY)) == [("safety_bound_amount", "0.00")]


@pytest.mark.parametrize("state", ["confirming", "running", "discarded"])
def test_no_amount_is_released_in_a_run_that_issues_what_was_confirmed_or_has_ended(state: str) -> None:
    customer = ada(alpenhost())
    contract = hosting(customer, "V1", "0.00")
    bill(customer.seller, DECEMBER)
    raise_price(contract, "500000")
    run = previewed(customer)
    BillingRun.objects.filter(pk=run.pk).update(state=state, issue_date=NEW_YEAR)
    with pytest.raises(RunNotReleasable):
        release_parked(run, customer.pk, on=NEW_YEAR, actor=CLARA)
    assert parked_in(run) == [("safety_bound_amount", "0.00")]


def test_what_is_released_while_a_preview_is_computed_is_looked_at_again() -> None:
    customer = ada(alpenhost())
    contract = hosting(customer, "V1", "0.00")
    bill(customer.seller, DECEMBER)
    raise_price(contract, "500000")
    run = previewed(customer)
    BillingRun.objects.filter(pk=run.pk).update(state="previewing")
    release_parked(run, customer.pk, on=NEW_YEAR, actor=CLARA)
    run_jobs("react")
    BillingRun.objects.filter(pk=run.pk).update(state="previewed")  # by the look that had passed the customer
    run_jobs("preview_run")
    run.refresh_from_db()
    assert run.sums.invoices == 1


def test_a_contract_that_has_ended_does_not_raise_the_bound() -> None:
    customer = ada(alpenhost())
    old = {"start_date": date(2020, 1, 1), "end_date": date(2020, 12, 31), "cut_over_date": date(2026, 12, 1)}
    hosting(customer, "V0", "1000.00", **old)
    contract = hosting(customer, "V1", "10.00")
    bill(customer.seller, DECEMBER)
    raise_price(contract, "1000")

    assert parked_in(bill(customer.seller, JANUARY)) == [("safety_bound_amount", "50.00")]


def test_a_contract_in_its_last_days_is_billed_by_its_own_price() -> None:
    customer = ada(alpenhost())
    hosting(customer, "V1", "10.00", end_date=date(2026, 12, 20))

    assert parked_in(bill(customer.seller, DECEMBER)) == []


def test_a_quantity_typed_a_hundredfold_does_not_raise_its_own_bound() -> None:
    customer = ada(alpenhost())
    contract = hosting(customer, "V1", "10.00")
    bill(customer.seller, DECEMBER)
    change_contract(contract, {"quantity": Decimal(100)}, on=date(2026, 12, 2), actor=CLARA)

    run = bill(customer.seller, JANUARY)

    assert [code for code, _ in parked_in(run)] == ["safety_bound_amount"]
    release_parked(run, customer.pk, on=NEW_YEAR, actor=CLARA)
    assert retry_parked(run, [customer.pk], on=NEW_YEAR, actor=CLARA) == 1
    assert parked_in(bill(customer.seller, FEBRUARY)) == []  # a hundred was billed by now


def test_ten_mailboxes_of_one_contract_are_billed_month_after_month_also_from_a_cut_one() -> None:
    customer = ada(alpenhost())
    contract = hosting(customer, "V1", "2.00", quantity=Decimal(10), end_date=date(2026, 12, 3))
    bill(customer.seller, DECEMBER)
    Contract.objects.filter(pk=contract.pk).update(end_date=None)

    assert parked_in(bill(customer.seller, JANUARY)) == []
    assert [str(i.total_without_vat) for i in Invoice.objects.order_by("id")] == ["1.94", "38.06"]


def test_contracts_that_are_not_due_count_too() -> None:
    customer = ada(alpenhost())
    hosting(customer, "V0", "10000.00", period_months=12)
    contract = hosting(customer, "V1", "1.00")
    Customer.objects.filter(pk=customer.pk).update(vat_id_waived=True)
    bill(customer.seller, DECEMBER)
    raise_price(contract, "6")

    assert parked_in(bill(customer.seller, JANUARY)) == []


def test_the_exact_bound_is_read_only_for_who_exceeds_the_prices_of_what_is_charged() -> None:
    seller = alpenhost()
    contract = hosting(ada(seller), "V1", "10.00")
    hosting(bob(seller), "V2", "10.00")
    bill(seller, DECEMBER)
    run = start_run(seller, JANUARY, on=NEW_YEAR, actor=CLARA)
    drafter = drafter_for(run)
    next(drafter.charge_ids)  # a thousand are drawn with one query

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert len(plan_range(drafter, 0, 2**31)) == 2
        return len(captured)

    before = queries()
    raise_price(contract, "60")

    assert queries() == before + 1


def test_a_release_holds_up_to_the_amount_that_staff_saw() -> None:
    customer = ada(alpenhost())
    contract = hosting(customer, "V1", "10.00")
    bill(customer.seller, DECEMBER)
    raise_price(contract, "100")
    run = bill(customer.seller, JANUARY)
    release_parked(run, customer.pk, on=NEW_YEAR, actor=CLARA)
    raise_price(contract, "100000")

    assert retry_parked(run, [customer.pk], on=NEW_YEAR, actor=CLARA) == 0
    assert len(parked_in(run)) == 1

    release_parked(run, customer.pk, on=NEW_YEAR, actor=CLARA)
    raise_price(contract, "99")
    assert retry_parked(run, [customer.pk], on=NEW_YEAR, actor=CLARA) == 1


def test_a_preview_parks_again_who_exceeds_what_was_released() -> None:
    customer = ada(alpenhost())
    contract = hosting(customer, "V1", "10.00")
    bill(customer.seller, DECEMBER)
    raise_price(contract, "100")
    run = previewed(customer)
    release_parked(run, customer.pk, on=NEW_YEAR, actor=CLARA)
    assert (preview_run(run).sums.parked, parked_in(run)) == (0, [])

    raise_price(contract, "1000")

    assert (preview_run(run).sums.parked, len(parked_in(run))) == (1, 1)


def test_a_release_of_many_periods_releases_no_amount() -> None:
    customer = ada(alpenhost())
    Customer.objects.filter(pk=customer.pk).update(vat_id_waived=True)
    hosting(customer, "V0", "1000.00")
    contract = hosting(customer, "V1", "10.00", start_date=date(2026, 8, 1))
    run = bill(customer.seller, DECEMBER)
    assert [code for code, _ in parked_in(run)] == ["safety_bound_periods"]
    release_parked(run, customer.pk, on=NEW_YEAR, actor=CLARA)
    raised = AgreedPrice(Decimal(10000), is_gross=False)
    change_price(contract, raised, valid_from=date(2026, 12, 1), on=date(2026, 12, 2), actor=CLARA)

    assert retry_parked(run, [customer.pk], on=NEW_YEAR, actor=CLARA) == 0
    assert [code for code, _ in parked_in(run)] == ["safety_bound_amount"]

    release_parked(run, customer.pk, on=NEW_YEAR, actor=CLARA)  # what was released before still holds
    assert retry_parked(run, [customer.pk], on=NEW_YEAR, actor=CLARA) == 2
    assert not ParkedCustomer.objects.filter(run=run).exists()


def test_an_item_larger_than_the_books_parks_its_customer_and_stops_nobody() -> None:
    seller = alpenhost()
    customer = ada(seller)
    million, day = Decimal(10**6), date(2026, 12, 1)
    add_one_off(customer, "Arbeit", million, day, day, quantity=million, on=day, actor=CLARA)
    hosting(bob(seller), "V2")

    run = bill(seller, DECEMBER)

    parked = {row.code: row for row in ParkedCustomer.objects.filter(run=run)}
    assert parked.keys() == {"line_too_large", "total_too_large"}
    assert parked["line_too_large"].amount == MAX_AMOUNT
    assert [invoice.customer.number for invoice in Invoice.objects.all()] == ["11002"]


def test_many_large_items_together_are_no_larger_than_the_books_either() -> None:
    customer = ada(alpenhost(), is_collective=True)
    day = date(2026, 12, 1)
    for number in range(2):
        add_one_off(
            customer, f"Arbeit {number}", Decimal(90_000), day, day, quantity=Decimal(90_000), on=day, actor=CLARA
        )

    run = bill(customer.seller, DECEMBER)

    assert [row.code for row in ParkedCustomer.objects.filter(run=run)] == ["total_too_large"]


def test_a_rest_billed_as_a_sum_does_not_hide_the_quantity_of_its_contract() -> None:
    """7 x 9.99 cut in the middle is 34.97 and a sum of 34.96: one piece by its line, seven by its contract."""
    customer = ada(alpenhost())
    first, middle = date(2026, 11, 1), date(2026, 11, 15)
    contract = hosting(customer, "V1", "9.99", quantity=7, start_date=first, end_date=middle)
    bill(customer.seller, date(2026, 11, 30))
    end_contract(contract, None, on=middle, actor=CLARA)
    bill(customer.seller, date(2026, 11, 30), on=middle)

    assert parked_in(bill(customer.seller, DECEMBER)) == []
