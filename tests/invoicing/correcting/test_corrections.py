"""Cancelling and correcting: another document, never a change (I-D3)."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kundenkontor.events.models import Event
from kundenkontor.invoicing.books.deferral import deferred_lines
from kundenkontor.invoicing.correcting.commands import cancel_invoice, correct_invoice
from kundenkontor.invoicing.correcting.corrections import LineCorrection
from kundenkontor.invoicing.errors import (
    AlreadyCancelled,
    CorrectionsExceedDocument,
    CorrectionTooLarge,
    DaysTakenBackAlready,
    NotCorrectable,
    NothingToCorrect,
)
from kundenkontor.invoicing.issuing.drafts import Reference
from kundenkontor.invoicing.models import Correction, Invoice, InvoiceLine, VatBreakdown
from kundenkontor.invoicing.papers.freezing import freeze_invoices
from kundenkontor.kernel.kinds import CREDIT_NOTE
from kundenkontor.parties.models import Customer
from tests.support.books import check_books
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, issue, line
from tests.support.money import money_of, open_amount, pay

pytestmark = pytest.mark.django_db


def cancel_all(invoice: Invoice, *, bill_again: bool = False) -> Invoice:
    done = cancel_invoice(invoice, bill_again=bill_again, reason="Wrong recipient", on=TODAY, actor=CLARA)
    return Invoice.objects.get(pk=done.correction.id)


def correct(invoice: Invoice, *parts: LineCorrection) -> Invoice:
    issued = correct_invoice(invoice, parts, reason="Outage", on=TODAY, actor=CLARA)
    return Invoice.objects.get(pk=issued.id)


def part(position: int, net: str) -> LineCorrection:
    return LineCorrection(position, net_amount=Decimal(net))


def left_of(invoice: Invoice) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """Net and VAT by category and rate of an invoice less all its corrections."""
    left = {(row.category, str(row.rate)): (row.taxable_amount, row.tax_amount) for row in invoice.vat_breakdown.all()}
    for row in VatBreakdown.objects.filter(invoice__correction__original=invoice):
        net, tax = left[row.category, str(row.rate)]
        left[row.category, str(row.rate)] = (net - row.taxable_amount, tax - row.tax_amount)
    return left


@pytest.mark.invariant("I-D3")
@pytest.mark.feature("M16")
def test_a_cancelled_invoice_and_its_cancellation_are_nothing_per_rate() -> None:
    customer = ada(alpenhost())
    invoice = issue(customer, line("19.99", quantity="3"), line("7.77", rate=Decimal(10)), line("2.00", quantity="-1"))

    correction = cancel_all(invoice)

    assert correction.type_code == "381"
    assert correction.number.startswith("RK")
    assert correction.references.get().referenced_id == invoice.pk
    assert correction.amount_due == invoice.amount_due
    assert set(left_of(invoice).values()) == {(Decimal(0), Decimal(0))}
    assert [row.corrected_position for row in InvoiceLine.objects.filter(invoice=correction)] == [1, 2, 3]
    assert (open_amount(invoice), open_amount(correction)) == ("0.00", "0.00")
    assert money_of(customer) == ("0.00", "0.00", "0.00")
    assert check_books() == []


def test_the_buyer_of_a_correction_is_the_one_on_the_original() -> None:
    customer = ada(alpenhost())
    invoice = issue(customer)
    customer.company = "Huber Neu GmbH"
    customer.save()

    correction = cancel_all(invoice)

    assert correction.customer_snapshot_id == invoice.customer_snapshot_id


def test_what_was_paid_before_a_cancellation_becomes_a_balance() -> None:
    customer = ada(alpenhost())
    invoice = issue(customer, line("100.00"))
    pay(customer, Decimal("50.00"), TODAY, on=TODAY, actor=CLARA)

    correction = cancel_all(invoice)

    assert open_amount(correction) == "50.00"
    assert money_of(customer) == ("0.00", "0.00", "50.00")
    assert check_books() == []


@pytest.mark.invariant("I-D3")
def test_an_invoice_is_cancelled_once_and_a_correction_never() -> None:
    invoice = issue(ada(alpenhost()))
    correction = cancel_all(invoice)

    with pytest.raises(AlreadyCancelled):
        cancel_all(invoice)
    with pytest.raises(NotCorrectable):
        cancel_all(correction)
    with pytest.raises(AlreadyCancelled):
        correct(invoice, part(1, "1.00"))


@pytest.mark.invariant("I-D3", "I-T5")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prices=st.lists(st.tuples(st.integers(1, 500), st.sampled_from([20, 10, 13])), min_size=1, max_size=3),
    shares=st.lists(st.integers(1, 99), min_size=1, max_size=5),
    is_gross=st.booleans(),
)
@example(prices=[(4, 20)], shares=[17, 50], is_gross=True)  # the second one takes all that is left
def test_many_small_corrections_and_a_cancellation_leave_no_cent(
    prices: list[tuple[int, int]], shares: list[int], is_gross: bool
) -> None:
    with transaction.atomic():
        customer = ada(alpenhost())
        invoice = gross_invoice(customer, prices) if is_gross else net_invoice(customer, prices)
        for share in shares:
            rest = rest_by_position(invoice)
            wanted = [
                LineCorrection(position, net_amount=(net * share / 100).quantize(Decimal("0.01")))
                for position, net in rest.items()
                if (net * share / 100).quantize(Decimal("0.01"))
            ]
            if wanted and any(rest[p.position] != p.net_amount for p in wanted):
                correct(invoice, *wanted)
        if any(any(amounts) for amounts in left_of(invoice).values()):
            cancel_all(invoice)
        assert set(left_of(invoice).values()) == {(Decimal(0), Decimal(0))}
        assert money_of(customer) == ("0.00", "0.00", "0.00")
        assert check_books() == []
        transaction.set_rollback(True)


def net_invoice(customer: Customer, prices: list[tuple[int, int]]) -> Invoice:
    return issue(customer, *[line(str(Decimal(cents) / 100), rate=Decimal(rate)) for cents, rate in prices])


def gross_invoice(customer: Customer, prices: list[tuple[int, int]]) -> Invoice:
    """Prices agreed with VAT: the payable amount is the agreed sum."""
    lines = []
    for cents, rate in prices:
        gross = Decimal(cents) / 100
        net = (gross * 100 / (100 + rate)).quantize(Decimal("0.000001"))
        lines.append(line(str(net), rate=Decimal(rate), agreed_gross=gross))
    return issue(customer, *lines)


def rest_by_position(invoice: Invoice) -> dict[int, Decimal]:
    rest = dict(invoice.lines.values_list("position", "net_amount"))
    taken = InvoiceLine.objects.filter(invoice__correction__original=invoice).values_list("corrected_position")
    for position, net in taken.annotate(net=Sum("net_amount")):
        rest[position] -= net
    return {position: net for position, net in rest.items() if net}


def test_days_of_a_whole_and_of_a_cut_period_are_taken_back() -> None:
    invoice = issue(
        ada(alpenhost()),
        line("30.00"),
        line("31.00", quantity="10", base="31", unit="DAY", start=TODAY.replace(day=1), end=TODAY.replace(day=10)),
    )

    correction = correct(invoice, LineCorrection(1, days=3), LineCorrection(2, days=4))

    found = [
        (row.quantity, row.base_quantity, row.unit, row.net_amount) for row in correction.lines.order_by("position")
    ]
    assert found == [
        (Decimal(3), Decimal(30), "DAY", Decimal("3.00")),
        (Decimal(4), Decimal(31), "DAY", Decimal("4.00")),
    ]


@pytest.mark.feature("M16")
def test_a_correction_by_days_says_which_and_how_many_of_how_many() -> None:
    february: dict[str, Any] = {"start": date(2027, 2, 1), "end": date(2027, 2, 28)}
    invoice = issue(ada(alpenhost()), line("28.00", quantity="3", **february))

    first = correct(invoice, LineCorrection(1, days=20))
    second = correct(invoice, LineCorrection(1, days=2, first_day=date(2027, 2, 3)))
    third = correct(invoice, LineCorrection(1, days=4))

    frozen = freeze_invoices([first.pk, second.pk, third.pk])
    said = [
        (row.period_start, row.period_end, row.note) for document in frozen.values() for row in document.invoice.lines
    ]
    price = "× 3 zu 28,00\u00a0EUR für den ganzen Zeitraum"
    assert said == [
        (date(2027, 2, 9), date(2027, 2, 28), f"anteilig 20 von 28 Tagen {price}"),
        (date(2027, 2, 3), date(2027, 2, 4), f"anteilig 2 von 28 Tagen {price}"),
        (date(2027, 2, 5), date(2027, 2, 8), f"anteilig 4 von 28 Tagen {price}"),
    ]
    assert check_books() == []


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (LineCorrection(1, days=3, first_day=date(2026, 11, 29)), CorrectionTooLarge),
        (LineCorrection(1, days=1, first_day=date(2026, 10, 31)), CorrectionTooLarge),
        (LineCorrection(1, days=21), CorrectionTooLarge),
        (LineCorrection(1, days=2, first_day=date(2026, 11, 20)), DaysTakenBackAlready),
        (LineCorrection(1, days=0, first_day=date(2026, 11, 20)), NothingToCorrect),
    ],
)
def test_no_day_is_taken_back_twice_and_none_outside_the_period(
    wrong: LineCorrection, refusal: type[Exception]
) -> None:
    invoice = issue(ada(alpenhost()), line("30.00"))
    correct(invoice, LineCorrection(1, days=10))  # the 21st to the 30th

    with pytest.raises(refusal):
        correct(invoice, wrong)


@pytest.mark.parametrize("way", ["rest of the document", "rest of the line"])
def test_the_rest_of_a_line_is_taken_back_for_the_days_that_are_left(way: str) -> None:
    """No day stands on two corrections, and nothing is deferred of what was cancelled."""
    seller = alpenhost()
    invoice = issue(bob(seller), line("30.00", quantity="2"), line("30.00"))
    for days in (LineCorrection(1, days=5), LineCorrection(1, days=2, first_day=date(2026, 11, 1))):
        correct(invoice, days)
    rest = correct(invoice, part(1, "46.00")) if way == "rest of the line" else None
    last = cancel_all(invoice)

    taken = (rest or last).lines.get(corrected_position=1)
    assert (taken.period_start, taken.period_end) == (date(2026, 11, 3), date(2026, 11, 25))
    assert last.lines.get(corrected_position=2).period_end == date(2026, 11, 30)
    assert sum(row.deferred for row in deferred_lines(seller.pk, date(2026, 11, 24))) == 0


def test_the_rest_of_a_line_spans_days_that_were_taken_back_within_it() -> None:
    invoice = issue(bob(alpenhost()), line("30.00"))
    correct(invoice, LineCorrection(1, days=3, first_day=date(2026, 11, 10)))

    taken = cancel_all(invoice).lines.get()

    assert (taken.period_start, taken.period_end) == (date(2026, 11, 1), date(2026, 11, 30))


def test_days_of_half_a_piece_are_its_days() -> None:
    invoice = issue(ada(alpenhost()), line("31.00", quantity="5", base="31", unit="DAY", start=TODAY.replace(day=1),
                                           end=TODAY.replace(day=10)))  # fmt: skip

    correction = correct(invoice, LineCorrection(1, days=4)).lines.get()

    assert [correction.quantity, correction.base_quantity, correction.net_amount] == [2, 31, 2]
    assert (correction.period_start.day, correction.period_end.day) == (7, 10)


def test_a_part_of_the_quantity_is_taken_back_with_its_discount() -> None:
    invoice = issue(ada(alpenhost()), line("9.99", quantity="5", discount="10"))

    correction = correct(invoice, LineCorrection(1, quantity=Decimal(2)))

    assert correction.total_without_vat == Decimal("17.98")
    assert Correction.objects.get(original=invoice).is_full is False


def test_the_last_part_makes_a_correction_a_cancellation() -> None:
    invoice = issue(ada(alpenhost()), line("10.00"), line("5.00"))
    correct(invoice, part(1, "10.00"))

    correct(invoice, part(2, "5.00"))

    assert list(Correction.objects.order_by("pk").values_list("is_full", flat=True)) == [False, True]


@pytest.mark.invariant("I-D3")
@pytest.mark.parametrize("net", ["10.01", "999"])
def test_a_line_is_never_corrected_beyond_itself(net: str) -> None:
    invoice = issue(ada(alpenhost()), line("10.00"), line("100.00"))

    with pytest.raises(CorrectionTooLarge):
        correct(invoice, part(1, net))


@pytest.mark.parametrize(
    "wrong", [part(1, "0"), part(1, "-1"), part(9, "1"), LineCorrection(1), LineCorrection(1, days=0)]
)
def test_a_correction_takes_something_back(wrong: LineCorrection) -> None:
    with pytest.raises(NothingToCorrect):
        correct(issue(ada(alpenhost())), wrong)


def test_a_category_is_never_corrected_beyond_itself() -> None:
    invoice = issue(ada(alpenhost()), line("100.00"), line("60.00", quantity="-1"))

    with pytest.raises(CorrectionTooLarge):
        correct(invoice, part(1, "100.00"))


@pytest.mark.invariant("I-D3")
def test_corrections_never_exceed_a_document_that_a_negative_line_of_another_rate_made_smaller() -> None:
    customer = ada(alpenhost())
    invoice = issue(customer, line("100.00"), line("50.00", quantity="-1", rate=Decimal(10)))

    with pytest.raises(CorrectionsExceedDocument) as refused:
        correct(invoice, part(1, "54.18"))
    assert refused.value.params["excess"] == Decimal("0.02")
    correct(invoice, part(1, "54.17"))
    cancel_all(invoice)

    assert money_of(customer) == ("0.00", "0.00", "0.00")
    assert check_books() == []


@pytest.mark.invariant("I-D3")
def test_the_database_refuses_a_correction_beyond_the_original() -> None:
    invoice = issue(ada(alpenhost()), line("10.00"))
    too_much = issue(
        invoice.customer,
        line("10.01", corrected_position=1),
        kind=CREDIT_NOTE,
        references=[Reference("corrects", invoice.pk)],
    )
    Correction.objects.create(invoice=too_much, original=invoice, customer_id=invoice.customer_id, is_full=False)

    with pytest.raises(IntegrityError, match="exceed"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.invariant("I-D3")
def test_the_database_refuses_a_correction_that_names_nothing() -> None:
    issue(ada(alpenhost()), line("10.00"), kind=CREDIT_NOTE)

    with pytest.raises(IntegrityError, match="does not name"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_refuses_a_reference_to_another_customers_document() -> None:
    seller = alpenhost()
    of_bob = issue(bob(seller), line("10.00"))

    with pytest.raises(IntegrityError, match="a_reference_names_an_invoice_of_its_customer"):
        issue(ada(seller), line("10.00"), kind=CREDIT_NOTE, references=[Reference("corrects", of_bob.pk)])


def test_the_reason_is_recorded_and_never_printed() -> None:
    invoice = issue(ada(alpenhost()))

    correction = cancel_all(invoice)

    event = Event.objects.get(name="invoice.cancelled")
    assert (event.reference, event.payload["by"]) == (invoice.number, correction.number)
    assert event.payload["reason"] == "Wrong recipient"
    assert "Wrong recipient" not in json.dumps(
        [correction.note, *correction.lines.values_list("description", flat=True)]
    )


@pytest.mark.feature("M16")
def test_a_cancellation_after_a_partial_correction_says_that_it_takes_back_the_rest() -> None:
    seller = alpenhost(closing_text_de="Bitte überweisen Sie den Betrag. Eine Gutschrift verrechnen wir.")
    invoice, whole = issue(ada(seller), line("100.00")), issue(bob(seller), line("100.00"))
    partial = correct(invoice, part(1, "90"))

    corrections = [partial, cancel_all(invoice), cancel_all(whole)]

    frozen = freeze_invoices([correction.pk for correction in corrections])
    assert [frozen[correction.pk].intro for correction in corrections] == [
        "Wir korrigieren die genannte Rechnung um die folgenden Beträge.",
        "Wir stornieren den nach früheren Korrekturen verbleibenden Betrag der genannten Rechnung.",
        "Wir stornieren die genannte Rechnung in voller Höhe.",
    ]
    assert {document.closing for document in frozen.values()} == {""}
    assert "überweisen" in freeze_invoices([invoice.pk])[invoice.pk].closing
