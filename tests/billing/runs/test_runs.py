"""A month's billing as a bookkeeper reads it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kundenkontor.billing.errors import AnotherRunIsRunning, PreviewChanged, RunNotDiscardable, RunNotPreviewed
from kundenkontor.billing.models import BillingRun, Charge, OneOffItem, ParkedCustomer
from kundenkontor.billing.runs.commands import confirm_run, discard_run, preview_run, run_chunks, start_run
from kundenkontor.billing.runs.parked_commands import release_parked, retry_parked
from kundenkontor.catalog.models import GROUPS
from kundenkontor.contracts.models import ContractPrice
from kundenkontor.invoicing.correcting.commands import LineCorrection, cancel_invoice, correct_invoice
from kundenkontor.invoicing.models import Invoice, NumberSeries
from kundenkontor.kernel.clock import utc_now
from kundenkontor.parties.models import Customer, CustomerDataRequest, SellerTaxSetting
from kundenkontor.receivables.models import OpenItem
from tests.billing.builders import bill, hosting, periods_of, product
from tests.support.builders import CLARA, ada, alpenhost, bob

pytestmark = pytest.mark.django_db
DECEMBER, JANUARY = date(2026, 12, 31), date(2027, 1, 31)
FIRST = date(2026, 12, 1)


@pytest.mark.feature("M31", "M32", "M29")
def test_a_collective_invoice_combines_all_services_of_a_month_and_names_their_contracts() -> None:
    customer = ada(alpenhost(), is_collective=True)
    hosting(customer, "V1", "4.90")
    hosting(
        customer, "V2", "24.00", period_months=12, identifier="huber.at", product=product(customer.seller, "domain-at")
    )

    bill(customer.seller, DECEMBER)

    invoice = Invoice.objects.get()
    assert invoice.is_collective
    assert [(line.contract_number, line.identifier) for line in invoice.lines.order_by("position")] == [
        ("V1", ""),
        ("V2", "huber.at"),
    ]
    assert (invoice.total_without_vat, invoice.total_vat, invoice.amount_due) == (
        Decimal("28.90"), Decimal("5.78"), Decimal("34.68"),
    )  # fmt: skip


@pytest.mark.feature("M28", "M32")
def test_all_five_product_groups_of_a_month_stand_on_one_collective_invoice() -> None:
    customer = ada(alpenhost(), is_collective=True)
    sold = {"webhosting": "9.90", "domains": "15.00", "ssl": "49.00", "storage": "3.50", "add_ons": "2.00"}
    assert set(sold) == set(GROUPS)
    for number, (group, price) in enumerate(sold.items(), start=1):
        hosting(customer, f"V{number}", price, product=product(customer.seller, f"p-{group}", group=group))

    bill(customer.seller, DECEMBER)

    invoice = Invoice.objects.get()
    lines = invoice.lines.select_related("contract__product")
    billed = {line.contract.product.group: line.net_amount for line in lines if line.contract is not None}
    assert billed == {group: Decimal(price) for group, price in sold.items()}
    assert (invoice.total_without_vat, invoice.amount_due) == (Decimal("79.40"), Decimal("95.28"))


def test_without_the_wish_each_contract_has_its_own_invoice() -> None:
    customer = ada(alpenhost(), is_collective=False)
    hosting(customer, "V1")
    hosting(customer, "V2")

    bill(customer.seller, DECEMBER)

    assert Invoice.objects.count() == 2


@pytest.mark.feature("M49")
def test_an_invoice_is_due_after_the_customers_terms_or_the_sellers_seven_days() -> None:
    seller = alpenhost()
    hosting(ada(seller), "V1")
    hosting(bob(seller, payment_terms_days=30), "V2")

    bill(seller, DECEMBER)

    terms = {invoice.customer.number: (invoice.due_date - invoice.issue_date).days for invoice in Invoice.objects.all()}
    assert terms == {"11001": 7, "11002": 30}


@pytest.mark.feature("M63")
@pytest.mark.invariant("I-B1")
def test_periods_are_billed_in_advance_without_gap_and_cut_pro_rata_at_the_end() -> None:
    customer = ada(alpenhost())
    contract = hosting(customer, "V1", "31.00", end_date=date(2027, 1, 10))

    bill(customer.seller, DECEMBER)
    bill(customer.seller, JANUARY)

    assert periods_of(contract) == [(FIRST, DECEMBER), (date(2027, 1, 1), date(2027, 1, 10))]
    last = Invoice.objects.order_by("-id")[0].lines.get()
    assert (last.quantity, last.base_quantity, last.unit, last.net_amount) == (
        Decimal(10),
        Decimal(31),
        "DAY",
        Decimal("10.00"),
    )


@pytest.mark.feature("M64")
def test_a_domain_is_billed_to_its_calendar_day_and_never_cut() -> None:
    customer = ada(alpenhost())
    domain = product(customer.seller, "domain-at", group="domains", is_divisible=False)
    contract = hosting(
        customer, "V1", "24.00", product=domain, period_months=12, start_date=date(2025, 12, 14),
        cut_over_date=FIRST, end_date=date(2027, 3, 1),
    )  # fmt: skip

    bill(customer.seller, DECEMBER)

    assert periods_of(contract) == [(date(2026, 12, 14), date(2027, 12, 13))]
    assert Invoice.objects.get().total_without_vat == Decimal("24.00")


@pytest.mark.feature("M65")
def test_set_up_fee_discount_with_an_end_and_one_off_work_stand_on_the_invoice_once() -> None:
    customer = ada(alpenhost(), is_collective=True)
    hosting(
        customer, "V1", "10.00", set_up_fee=Decimal("49.00"), discount_percent=10, discount_until=date(2026, 12, 20)
    )
    OneOffItem.objects.create(
        seller=customer.seller, customer=customer, name="Wiederherstellung", net_price=Decimal("80"),
        service_start=FIRST, service_end=FIRST, created_at=utc_now(), created_by="clara",
    )  # fmt: skip

    bill(customer.seller, DECEMBER)
    bill(customer.seller, JANUARY)

    first, second = Invoice.objects.order_by("id")
    assert [(line.kind, line.net_amount) for line in first.lines.order_by("position")] == [
        ("set_up", Decimal("49.00")),
        ("recurring", Decimal("9.00")),
        ("one_off", Decimal("80.00")),
    ]
    assert [(line.kind, line.net_amount) for line in second.lines.all()] == [("recurring", Decimal("10.00"))]


def test_one_off_items_of_one_contract_and_one_day_are_billed_each_once() -> None:
    customer = ada(alpenhost(), is_collective=True)
    contract = hosting(customer, "V1")
    for month in (DECEMBER, JANUARY):
        for name in ("Wiederherstellung", "Umzug"):
            OneOffItem.objects.create(
                seller=customer.seller, customer=customer, contract=contract, name=name, net_price=Decimal("20"),
                service_start=FIRST, service_end=FIRST, created_at=utc_now(), created_by="clara",
            )  # fmt: skip
        bill(customer.seller, month)

    lines = [line for invoice in Invoice.objects.order_by("id") for line in invoice.lines.order_by("position")]
    assert [(line.item_name, line.contract_number) for line in lines if line.kind == "one_off"] == [
        ("Wiederherstellung", "V1"),
        ("Umzug", "V1"),
    ] * 2


@pytest.mark.invariant("I-B2")
def test_a_second_run_over_the_same_month_bills_nothing() -> None:
    customer = ada(alpenhost())
    hosting(customer, "V1")
    bill(customer.seller, DECEMBER)

    again = bill(customer.seller, DECEMBER)

    assert again.result["invoices"] == 0
    assert Charge.objects.count() == Invoice.objects.count() == 1


@pytest.mark.invariant("I-B1")
def test_the_chain_of_charges_refuses_gap_overlap_and_a_second_beginning() -> None:
    customer = ada(alpenhost())
    contract = hosting(customer, "V1")
    bill(customer.seller, DECEMBER)
    charge = Charge.objects.get()
    values = {"customer_id": customer.pk, "contract": contract, "kind": "recurring", "invoice_id": charge.invoice_id}
    wrong: list[dict[str, Any]] = [
        {"period_start": date(2027, 1, 1), "period_end": JANUARY, "previous_end": None},  # a second beginning
        {"period_start": date(2027, 1, 2), "period_end": JANUARY, "previous_end": date(2027, 1, 1)},  # a gap
        {"period_start": date(2027, 1, 2), "period_end": JANUARY, "previous_end": DECEMBER},  # a day left out
        {"period_start": FIRST, "period_end": date(2026, 12, 30), "previous_end": date(2026, 11, 30)},  # twice
    ]

    for period in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Charge.objects.create(position=2, **values, **period)


@pytest.mark.invariant("I-B3")
@pytest.mark.parametrize("per_chunk", [1, 3, 5000])
def test_the_result_does_not_depend_on_the_chunk_size(per_chunk: int) -> None:
    seller = alpenhost()
    for number in range(7):
        customer = ada(seller, number=f"12{number:03}", is_collective=number % 2 == 0)
        for position in range(3):
            hosting(
                customer, f"V{number}{position}", f"{number + 1}.{position}5", start_date=date(2026, 12, 1 + number)
            )

    bill(seller, DECEMBER, per_chunk=per_chunk)

    rows = [
        (
            i.customer.number,
            i.period_start,
            i.total_with_vat,
            tuple(i.lines.values_list("contract_number", "net_amount")),
        )
        for i in Invoice.objects.order_by("customer__number", "id")
    ]
    assert len(rows) == 4 + 3 * 3
    assert sum(row[2] for row in rows) == Decimal("104.58")
    assert sorted(Invoice.objects.values_list("sequence", flat=True)) == list(range(1, 14))


@pytest.mark.invariant("I-B5")
def test_a_price_typed_a_hundredfold_is_parked_and_released_by_staff() -> None:
    customer = ada(alpenhost())
    contract = hosting(customer, "V1", "10.00")
    bill(customer.seller, DECEMBER)
    ContractPrice.objects.create(contract=contract, customer=customer, valid_from=date(2027, 1, 1), amount=1000)

    run = bill(customer.seller, JANUARY)

    assert [row.code for row in ParkedCustomer.objects.filter(run=run)] == ["safety_bound_amount"]
    assert Invoice.objects.count() == 1
    release_parked(run, customer.pk, on=JANUARY, actor=CLARA)
    assert retry_parked(run, [customer.pk], on=JANUARY, actor=CLARA) == 1
    assert not ParkedCustomer.objects.filter(run=run).exists()


@pytest.mark.invariant("I-B5")
def test_a_catch_up_over_many_periods_is_parked() -> None:
    customer = ada(alpenhost())
    hosting(customer, "V1", start_date=date(2026, 1, 1))

    run = bill(customer.seller, DECEMBER)

    assert {row.code for row in ParkedCustomer.objects.filter(run=run)} == {
        "safety_bound_periods",
        "safety_bound_amount",
    }
    assert run.result["outcomes"] == {"parked": 1}


@pytest.mark.invariant("I-T4", "I-N3")
def test_an_unchecked_foreign_vat_id_parks_its_customer_before_a_number_exists_and_stops_nobody() -> None:
    seller = alpenhost()
    foreign = ada(seller, country="DE", vat_id="DE136695976", vat_id_state="unchecked")
    hosting(foreign, "V1")
    hosting(bob(seller), "V2")

    run = bill(seller, DECEMBER)

    assert [invoice.customer.number for invoice in Invoice.objects.all()] == ["11002"]
    assert NumberSeries.objects.get(kind="invoice").next_number == 2
    parked = ParkedCustomer.objects.get(run=run)
    assert (parked.code, parked.field) == ("check_vat_id", "customer.vat_id")

    Customer.objects.filter(pk=foreign.pk).update(vat_id_state="checked")
    assert retry_parked(run, [foreign.pk], on=FIRST, actor=CLARA) == 1
    assert Invoice.objects.get(customer=foreign).vat_breakdown.get().category == "AE"


def test_a_customer_with_an_open_request_for_its_country_is_parked() -> None:
    customer = ada(alpenhost())
    hosting(customer, "V1")
    CustomerDataRequest.objects.create(customer=customer, country="DE", requested_at=utc_now(), requested_by="ada")

    run = bill(customer.seller, DECEMBER)

    assert [row.code for row in ParkedCustomer.objects.filter(run=run)] == ["data_request_open"]
    assert not Invoice.objects.exists()


@pytest.mark.invariant("I-T3")
def test_the_rate_is_that_of_the_last_day_of_the_period() -> None:
    seller = alpenhost()
    SellerTaxSetting.objects.create(seller=seller, kind="oss", valid_from=date(2021, 7, 1), applies=True)
    consumer = bob(seller, country="EE", number="EE1", is_collective=True)
    hosting(
        consumer, "V1", start_date=date(2025, 5, 31), end_date=date(2025, 8, 1)
    )  # 22 % until 30 June 2025, then 24 %

    bill(seller, date(2025, 7, 31), on=date(2025, 7, 1))

    rates = [(line.period_end, line.vat_rate) for line in Invoice.objects.get().lines.order_by("position")]
    expected = [(date(2025, 6, 29), 22), (date(2025, 7, 30), 24), (date(2025, 8, 1), 24)]
    assert rates == [(end, Decimal(rate)) for end, rate in expected]


def test_a_free_service_yields_no_invoice_and_counts_as_free() -> None:
    customer = ada(alpenhost())
    hosting(customer, "V1", "0.00")

    run = bill(customer.seller, DECEMBER)

    assert run.result["outcomes"] == {"free": 1}
    assert not Invoice.objects.exists()


@pytest.mark.feature("M51")
def test_a_total_of_nought_is_paid_at_once() -> None:
    customer = ada(alpenhost())
    hosting(customer, "V1", "10.00", discount_percent=100)

    bill(customer.seller, DECEMBER)

    item = OpenItem.objects.get()
    assert (item.original_amount, item.open_amount) == (Decimal(0), Decimal(0))


@pytest.mark.invariant("I-D3")
def test_a_cancelled_charge_is_billed_again_once() -> None:
    customer = ada(alpenhost())
    contract = hosting(customer, "V1")
    bill(customer.seller, DECEMBER)
    first = Invoice.objects.get()
    cancelled = cancel_invoice(first, bill_again=True, reason="Adresse", on=FIRST, actor=CLARA)
    assert cancelled is not None
    customer.drafts.all().delete()  # nobody issues the prefilled draft: the next run takes the charge

    bill(customer.seller, DECEMBER)
    bill(customer.seller, DECEMBER)

    invoices = Invoice.objects.filter(type_code="380").order_by("id")
    assert [invoice.total_with_vat for invoice in invoices] == [first.total_with_vat] * 2
    assert len(periods_of(contract)) == 1


def test_after_a_partial_correction_only_the_rest_is_billed_again() -> None:
    customer = ada(alpenhost())
    hosting(customer, "V1", "10.00")
    bill(customer.seller, DECEMBER)
    first = Invoice.objects.get()
    correct_invoice(first, [LineCorrection(1, net_amount=Decimal("4.00"))], reason="Ausfall", on=FIRST, actor=CLARA)
    cancel_invoice(first, bill_again=True, reason="Adresse", on=FIRST, actor=CLARA)
    customer.drafts.all().delete()

    bill(customer.seller, DECEMBER)

    assert Invoice.objects.order_by("-id")[0].total_without_vat == Decimal("6.00")


def test_a_preview_draws_no_number_and_a_confirmed_run_cannot_be_discarded() -> None:
    customer = ada(alpenhost())
    hosting(customer, "V1")
    run = start_run(customer.seller, DECEMBER, on=FIRST, actor=CLARA)
    with pytest.raises(RunNotPreviewed):
        confirm_run(run, issue_date=FIRST, actor=CLARA)
    preview = preview_run(run)

    assert (preview.sums.invoices, str(preview.sums.total_with_vat)) == (1, "12.00")
    assert not Invoice.objects.exists()
    assert not NumberSeries.objects.exists()
    confirm_run(run, issue_date=FIRST, actor=CLARA)
    with pytest.raises(RunNotDiscardable):
        discard_run(run, on=FIRST, actor=CLARA)
    other = start_run(customer.seller, DECEMBER, on=FIRST, actor=CLARA)
    preview_run(other)
    with pytest.raises(AnotherRunIsRunning):
        confirm_run(other, issue_date=FIRST, actor=CLARA)


def test_confirming_shows_what_changed_since_the_preview() -> None:
    customer = ada(alpenhost())
    hosting(customer, "V1")
    run = start_run(customer.seller, DECEMBER, on=FIRST, actor=CLARA)
    preview_run(run)
    hosting(customer, "V2", "5.00")

    with pytest.raises(PreviewChanged, match=r"12\.00 → 18\.00"):
        confirm_run(run, issue_date=FIRST, actor=CLARA)

    run = confirm_run(BillingRun.objects.get(pk=run.pk), issue_date=FIRST, actor=CLARA)
    assert run_chunks(run, actor=CLARA) == 1


def test_the_next_preview_names_the_difference_from_the_last_run() -> None:
    customer = ada(alpenhost())
    hosting(customer, "V1")
    bill(customer.seller, DECEMBER)

    run = start_run(customer.seller, JANUARY, on=date(2027, 1, 1), actor=CLARA)

    last = preview_run(run).last_run
    assert last and (last.sums.invoices, str(last.sums.total_with_vat)) == (1, "12.00")
