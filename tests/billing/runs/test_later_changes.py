"""What changes after a period was billed: ends taken back, fees entered late, documents cancelled and billed again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenkontor.billing.drafting.due import DueContract
from kundenkontor.billing.one_offs.commands import add_one_off
from kundenkontor.contracts.commands import AgreedPrice, change_contract, change_price, end_contract
from kundenkontor.contracts.errors import SetUpTooLate
from kundenkontor.contracts.models import Contract
from kundenkontor.contracts.periods import Period, periods_due
from kundenkontor.invoicing.correcting.commands import LineCorrection, cancel_invoice, correct_invoice
from kundenkontor.invoicing.drafting.commands import issue_draft
from kundenkontor.invoicing.drafting.pricing import PriceRow, price_period
from kundenkontor.invoicing.models import Invoice, InvoiceLine
from kundenkontor.invoicing.papers.freezing import freeze_invoices
from tests.billing.builders import bill, hosting, periods_of
from tests.support.books import check_books
from tests.support.builders import CLARA, ada, alpenhost, bob

DECEMBER, JANUARY = date(2026, 12, 31), date(2027, 1, 31)
FIRST = date(2026, 12, 1)
NOTHING = Decimal(0)


def amounts() -> list[str]:
    return [str(line.net_amount) for line in InvoiceLine.objects.order_by("invoice_id", "position")]


def latest() -> Invoice:
    return Invoice.objects.filter(type_code="380").order_by("-id")[0]


def end_taken_back(contract: Contract) -> None:
    """Billed to its end, then going on: the rest of the period is billed."""
    bill(contract.seller, DECEMBER)
    end_contract(contract, None, on=FIRST, actor=CLARA)
    bill(contract.seller, DECEMBER)


def due_contract(price: Decimal, discount: Decimal, quantity: Decimal, start: date) -> DueContract:
    return DueContract(
        1, 1, "V1", 1, "", "", quantity, 1, start, None, None, discount, None, NOTHING, "", "", "", None, False
    )


@pytest.mark.invariant("I-T5")
@given(
    st.decimals(0, 2000, places=2),
    st.sampled_from([NOTHING, Decimal(10), Decimal("33.33")]),
    st.sampled_from([Decimal(1), Decimal(3)]),
    st.sampled_from([1, 3, 12]),
    st.lists(st.integers(0, 400), max_size=4),
    st.booleans(),
)
def test_the_parts_of_a_period_sum_exactly_to_the_whole(
    price: Decimal, discount: Decimal, quantity: Decimal, months: int, ends: list[int], is_gross: bool
) -> None:
    start = date(2026, 11, 1)
    contract = due_contract(price, discount, quantity, start)
    row = PriceRow(1, start, price, is_gross)
    (whole,) = periods_due(start, months, billed_until=start)
    parts: list[Period] = []
    for days in sorted(ends):
        end = min(start + timedelta(days=days), whole.end)
        if not parts or parts[-1].end < end:
            billed_to = parts[-1].end if parts else None
            parts += periods_due(start, months, billed_until=end, end_date=end, billed_to=billed_to)
    if not parts or parts[-1].end < whole.end:
        billed_to = parts[-1].end if parts else None
        parts += periods_due(start, months, billed_until=whole.end, billed_to=billed_to)

    priced = [price_period(contract, part, row, Decimal(20), "MON") for part in parts]
    in_one = price_period(contract, whole, row, Decimal(20), "MON")

    assert (parts[0].start, parts[-1].end) == (whole.start, whole.end)
    if is_gross:
        assert sum(line.agreed_gross or NOTHING for line in priced) == in_one.agreed_gross
    else:
        assert sum(line.net_amount for line in priced) == in_one.net_amount


@pytest.mark.django_db
@pytest.mark.invariant("I-T5")
def test_an_end_taken_back_costs_no_cent_more_than_no_end() -> None:
    contract = hosting(ada(alpenhost()), "V1", "9.99", start_date=date(2026, 12, 2), end_date=date(2026, 12, 16))

    end_taken_back(contract)

    assert [end for _, end in periods_of(contract)] == [date(2026, 12, 16), date(2027, 1, 1)]
    assert sum(Decimal(amount) for amount in amounts()) == Decimal("9.99")
    assert check_books() == []


@pytest.mark.django_db
@pytest.mark.invariant("I-T5")
def test_a_rest_of_another_cent_than_its_days_is_a_sum() -> None:
    contract = hosting(ada(alpenhost()), "V1", "9.99", start_date=date(2026, 11, 1), end_date=date(2026, 11, 15))
    bill(contract.seller, date(2026, 11, 30))
    end_contract(contract, None, on=FIRST, actor=CLARA)

    bill(contract.seller, date(2026, 11, 30), on=FIRST)

    lines = InvoiceLine.objects.order_by("invoice_id").values_list("quantity", "base_quantity", "unit", "net_amount")
    assert [tuple(map(str, line)) for line in lines] == [
        ("15.0000", "30.0000", "DAY", "5.00"),
        ("1.0000", "1.0000", "C62", "4.99"),
    ]
    assert check_books() == []


@pytest.mark.django_db
@pytest.mark.feature("M65")
def test_a_discount_holds_for_the_whole_period_also_after_an_end_was_taken_back() -> None:
    contract = hosting(
        ada(alpenhost()), "V1", "31.00", end_date=date(2026, 12, 10), discount_percent=50,
        discount_until=date(2026, 12, 5),
    )  # fmt: skip

    end_taken_back(contract)

    assert amounts() == ["5.00", "10.50"]


@pytest.mark.django_db
def test_a_price_that_begins_within_a_period_does_not_count_for_its_rest() -> None:
    contract = hosting(ada(alpenhost()), "V1", "31.00", end_date=date(2026, 12, 10))
    bill(contract.seller, DECEMBER)
    dearer = AgreedPrice(Decimal("62.00"), is_gross=False)
    change_price(contract, dearer, valid_from=date(2026, 12, 5), on=FIRST, actor=CLARA)
    end_contract(contract, None, on=FIRST, actor=CLARA)

    bill(contract.seller, DECEMBER)
    bill(contract.seller, JANUARY)

    assert amounts() == ["10.00", "21.00", "62.00"]


@pytest.mark.django_db
@pytest.mark.feature("M65")
def test_a_set_up_fee_cannot_be_entered_once_the_contract_was_billed() -> None:
    contract = hosting(ada(alpenhost()), "V1", "10.00")
    bill(contract.seller, DECEMBER)

    with pytest.raises(SetUpTooLate):
        change_contract(contract, {"set_up_fee": Decimal("50.00")}, on=FIRST, actor=CLARA)


GERMAN = {"country": "DE", "postal_code": "10115", "vat_id": "", "vat_id_state": "none"}


@pytest.mark.django_db
@pytest.mark.invariant("I-T3")
@pytest.mark.parametrize("price", ["10.00", "0.00"])
def test_a_set_up_fee_is_taxed_by_the_period_it_is_billed_with_not_by_the_start_of_the_contract(price: str) -> None:
    seller = alpenhost(country="DE", vat_id="DE136695976")
    contract = hosting(ada(seller, **GERMAN), "V1", price, start_date=date(2020, 8, 15), period_months=12)
    bill(seller, date(2020, 8, 31))  # 16 % in the second half of 2020
    Contract.objects.filter(pk=contract.pk).update(set_up_fee=Decimal("50.00"))

    bill(seller, date(2021, 8, 31))

    line = InvoiceLine.objects.get(kind="set_up")
    assert (line.vat_rate, line.period_start) == (Decimal(19), date(2021, 8, 15))


@pytest.mark.django_db
@pytest.mark.parametrize("agreed", ["9.99", "3.33", "4.99", "19.95"])
@pytest.mark.parametrize("by", ["run", "draft"])
def test_what_corrections_left_of_a_sum_agreed_with_vat_is_billed_again_to_the_cent(agreed: str, by: str) -> None:
    customer = bob(alpenhost())
    hosting(customer, "V1", agreed, is_gross=True)
    bill(customer.seller, DECEMBER)
    invoice = latest()
    corrected = correct_invoice(invoice, [LineCorrection(1, days=10)], reason="x", on=FIRST, actor=CLARA)
    correct_invoice(invoice, [LineCorrection(1, days=1)], reason="x", on=FIRST, actor=CLARA)
    cancelled = cancel_invoice(invoice, bill_again=True, reason="x", on=FIRST, actor=CLARA)
    assert cancelled.draft is not None and corrected.amount_due

    if by == "draft":
        issue_draft(cancelled.draft, on=FIRST, actor=CLARA)
    else:
        customer.drafts.all().delete()
        bill(customer.seller, DECEMBER)

    assert latest().amount_due == cancelled.correction.amount_due
    before = InvoiceLine.objects.get(invoice=invoice)
    billed = InvoiceLine.objects.get(invoice=latest())
    assert (billed.period_start, billed.period_end) == (before.period_start, before.period_end - timedelta(days=11))
    assert check_books() == []


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["run", "draft"])
def test_a_document_billed_again_keeps_the_references_of_its_contract(by: str) -> None:
    customer = ada(alpenhost(), order_number="", buyer_reference="")
    references: dict[str, Any] = {"order_number": "PO-1", "buyer_reference": "BR-1"}
    hosting(customer, "V1", **references)
    bill(customer.seller, DECEMBER)
    draft = cancel_invoice(latest(), bill_again=True, reason="x", on=FIRST, actor=CLARA).draft
    assert draft is not None

    if by == "draft":
        issue_draft(draft, on=FIRST, actor=CLARA)
    else:
        customer.drafts.all().delete()
        bill(customer.seller, DECEMBER)

    assert Invoice.objects.count() == 3
    assert (latest().order_number, latest().buyer_reference) == ("PO-1", "BR-1")


@pytest.mark.django_db
def test_the_references_of_contracts_survive_on_one_document() -> None:
    """What a head can hold only once is printed and written by line; what all share stands in the head."""
    customer = ada(alpenhost(), order_number="PO-0", buyer_reference="BR-0", is_collective=True)
    hosting(customer, "V1", order_number="PO-1", buyer_reference="BR-1", set_up_fee=Decimal(5))
    hosting(customer, "V2", order_number="PO-2", buyer_reference="BR-1")
    bill(customer.seller, DECEMBER)
    first = latest()
    draft = cancel_invoice(first, bill_again=True, reason="x", on=FIRST, actor=CLARA).draft
    assert draft is not None
    issue_draft(draft, on=FIRST, actor=CLARA)

    for invoice in Invoice.objects.all():
        assert (invoice.order_number, invoice.buyer_reference) == ("PO-0", "BR-1")
        frozen = freeze_invoices([invoice.pk])[invoice.pk].invoice
        order = "Ihre Bestellnummer"
        assert [row.note for row in frozen.lines] == [f"{order} PO-1", f"{order} PO-1", f"{order} PO-2"]
        assert next(row.name for row in frozen.lines).endswith(", einmalige Einrichtung")
    assert Invoice.objects.count() == 3
    assert check_books() == []


@pytest.mark.django_db
def test_contracts_without_references_of_their_own_have_the_customers_in_the_head() -> None:
    customer = ada(alpenhost(), order_number="PO-0", is_collective=True)
    hosting(customer, "V1", order_number="PO-1")
    hosting(customer, "V2")
    bill(customer.seller, DECEMBER)

    assert latest().order_number == "PO-0"
    assert [line.order_number for line in latest().lines.order_by("position")] == ["PO-1", ""]


@pytest.mark.django_db
def test_one_off_work_of_a_contract_that_is_not_due_names_its_references() -> None:
    customer = ada(alpenhost(), order_number="", buyer_reference="")
    contract = hosting(customer, "V1", order_number="PO-1", buyer_reference="BR-1")
    bill(customer.seller, DECEMBER)
    add_one_off(customer, "Umzug", Decimal(20), FIRST, FIRST, contract=contract, on=FIRST, actor=CLARA)

    bill(customer.seller, DECEMBER)

    assert latest().lines.get().item_name == "Umzug"
    assert (latest().order_number, latest().buyer_reference) == ("PO-1", "BR-1")
