"""Corrections of prices agreed with VAT: in every order and in every part they add up to their document (I-D3)."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kundenkontor.invoicing.correcting.commands import cancel_invoice, correct_invoice
from kundenkontor.invoicing.correcting.corrections import Correctable, LineCorrection, TakenBack, left_of
from kundenkontor.invoicing.drafting.pricing import price_line
from kundenkontor.invoicing.errors import CorrectionsExceedDocument, CorrectionTooLarge, NothingToCorrect
from kundenkontor.invoicing.issuing.gross import payable_of, spread_over_lines
from kundenkontor.invoicing.issuing.lines import DraftLine, Item, ServicePeriod, Tax, taxed_amounts
from kundenkontor.invoicing.issuing.totals import Totals, calculate_totals
from kundenkontor.invoicing.models import Invoice, InvoiceLine, VatBreakdown
from kundenkontor.parties.models import Customer
from tests.support.books import check_books
from tests.support.builders import CLARA, TODAY, alpenhost, bob, issue, line
from tests.support.money import money_of

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "vectors" / "gross.json").read_text("utf-8"))["cases"]
ONE, NOTHING, CENT = Decimal(1), Decimal("0.00"), Decimal("0.01")


def drafted(amount: Decimal, *, is_gross: bool, rate: Decimal) -> DraftLine:
    measure = price_line(ONE.copy_sign(amount), ONE, abs(amount), NOTHING, is_gross, rate)
    return DraftLine(Item("Hosting"), measure, Tax("S", rate, "AT"), ServicePeriod(TODAY, TODAY))


def document(lines: list[DraftLine]) -> Correctable:
    """As if it had been issued, without a database."""
    agreed = spread_over_lines(lines)
    totals = calculate_totals(taxed_amounts(lines))
    payable = payable_of(totals, agreed)
    invoice = Invoice(number="RE-1", amount_due=payable, rounding_amount=payable - totals.total_with_vat)
    rows = [
        InvoiceLine(
            position=position, item_name="Hosting", kind="recurring", account_role="revenue", unit=one.measure.unit,
            quantity=one.measure.quantity, base_quantity=one.measure.base_quantity, net_price=one.measure.net_price,
            net_amount=one.measure.net_amount, agreed_gross=one.measure.agreed_gross,
            discount_percent=one.measure.discount_percent, allowance_amount=one.measure.allowance_amount,
            vat_category="S", vat_rate=one.tax.rate, period_start=TODAY, period_end=TODAY,
        )
        for position, one in enumerate(lines, 1)
    ]  # fmt: skip
    groups = [
        VatBreakdown(category=row.category, rate=row.rate, taxable_amount=row.taxable_amount, tax_amount=row.tax_amount)
        for row in totals.vat_breakdown
    ]
    return Correctable(invoice, rows, groups, TakenBack())


def take(document: Correctable, *parts: LineCorrection) -> tuple[Totals, Decimal]:
    """Correct a document in memory: its next correction sees what this one took back."""
    lines = document.part_lines(parts) if parts else document.rest_lines()
    totals, payable = document.sums_of(lines)
    assert sum(one.measure.net_amount for one in lines) == totals.total_without_vat
    after = document.taken.with_lines(lines)
    after.groups = dict(document.taken.groups)
    for row in totals.vat_breakdown:
        base, tax = document.taken.of_group((row.category, row.rate))
        after.groups[row.category, row.rate] = base + row.taxable_amount, tax + row.tax_amount
    after.rounding_amount = document.taken.rounding_amount + payable - totals.total_with_vat
    document.taken = after
    return totals, payable


def whole(document: Correctable, position: int) -> LineCorrection:
    return LineCorrection(position, net_amount=left_of(document.lines[position - 1], document.taken).net)


def is_all_taken(document: Correctable) -> bool:
    groups = {(row.category, row.rate): (row.taxable_amount, row.tax_amount) for row in document.breakdown}
    sums = (document.taken.amount, document.taken.rounding_amount)
    return groups == document.taken.groups and sums == (document.invoice.amount_due, document.invoice.rounding_amount)


@pytest.mark.invariant("I-D3")
@pytest.mark.parametrize("number", range(len(VECTORS)))
def test_a_correction_takes_back_what_the_vectors_say(number: int) -> None:
    """A negative line alone would be a document that asks for money, its counterpart alone more than the document: such
    a step is refused, and comes to what the vectors say together with those that follow it."""
    case: dict[str, Any] = VECTORS[number]
    given_lines = [
        drafted(Decimal(row["gross"] or row["net"]), is_gross=bool(row["gross"]), rate=Decimal(row["vat_rate"]))
        for row in case["lines"]
    ]
    found = document(given_lines)
    assert [str(row.net_amount) for row in found.lines] == case["expect"]["line_net_amounts"]
    waiting: list[dict[str, Any]] = []
    for correction in case["corrections"]:
        waiting.append(correction)
        expected = tuple(
            sum((Decimal(one[name]) for one in waiting), NOTHING)
            for name in ("total_without_vat", "total_vat", "payable")
        )
        try:
            totals, payable = take(found, *(whole(found, one["line"] + 1) for one in waiting))
        except (CorrectionTooLarge, CorrectionsExceedDocument, NothingToCorrect):
            assert any(row.net_amount < 0 for row in found.lines)
            assert is_refused_rightly(found, waiting, expected[2])
            continue
        assert (totals.total_without_vat, totals.total_vat, payable) == expected
        waiting = []
    if found.invoice.amount_due >= 0:  # others are never issued
        take(found)
        assert is_all_taken(found)


def is_refused_rightly(document: Correctable, steps: list[dict[str, Any]], payable: Decimal) -> bool:
    """Whether these lines together would ask for money, or leave less than nothing of the document or of a rate."""
    taken = {one["line"] + 1 for one in steps} | set(document.taken.net)
    sums: dict[Decimal, list[Decimal]] = {}
    for row in document.lines:
        whole_and_left = sums.setdefault(row.vat_rate, [NOTHING, NOTHING])
        whole_and_left[0] += row.net_amount
        whole_and_left[1] += row.net_amount if row.position not in taken else NOTHING
    is_beyond_rate = any(left * of < 0 or abs(of - left) > abs(of) + CENT for of, left in sums.values())
    is_beyond = document.taken.amount + payable > document.invoice.amount_due
    return payable < 0 or is_beyond or is_beyond_rate


def test_a_refusal_names_the_line_of_the_rate_that_is_exceeded() -> None:
    amounts = (("10.00", 10), ("100.00", 20), ("-50.00", 20))
    found = document([drafted(Decimal(text), is_gross=False, rate=Decimal(rate)) for text, rate in amounts])

    with pytest.raises(CorrectionTooLarge) as refused:
        take(found, whole(found, 1), whole(found, 2))

    assert refused.value.params["position"] == 2


AMOUNTS = st.tuples(
    st.sampled_from(["0.01", "0.05", "0.99", "4.33", "9.99", "10.00", "119.00"]),
    st.booleans(),
    st.sampled_from(["20", "19", "5.5"]),
)


@pytest.mark.invariant("I-D3", "I-T5")
@given(
    st.lists(AMOUNTS, min_size=1, max_size=12),
    st.lists(st.lists(st.tuples(st.integers(0, 11), st.integers(1, 100)), min_size=1, max_size=4), max_size=8),
)
def test_all_corrections_of_a_document_add_up_to_it_and_none_exceeds_it(
    amounts: list[tuple[str, bool, str]], steps: list[list[tuple[int, int]]]
) -> None:
    found = document([drafted(Decimal(text), is_gross=gross, rate=Decimal(rate)) for text, gross, rate in amounts])
    for step in steps:
        parts = {}
        for index, percent in step:
            row = found.lines[index % len(amounts)]
            left = left_of(row, found.taken)
            if not left.is_nothing:
                net = left.net if percent == 100 else min(left.net, (left.net * percent / 100).quantize(CENT))
                parts[row.position] = LineCorrection(row.position, net_amount=net)
        try:
            totals, payable = take(found, *parts.values()) if parts else take_nothing()
        except NothingToCorrect:
            continue
        assert payable >= 0 and all(min(group.taxable_amount, group.tax_amount) >= 0 for group in totals.vat_breakdown)
        for group in totals.vat_breakdown:
            assert abs(group.tax_amount - (group.taxable_amount * group.rate / 100).quantize(CENT)) <= CENT  # BR-CO-17
        assert abs(payable - totals.total_with_vat) <= 2 * CENT * len(found.breakdown)
        assert found.taken.amount <= found.invoice.amount_due
    if not all(left_of(row, found.taken).is_nothing for row in found.lines):
        take(found)
    assert is_all_taken(found)


def take_nothing() -> tuple[Totals, Decimal]:
    raise NothingToCorrect()


@pytest.mark.invariant("I-D3")
@given(
    st.permutations(range(1, 6)), st.lists(st.sampled_from(["9.99", "-9.99", "0.99", "10.00"]), min_size=5, max_size=5)
)
def test_negative_lines_taken_back_first_leave_no_cent_either(order: list[int], amounts: list[str]) -> None:
    assume(sum(map(Decimal, amounts)) >= 0)
    found = document([drafted(Decimal(text), is_gross=True, rate=Decimal(20)) for text in amounts])
    try:
        for position in order:
            take(found, whole(found, position))
    except (CorrectionTooLarge, CorrectionsExceedDocument, NothingToCorrect):
        assert any(text.startswith("-") for text in amounts)
        take(found)
    assert is_all_taken(found)


@pytest.mark.django_db
@pytest.mark.invariant("I-D3")
def test_cents_without_a_net_amount_are_taken_back_and_the_books_agree() -> None:
    """0.01 with VAT is 0.01 net; of three of them one has no net amount, and is taken back all the same."""
    customer = bob(alpenhost())
    invoice = issue(customer, *[line("0.008333", agreed_gross=CENT) for _ in range(3)], line("5.00"))
    assert invoice.amount_due == Decimal("6.03")

    for position in (3, 2, 1):
        back = correct_invoice(invoice, [whole_of(invoice, position)], reason="x", on=TODAY, actor=CLARA)
        assert back.amount_due == CENT
        assert check_books() == []
    cancel_invoice(invoice, bill_again=False, reason="x", on=TODAY, actor=CLARA)

    assert money_of(customer) == ("0.00", "0.00", "0.00")
    assert check_books() == []


def whole_of(invoice: Invoice, position: int) -> LineCorrection:
    return LineCorrection(position, quantity=invoice.lines.get(position=position).quantity)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("way", "gross"),
    [
        ({"net_amount": Decimal("4.00")}, "4.80"),
        ({"days": 10}, "4.00"),
        ({"quantity": Decimal(1)}, "6.00"),
    ],
)
def test_a_part_by_sum_days_or_quantity_is_a_part_of_what_was_agreed(way: dict[str, Any], gross: str) -> None:
    invoice = twice_six(bob(alpenhost()))

    back = correct_invoice(invoice, [LineCorrection(1, **way)], reason="x", on=TODAY, actor=CLARA)

    assert back.amount_due == Decimal(gross) == InvoiceLine.objects.get(invoice_id=back.id).agreed_gross
    assert check_books() == []


def twice_six(customer: Customer) -> Invoice:
    """Two pieces for 12.00 with VAT, for thirty days."""
    return issue(customer, line("5.00", quantity="2", agreed_gross=Decimal("12.00")))
