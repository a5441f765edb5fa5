"""Receivables that cannot be collected: booked, taken from the base on their day, and owed again when money comes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kundenkontor.delivery.reminders import items_to_remind
from kundenkontor.invoicing import errors
from kundenkontor.invoicing.books.queries import outgoing_book_sums
from kundenkontor.invoicing.books.sums import ReturnSums, return_sums
from kundenkontor.invoicing.correcting.commands import cancel_invoice, correct_invoice
from kundenkontor.invoicing.correcting.corrections import LineCorrection
from kundenkontor.invoicing.issuing.lines import ServicePeriod
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.queries import filter_status, status_of, with_status
from kundenkontor.invoicing.writing_off.commands import take_back_write_off, write_off_invoice
from kundenkontor.ledger.models import Posting
from kundenkontor.parties.models import Seller, SellerTaxSetting
from kundenkontor.parties.seller_commands import declare_returns
from kundenkontor.payments.commands import reverse_payment
from kundenkontor.receivables.models import WriteOff
from tests.support.books import check_books
from tests.support.builders import CLARA, ada, alpenhost, bob, issue, line
from tests.support.money import money_of, open_amount, pay

pytestmark = pytest.mark.django_db
ISSUED, LOST, ARRIVED = date(2026, 11, 5), date(2027, 3, 10), date(2027, 5, 20)


def lose(invoice: Invoice, on: date = LOST, **more: Any) -> WriteOff:
    return write_off_invoice(invoice, reason="insolvent", on=on, actor=CLARA, **more)


def regain(loss: WriteOff, amount: str, arrived_on: date | None = ARRIVED, on: date = ARRIVED) -> WriteOff:
    return take_back_write_off(
        loss, Decimal(amount), reason="paid after all", arrived_on=arrived_on, on=on, actor=CLARA
    )


def setting(seller: Seller, kind: str) -> None:
    SellerTaxSetting.objects.create(seller=seller, kind=kind, valid_from=date(2026, 1, 1), applies=True)


def sums(seller: Seller, since: date, until: date | None = None) -> ReturnSums:
    assert not (found := check_books()), found
    return return_sums(seller.pk, seller.country, since, until or since)


def vat(seller: Seller, day: date) -> list[tuple[str, str]]:
    return [(str(row.base), str(row.tax)) for row in sums(seller, day).vat]


def status(invoice: Invoice, on: date = LOST) -> str:
    status = status_of(with_status(Invoice.objects.filter(pk=invoice.pk), on=on).get())
    assert list(filter_status(Invoice.objects.all(), status, on=on)) == [invoice]
    return status


def lost_by_account() -> dict[str, str]:
    rows = Posting.objects.filter(entry__kind="write_off").select_related("debit_account")
    return {f"{row.debit_account.role} {row.debit_account.vat_rate:.0f}": str(row.amount) for row in rows}


def test_a_loss_is_booked_by_rate_and_owed_no_more() -> None:
    customer = ada(alpenhost())
    invoice = issue(customer, line("100.00"), line("50.00", rate=Decimal(10)), on=ISSUED)

    lose(invoice)

    assert lost_by_account() == {
        "bad_debt 20": "100.00", "vat_payable 20": "20.00", "bad_debt 10": "50.00", "vat_payable 10": "5.00",
    }  # fmt: skip
    assert money_of(customer) == ("175.00", "0.00", "0.00")
    assert status(invoice) == "written_off"
    assert not check_books()


def test_the_base_is_reduced_on_the_day_of_the_loss_and_again_when_money_comes() -> None:
    seller = alpenhost()
    customer = ada(seller)
    invoice = issue(customer, line("100.00"), on=ISSUED)

    loss = lose(invoice)
    assert vat(seller, ISSUED) == [("100.00", "20.00")]
    assert vat(seller, LOST) == [("-100.00", "-20.00")]

    regain(loss, "60.00")
    pay(customer, "60.00", ARRIVED, on=ARRIVED)
    assert vat(seller, ARRIVED) == [("50.00", "10.00")]
    assert (open_amount(invoice), status(invoice, ARRIVED)) == ("0.00", "written_off")

    regain(loss, "60.00")
    assert status(invoice, ARRIVED) == "open"
    assert vat(seller, ARRIVED) == [("100.00", "20.00")]


def test_the_page_of_sums_explains_a_loss_by_itself_and_the_book_still_is_the_ledger() -> None:
    seller = alpenhost()
    march = ServicePeriod(date(2027, 3, 1), date(2027, 3, 31))
    lose(issue(ada(seller), line("100.00")._replace(period=march), on=LOST))

    difference = sums(seller, LOST).difference

    assert (difference.dated.base, difference.lost.base, difference.counted.base) == (
        Decimal(100),
        Decimal(-100),
        Decimal(0),
    )
    assert not any(difference.elsewhere)
    assert outgoing_book_sums(seller.pk, LOST, LOST).agrees_with_ledger


def test_vat_that_is_due_on_receipt_was_never_due_for_what_is_lost() -> None:
    seller = alpenhost()
    setting(seller, "cash_accounting")
    customer = ada(seller)
    invoice = issue(customer, line("100.00"), line("50.00", rate=Decimal(10)), on=ISSUED)
    pay(customer, "35.00", ISSUED, on=ISSUED)

    loss = lose(invoice)
    assert vat(seller, ISSUED) == [("10.00", "1.00"), ("20.00", "4.00")]
    assert vat(seller, LOST) == []

    regain(loss, "70.00")
    pay(customer, "70.00", ARRIVED, on=ARRIVED)
    assert vat(seller, ARRIVED) == [("20.00", "2.00"), ("40.00", "8.00")]


def test_a_payment_of_a_lost_document_taken_back_by_the_bank_is_untaxed_as_it_was_taxed() -> None:
    seller = alpenhost()
    setting(seller, "cash_accounting")
    customer = ada(seller)
    invoice = issue(customer, line("33.33"), line("0.10", rate=Decimal(10)), on=ISSUED)
    payment = pay(customer, "13.37", ISSUED, on=ISSUED)
    lose(invoice)

    reverse_payment(payment, reason="returned", returned_on=ARRIVED, on=ARRIVED, actor=CLARA)

    assert vat(seller, ARRIVED) == [(str(-Decimal(base)), str(0 - Decimal(tax))) for base, tax in vat(seller, ISSUED)]
    assert open_amount(invoice) == "13.37"
    lose(invoice, ARRIVED)
    assert (open_amount(invoice), check_books()) == ("0.00", [])


def test_a_loss_found_after_its_month_was_declared_corrects_that_return() -> None:
    seller = alpenhost()
    invoice = issue(ada(seller), line("100.00"), on=ISSUED)
    declare_returns(seller, "vat", until=date(2027, 3, 31), on=date(2027, 4, 2), actor=CLARA)

    lose(invoice, date(2027, 4, 20), lost_on=LOST)

    found = sums(seller, date(2027, 4, 1), date(2027, 4, 30))
    assert [(row.month, row.tax) for row in found.corrections] == [(date(2027, 3, 1), Decimal(-20))]
    assert found.vat == []


def test_a_loss_counts_never_before_what_is_lost() -> None:
    seller = alpenhost()
    setting(seller, "advance_by_service")
    year = line("120.00")._replace(period=ServicePeriod(date(2026, 11, 1), date(2027, 10, 31)))
    invoice = issue(ada(seller), year, on=ISSUED)

    lose(invoice)

    assert vat(seller, LOST) == []
    assert vat(seller, date(2027, 10, 1)) == []  # it comes to nothing: never due, never taken back


def test_zm_tells_a_loss_apart_by_the_quarter_of_the_service() -> None:
    seller = alpenhost()
    customer = ada(seller, country="DE", vat_id="DE136695976")
    reverse: dict[str, Any] = {"category": "AE", "rate": Decimal(0), "country": "", "exemption_code": "VATEX-EU-AE",
               "exemption_reason": "reverse charge"}  # fmt: skip
    invoice = issue(customer, line("100.00", **reverse), on=ISSUED)

    lose(invoice)

    (row,) = sums(seller, LOST).zm
    assert (row.quarter, row.of_quarter, row.base) == (date(2027, 1, 1), date(2026, 10, 1), Decimal(-100))
    assert [(one.category, one.base) for one in sums(seller, LOST).vat] == [("AE", Decimal(-100))]


def test_oss_takes_a_loss_back_in_a_later_return_whatever_follows_receipts_at_home() -> None:
    seller = alpenhost()
    for kind in ("cash_accounting", "oss", "destination_rate"):
        setting(seller, kind)
    invoice = issue(bob(seller, country="DE"), line("100.00", rate=Decimal(19), country="DE"), on=ISSUED)

    lose(invoice)

    (row,) = sums(seller, LOST).oss
    assert (row.quarter, row.of_quarter, row.country, row.base, row.tax) == (
        date(2027, 1, 1), date(2026, 10, 1), "DE", Decimal(-100), Decimal(-19),
    )  # fmt: skip
    assert sums(seller, LOST).vat == []


def test_only_what_corrections_left_can_be_lost_and_nothing_is_corrected_twice() -> None:
    seller = alpenhost()
    invoice = issue(ada(seller), line("100.00"), line("50.00", rate=Decimal(10)), on=ISSUED)
    correct_invoice(
        invoice, [LineCorrection(2, net_amount=Decimal("50.00"))], reason="not ordered", on=ISSUED, actor=CLARA
    )

    loss = lose(invoice)
    assert lost_by_account() == {"bad_debt 20": "100.00", "vat_payable 20": "20.00"}
    with pytest.raises(errors.WrittenOff):
        cancel_invoice(invoice, bill_again=False, reason="too late", on=ARRIVED, actor=CLARA)

    regain(loss, "120.00")
    cancel_invoice(invoice, bill_again=False, reason="agreed", on=ARRIVED, actor=CLARA)
    assert vat(seller, ARRIVED) == []
    assert status(invoice, ARRIVED) == "cancelled"


def test_a_mistake_counts_on_the_day_of_what_it_undoes() -> None:
    seller = alpenhost()
    invoice = issue(ada(seller), line("100.00"), on=ISSUED)

    regain(lose(invoice), "120.00", arrived_on=None)

    assert vat(seller, LOST) == []
    assert (open_amount(invoice), status(invoice)) == ("120.00", "open")


@pytest.mark.parametrize("lost_on", [date(2026, 11, 4), date(2027, 3, 11)])
def test_a_loss_is_neither_before_its_document_nor_in_the_future(lost_on: date) -> None:
    invoice = issue(ada(alpenhost()), line("100.00"), on=ISSUED)

    with pytest.raises(errors.LossOutOfTime):
        lose(invoice, lost_on=lost_on)


def test_what_is_not_open_cannot_be_lost_and_what_is_not_lost_cannot_come_back() -> None:
    customer = ada(alpenhost())
    invoice = issue(customer, line("100.00"), on=ISSUED)
    loss = lose(invoice)

    with pytest.raises(errors.NothingToWriteOff):
        lose(invoice)
    regain(loss, "100.00")
    for amount in ("20.01", "0.00", "-1.00"):
        with pytest.raises(errors.LossAlreadyRegained):
            regain(loss, amount)
    with pytest.raises(errors.LossOutOfTime):
        regain(loss, "1.00", date(2027, 3, 9))
    correction = correct_invoice(
        issue(customer, line("10.00"), on=LOST),
        [LineCorrection(1, net_amount=Decimal("10.00"))],
        reason="mistake",
        on=LOST,
        actor=CLARA,
    )
    with pytest.raises(errors.NothingToWriteOff):
        lose(Invoice.objects.get(pk=correction.id))


def test_nobody_is_reminded_of_what_is_written_off() -> None:
    seller = alpenhost(payments_booked_until=LOST, reminds_after_days=5)
    invoice = issue(ada(seller), line("100.00"), on=ISSUED)
    assert items_to_remind(seller, "overdue", LOST).exists()

    lose(invoice)

    assert not items_to_remind(seller, "overdue", LOST).exists()
