"""Edges of a month's billing that a reviewer tried to fall over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kundenkontor.billing.errors import BilledUntilFarAway, IssueDateFarAway, IssueDateInFuture, PreviewChanged
from kundenkontor.billing.models import BillingRun, ParkedCustomer
from kundenkontor.billing.one_offs.commands import add_one_off
from kundenkontor.billing.runs.commands import confirm_run, finish_run, preview_run, run_chunks, start_run
from kundenkontor.billing.runs.parked_commands import retry_parked
from kundenkontor.contracts.commands import AgreedPrice, change_price
from kundenkontor.contracts.models import Contract
from kundenkontor.invoicing.correcting.commands import LineCorrection, cancel_invoice, correct_invoice
from kundenkontor.invoicing.drafting.commands import issue_draft
from kundenkontor.invoicing.errors import IssueDateTooEarly
from kundenkontor.invoicing.models import Invoice
from kundenkontor.parties.models import Customer, Seller, SellerTaxSetting
from tests.billing.builders import bill, hosting, periods_of
from tests.support.books import check_books
from tests.support.builders import CLARA, ada, alpenhost, bob, issue

pytestmark = pytest.mark.django_db
DECEMBER, JANUARY = date(2026, 12, 31), date(2027, 1, 31)
FIRST = date(2026, 12, 1)
BUSINESS = {"is_taxable_person": True, "is_consumer": False, "vat_id": "DE136695976", "vat_id_state": "checked"}


def previewed(seller: Seller, until: date = DECEMBER) -> BillingRun:
    run = start_run(seller, until, on=FIRST, actor=CLARA, per_chunk=1)
    preview_run(run)
    return run


@pytest.mark.invariant("I-B5")
def test_a_price_typed_a_hundredfold_within_a_billed_period_does_not_raise_its_own_bound() -> None:
    customer = ada(alpenhost())
    contract = hosting(customer, "V1", "10.00")
    bill(customer.seller, DECEMBER)
    thousand = AgreedPrice(Decimal(1000), is_gross=False)
    change_price(contract, thousand, valid_from=date(2026, 12, 15), on=FIRST, actor=CLARA)

    run = bill(customer.seller, JANUARY)

    assert [row.code for row in ParkedCustomer.objects.filter(run=run)] == ["safety_bound_amount"]


@pytest.mark.invariant("I-B5")
def test_a_price_raised_within_a_billed_period_counts_from_the_next_one() -> None:
    customer = ada(alpenhost())
    contract = hosting(customer, "V1", "10.00")
    bill(customer.seller, DECEMBER)
    twelve = AgreedPrice(Decimal(12), is_gross=False)
    change_price(contract, twelve, valid_from=date(2026, 12, 15), on=FIRST, actor=CLARA)

    bill(customer.seller, JANUARY)

    assert [str(i.total_without_vat) for i in Invoice.objects.order_by("id")] == ["10.00", "12.00"]


MOVES: list[tuple[str, dict[str, Any], str]] = [
    ("to a reverse charge business in Germany", {"country": "DE", "postal_code": "10115", **BUSINESS}, "AE"),
    ("to Switzerland", {"country": "CH", "postal_code": "8001"}, "O"),
    ("to Estonia, one stop shop", {"country": "EE", "postal_code": "10111"}, "S"),
]


@pytest.mark.invariant("I-T1")
@pytest.mark.parametrize(("move", "changes", "category"), MOVES, ids=[move for move, _, _ in MOVES])
@pytest.mark.parametrize("by", ["run", "draft"])
def test_a_sum_agreed_with_vat_stays_the_sum_when_the_customer_moved_before_it_is_billed_again(
    move: str, changes: dict[str, Any], category: str, by: str
) -> None:
    seller = alpenhost()
    SellerTaxSetting.objects.create(seller=seller, kind="oss", valid_from=date(2021, 7, 1), applies=True)
    customer = bob(seller)
    hosting(customer, "V1", "12.00", is_gross=True, end_date=date(2026, 12, 20))
    bill(seller, DECEMBER)
    first = Invoice.objects.get()
    draft = cancel_invoice(first, bill_again=True, reason=move, on=FIRST, actor=CLARA).draft
    Customer.objects.filter(pk=customer.pk).update(**changes)

    if by == "draft":
        assert draft is not None
        issue_draft(draft, on=FIRST, actor=CLARA)
    else:
        customer.drafts.all().delete()
        bill(seller, DECEMBER)

    again = Invoice.objects.order_by("-id")[0]
    assert again.vat_breakdown.get().category == category
    assert again.amount_due == first.amount_due == Decimal("7.74")  # 12.00 x 20 / 31
    assert abs(again.rounding_amount) <= Decimal("0.01")
    assert again.lines.get().unit == "C62"
    assert check_books() == []


def test_what_is_left_of_a_cut_line_is_billed_again_as_a_sum_not_as_a_day() -> None:
    customer = ada(alpenhost())
    hosting(customer, "V1", "31.00", end_date=date(2026, 12, 20))
    for by_draft in (True, False):
        bill(customer.seller, DECEMBER)
        invoice = Invoice.objects.filter(type_code="380").order_by("-id")[0]
        correct_invoice(invoice, [LineCorrection(1, net_amount=Decimal(1))], reason="x", on=FIRST, actor=CLARA)
        draft = cancel_invoice(invoice, bill_again=True, reason="x", on=FIRST, actor=CLARA).draft
        assert draft is not None
        if by_draft:
            issue_draft(draft, on=FIRST, actor=CLARA)
        else:
            customer.drafts.all().delete()
            bill(customer.seller, DECEMBER)

    units = [i.lines.get().unit for i in Invoice.objects.filter(type_code="380").order_by("id")]
    assert units == ["DAY", "C62", "C62"]
    assert check_books() == []


def test_a_service_that_was_free_on_the_first_day_of_its_period_is_reported_as_free() -> None:
    customer = ada(alpenhost())
    hosting(customer, "V2", "10.00")  # else any price would exceed the safety bound of nothing
    contract = hosting(customer, "V1", "0.00")
    change_price(
        contract, AgreedPrice(Decimal(10), is_gross=False), valid_from=date(2026, 12, 15), on=FIRST, actor=CLARA
    )

    assert bill(customer.seller, DECEMBER).result["outcomes"] == {"billed": 1, "free": 1}
    assert bill(customer.seller, JANUARY).result["outcomes"] == {"billed": 2}


def test_a_contract_made_while_the_run_was_under_way_is_reported_as_open() -> None:
    customer = ada(alpenhost())
    hosting(customer, "V1")
    run = confirm_run(previewed(customer.seller), issue_date=FIRST, actor=CLARA)
    run_chunks(run, actor=CLARA)
    hosting(customer, "V2")

    assert finish_run(run, on=FIRST, actor=CLARA)
    assert run.result["outcomes"] == {"billed": 1, "open": 1}


def test_confirming_notices_a_change_of_vat_that_leaves_the_payable_sum_alone() -> None:
    seller = alpenhost()
    customer = bob(seller)
    hosting(customer, "V1", "12.00", is_gross=True)
    run = previewed(seller)
    Customer.objects.filter(pk=customer.pk).update(country="CH", postal_code="8001")

    with pytest.raises(PreviewChanged, match=r"total_without_vat: 10\.00 → 12\.00"):
        confirm_run(run, issue_date=FIRST, actor=CLARA)


@pytest.mark.invariant("I-N2")
def test_a_date_before_the_last_document_is_refused_before_the_run_is_final() -> None:
    seller = alpenhost()
    hosting(ada(seller), "V1")
    issue(bob(seller), on=date(2026, 12, 20))
    run = previewed(seller)

    with pytest.raises(IssueDateTooEarly):
        confirm_run(run, issue_date=FIRST, actor=CLARA)

    run.refresh_from_db()
    assert run.state == "previewed"


@pytest.mark.invariant("I-N2")
def test_a_year_typed_wrong_and_a_day_that_has_not_come_are_refused() -> None:
    """Until a future day came nothing could be issued: no parked customer billed again, no manual invoice, no run."""
    seller = alpenhost()
    hosting(ada(seller), "V1")
    run = previewed(seller)

    with pytest.raises(IssueDateFarAway):
        confirm_run(run, issue_date=date(2025, 12, 1), on=FIRST, actor=CLARA)
    for ahead in (date(2026, 12, 2), date(2062, 12, 1)):
        with pytest.raises(IssueDateInFuture):
            confirm_run(run, issue_date=ahead, on=FIRST, actor=CLARA)

    assert confirm_run(run, issue_date=date(2026, 11, 28), on=FIRST, actor=CLARA).state == "running"


@pytest.mark.invariant("I-N2", "I-B3")
def test_a_stopped_run_ends_although_a_later_document_was_issued_meanwhile() -> None:
    seller = alpenhost()
    hosting(ada(seller), "V1")
    hosting(ada(seller, number="11009"), "V2")
    run = confirm_run(previewed(seller), issue_date=FIRST, actor=CLARA)
    issue(bob(seller), on=date(2026, 12, 3))

    assert run_chunks(run, actor=CLARA) == 2

    assert finish_run(run, on=date(2026, 12, 3), actor=CLARA)
    assert {i.issue_date for i in Invoice.objects.filter(batch_id=run.pk)} == {date(2026, 12, 3)}
    assert check_books() == []


def test_a_run_that_would_bill_more_than_a_year_ahead_is_refused() -> None:
    seller = alpenhost()

    with pytest.raises(BilledUntilFarAway):
        start_run(seller, date(2062, 12, 31), on=FIRST, actor=CLARA)

    assert start_run(seller, date(2027, 12, 1), on=FIRST, actor=CLARA).state == "previewing"


@pytest.mark.feature("M71")
def test_above_ten_thousand_euros_an_invalid_vat_id_is_no_vat_id() -> None:
    seller = alpenhost()
    hosting(ada(seller, vat_id="ATU00000000", vat_id_state="invalid"), "V1", "8334.00")

    run = bill(seller, DECEMBER)

    assert [row.code for row in ParkedCustomer.objects.filter(run=run)] == ["uid_missing_above_limit"]


@pytest.mark.invariant("I-B1", "I-B2")
def test_cancelled_and_billed_again_and_cancelled_again_a_period_is_billed_once_at_a_time() -> None:
    customer = ada(alpenhost())
    contract = hosting(customer, "V1")
    bill(customer.seller, DECEMBER)
    for by_draft in (True, False, True, False):
        invoice = Invoice.objects.filter(type_code="380").order_by("-id")[0]
        draft = cancel_invoice(invoice, bill_again=True, reason="x", on=FIRST, actor=CLARA).draft
        assert draft is not None
        if by_draft:
            issue_draft(draft, on=FIRST, actor=CLARA)
        else:
            customer.drafts.all().delete()
            bill(customer.seller, DECEMBER)
    last = Invoice.objects.filter(type_code="380").order_by("-id")[0]
    cancel_invoice(last, bill_again=False, reason="x", on=FIRST, actor=CLARA)

    assert bill(customer.seller, DECEMBER).result["invoices"] == 0
    assert periods_of(contract) == [(FIRST, DECEMBER)]
    assert Invoice.objects.filter(type_code="380").count() == Invoice.objects.filter(type_code="381").count() == 5
    assert check_books() == []


@pytest.mark.invariant("I-B1")
def test_a_contract_of_the_31st_keeps_its_day_and_its_discount_to_the_last_day() -> None:
    customer = ada(alpenhost())
    contract = hosting(
        customer, "V1", "31.00", start_date=DECEMBER, discount_percent=10, discount_until=date(2027, 2, 28)
    )

    bill(customer.seller, DECEMBER)
    bill(customer.seller, date(2027, 2, 28))
    bill(customer.seller, date(2027, 4, 30))

    assert [start.isoformat() for start, _ in periods_of(contract)] == [
        "2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30",
    ]  # fmt: skip
    lines = [line for i in Invoice.objects.order_by("id") for line in i.lines.order_by("position")]
    assert [str(line.net_amount) for line in lines] == ["27.90", "27.90", "27.90", "31.00", "31.00"]


def test_a_small_business_from_mid_year_charges_no_vat_on_periods_that_end_from_that_day_on() -> None:
    seller = alpenhost()
    SellerTaxSetting.objects.create(seller=seller, kind="small_business", valid_from=date(2027, 1, 10), applies=True)
    customer = bob(seller, is_collective=True)
    hosting(customer, "V1", "9.99", is_gross=True)
    hosting(customer, "V2", "9.99", is_gross=True, start_date=date(2026, 12, 20))

    bill(seller, DECEMBER)

    invoice = Invoice.objects.get()
    groups = invoice.vat_breakdown.order_by("category").values_list("category", "taxable_amount")
    assert list(groups) == [("E", Decimal("9.99")), ("S", Decimal("8.33"))]
    assert (invoice.amount_due, invoice.rounding_amount) == (Decimal("19.98"), Decimal("-0.01"))
    assert check_books() == []


@pytest.mark.invariant("I-T1")
def test_sixty_services_at_an_agreed_price_pile_up_no_cents() -> None:
    customer = bob(alpenhost(), is_collective=True)
    for number in range(60):
        hosting(customer, f"V{number}", "9.99", is_gross=True)

    bill(customer.seller, DECEMBER)

    invoice = Invoice.objects.get()
    assert (invoice.total_without_vat, invoice.total_vat) == (Decimal("499.50"), Decimal("99.90"))
    assert (invoice.amount_due, invoice.rounding_amount) == (Decimal("599.40"), Decimal("0.00"))
    assert check_books() == []


@pytest.mark.invariant("I-T3")
def test_a_consumer_whose_postal_code_does_not_say_the_rate_is_parked_until_somebody_mends_it() -> None:
    seller = alpenhost()
    SellerTaxSetting.objects.create(seller=seller, kind="oss", valid_from=date(2021, 7, 1), applies=True)
    customer = bob(seller, country="PT", postal_code="9450")
    hosting(customer, "V1", "10.00")

    run = bill(seller, DECEMBER)

    assert [row.code for row in ParkedCustomer.objects.filter(run=run)] == ["postal_code_unknown"]
    Customer.objects.filter(pk=customer.pk).update(postal_code="9500-103")
    bill(seller, DECEMBER)
    group = Invoice.objects.get().vat_breakdown.get()
    assert (group.country, group.rate) == ("PT", Decimal(16))


def test_a_cent_below_nothing_parks_its_customer_and_stops_nobody() -> None:
    """9.99 agreed with VAT is 8.33 net; 8.33 net off leaves a total of 0.00 and 0.01 less to be paid."""
    seller = alpenhost()
    customer = bob(seller, is_collective=True)
    hosting(customer, "V1", "9.99", is_gross=True)
    add_one_off(customer, "Kulanz", Decimal("8.33"), FIRST, FIRST, quantity=Decimal(-1), on=FIRST, actor=CLARA)
    hosting(ada(seller), "V2")

    run = bill(seller, DECEMBER)

    assert [row.code for row in ParkedCustomer.objects.filter(run=run)] == ["total_negative"]
    assert run.result["invoices"] == 1


def test_whom_the_database_refuses_is_parked_and_stops_nobody() -> None:
    seller = alpenhost()
    contract = hosting(ada(seller), "V1")
    hosting(bob(seller), "V2")
    bill(seller, DECEMBER)
    Contract.objects.filter(pk=contract.pk).update(start_date=date(2027, 1, 15))  # no command would

    run = bill(seller, JANUARY)

    parked = ParkedCustomer.objects.get(run=run)
    assert (parked.code, parked.customer_id) == ("error", contract.customer_id)
    assert "a_charge_follows_the_one_before" in parked.params["error"]
    assert run.result["invoices"] == 1
    assert retry_parked(run, [contract.customer_id], on=JANUARY, actor=CLARA) == 0
    Contract.objects.filter(pk=contract.pk).update(start_date=FIRST)
    assert retry_parked(run, [contract.customer_id], on=JANUARY, actor=CLARA) == 1
    assert [invoice.number[-1] for invoice in Invoice.objects.order_by("id")] == ["1", "2", "1", "2"]
    assert check_books() == []


def test_what_a_correction_left_of_a_credited_item_is_billed_again_as_a_negative_quantity() -> None:
    customer = bob(alpenhost(), is_collective=True)
    hosting(customer, "V1", "100.00")
    add_one_off(customer, "Kulanz", Decimal(10), FIRST, FIRST, quantity=Decimal(-1), on=FIRST, actor=CLARA)
    bill(customer.seller, DECEMBER)
    invoice = Invoice.objects.get()
    parts = [LineCorrection(1, net_amount=Decimal(50)), LineCorrection(2, net_amount=Decimal(-4))]
    correct_invoice(invoice, parts, reason="x", on=FIRST, actor=CLARA)
    cancel_invoice(invoice, bill_again=True, reason="x", on=FIRST, actor=CLARA)
    customer.drafts.all().delete()

    bill(customer.seller, DECEMBER)

    lines = Invoice.objects.order_by("-id")[0].lines.order_by("position")
    assert [(int(line.quantity), str(line.net_amount)) for line in lines] == [(1, "50.00"), (-1, "-6.00")]


def test_one_off_work_on_a_contract_leaves_the_books_in_order() -> None:
    customer = ada(alpenhost())
    contract = hosting(customer, "V1")
    add_one_off(customer, "Umzug", Decimal(80), FIRST, FIRST, contract=contract, on=FIRST, actor=CLARA)

    bill(customer.seller, DECEMBER)

    assert check_books() == []
