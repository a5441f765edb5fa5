"""Each tax amount belongs to one return: by service, by receipt, by correction, by quarter and country."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kundenkontor.invoicing.books.queries import open_item_sums, outgoing_book_sums
from kundenkontor.invoicing.correcting.commands import cancel_invoice, correct_invoice
from kundenkontor.invoicing.correcting.corrections import LineCorrection
from kundenkontor.ledger.models import JournalEntry
from kundenkontor.parties.errors import AlreadyDeclared, MonthNotOver, MonthNotWhole, SettingDeclared
from kundenkontor.parties.models import Customer, Seller
from kundenkontor.parties.seller_commands import set_tax_setting
from kundenkontor.payments.commands import offset_balance, refund_balance, reverse_payment, undo_allocation
from kundenkontor.payments.errors import MovedTooEarly, ReceiptUnusual, SucceededLater
from tests.office.books.builders import at, corrections, day, declare, german, served, setting, sums, vat
from tests.office.steps import bytes_of, desk, submit
from tests.support.builders import CLARA, ada, alpenhost, bob, issue
from tests.support.money import balance_of, open_item, pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business_day")]


def test_in_germany_the_month_counts_in_which_the_service_ends() -> None:
    seller = german()
    customer = ada(seller)
    issue(customer, served("1.10.", "31.10."), on=day("5.11."))
    issue(customer, served("1.9.", "30.9.", "0.05"), served("1.11.", "30.11.", "0.08"), on=day("20.11."))

    assert vat(seller, "1.9.", "30.11.") == [
        ("09/26", "19", "0.05", "0.01"), ("10/26", "19", "100.00", "19.00"), ("11/26", "19", "0.08", "0.01"),
    ]  # fmt: skip
    assert vat(seller, "1.11.", "30.11.") == [("11/26", "19", "0.08", "0.01")]
    assert outgoing_book_sums(seller.pk, day("1.11."), day("30.11.")).tax_amount == Decimal("19.02")
    difference = sums(seller, "1.11.", "30.11.").difference
    assert difference.dated == (Decimal("100.13"), Decimal("19.02"))
    assert difference.counted == (Decimal("0.08"), Decimal("0.01"))
    assert difference.elsewhere == (Decimal("100.05"), Decimal("19.01"))


def test_in_austria_a_later_invoice_counts_one_month_later_and_no_more() -> None:
    seller = alpenhost()
    customer = ada(seller)
    issue(customer, at("1.10.", "31.10."), on=day("5.11."))
    issue(customer, at("1.11.", "30.11.", "10.00"), on=day("25.11."))
    issue(customer, at("1.8.", "31.8.", "1.00"), on=day("26.11."))

    assert vat(seller, "1.8.", "30.11.") == [("09/26", "20", "1.00", "0.20"), ("11/26", "20", "110.00", "22.00")]


def test_a_period_billed_in_advance_counts_when_it_is_invoiced_unless_the_seller_settled_otherwise() -> None:
    usual, other = german(), alpenhost()
    setting(other, "advance_by_service", "1.1.")
    issue(ada(usual), served("1.11.", "31.10.27"), on=day("5.11."))
    issue(ada(other), at("1.11.", "31.10.27", "120.00"), on=day("5.11."))

    assert vat(usual, "1.11.", "31.10.27") == [("11/26", "19", "100.00", "19.00")]
    assert vat(other, "1.11.", "31.10.27") == [("10/27", "20", "120.00", "24.00")]


def test_what_is_paid_before_the_service_ends_counts_when_it_is_paid() -> None:
    seller = alpenhost()
    setting(seller, "advance_by_service", "1.1.")
    customer = ada(seller)
    issue(customer, at("1.11.", "31.10.27", "120.00"), on=day("5.11."))
    paid = pay(customer, "48.00", day("10.11."), on=day("12.11."))
    assert vat(seller, "1.11.", "31.10.27") == [("11/26", "20", "40.00", "8.00"), ("10/27", "20", "80.00", "16.00")]

    reverse_payment(paid, reason="returned", returned_on=day("15.11."), on=day("16.11."), actor=CLARA)
    assert vat(seller, "1.11.", "31.10.27") == [("10/27", "20", "120.00", "24.00")]


def test_a_cancelled_advance_is_taxed_until_it_is_paid_back_and_never_when_it_was_not_paid() -> None:
    seller = alpenhost()
    setting(seller, "advance_by_service", "1.1.")
    customer = ada(seller)
    paid, unpaid = (issue(customer, at("1.11.", "31.10.27", net), on=day("5.11.")) for net in ("120.00", "60.00"))
    pay(customer, "144.00", day("10.11."), on=day("10.11."), reference=paid.number)
    for invoice in (paid, unpaid):
        cancel_invoice(invoice, bill_again=False, reason="x", on=day("20.11."), actor=CLARA)
    assert vat(seller, "1.11.", "31.12.") == [("11/26", "20", "120.00", "24.00")]

    refund_balance(balance_of(customer), Decimal("144.00"), on=day("2.12."), actor=CLARA)
    assert vat(seller, "1.11.", "31.10.27") == [
        ("11/26", "20", "120.00", "24.00"),
        ("12/26", "20", "-120.00", "-24.00"),
    ]


def test_money_before_the_document_counts_when_it_came() -> None:
    """§ 19 Abs. 2 Z 1 lit. a UStG AT, § 13 Abs. 1 Nr. 1 a Satz 4 UStG DE: an advance payment."""
    seller = german()
    customer = ada(seller)
    issue(customer, served("1.10.", "31.10.", "1.00"), on=day("2.10."))
    ahead = open_item(issue(customer, served("1.11.", "31.10.27"), on=day("5.11.")))
    pay(customer, "119.00", day("30.10."), on=day("6.11."), allocations=[(ahead.pk, Decimal("119.00"))])

    assert vat(seller, "1.10.", "30.11.") == [("10/26", "19", "101.00", "19.19")]
    assert open_item_sums(seller.pk, day("31.10.")).agrees_with_ledger
    assert open_item_sums(seller.pk, day("31.10.")).balances == Decimal("-119.00")


def test_a_correction_counts_on_its_own_day() -> None:
    seller = german()
    invoice = issue(ada(seller), served("1.9.", "30.9."), on=day("30.9."))
    correct_invoice(invoice, [LineCorrection(1, net_amount=Decimal("10.00"))], reason="x", on=day("5.11."), actor=CLARA)

    assert vat(seller, "1.9.", "30.11.") == [("09/26", "19", "100.00", "19.00"), ("11/26", "19", "-10.00", "-1.90")]


def test_what_comes_after_the_return_was_declared_is_listed_apart_and_never_added_to_the_next() -> None:
    seller = german()
    customer = ada(seller)
    issue(customer, served("1.9.", "30.9."), on=day("30.9."))
    declare(seller, "30.9.", on="10.10.")
    late = issue(customer, served("1.9.", "30.9.", "50.00"), on=day("5.11."))

    assert vat(seller, "1.9.") == [("09/26", "19", "100.00", "19.00")]
    assert vat(seller, "1.10.", "30.11.") == []
    assert corrections(seller, "1.9.") == corrections(seller, "1.11.") == [("09/26", "19", "50.00", "9.50")]
    assert corrections(seller, "1.10.") == []
    difference = sums(seller, "1.11.", "30.11.").difference
    assert difference.corrected == (Decimal("50.00"), Decimal("9.50")) and not any(difference.elsewhere)
    page = desk().get("/office/books/outgoing/?since=2026-11-01&until=2026-11-30").content.decode()
    assert "Correction of UVA 09/2026" in page and late.number in page
    file = bytes_of(desk().get("/office/books/outgoing/?since=2026-11-01&until=2026-11-30&format=sums")).decode()
    assert "Correction of UVA 09/2026,09/2026,,VAT,DE,19.00,81,50.00,9.50,59.50,," in file


def test_money_counts_on_the_day_it_arrived_and_is_posted_while_the_month_is_open() -> None:
    seller = german()
    setting(seller, "cash_accounting", "1.1.")
    customer = ada(seller)
    issue(customer, served("1.9.", "30.9.", "200.00"), on=day("1.9."))
    pay(customer, "119.00", day("28.9."), on=day("2.10."))
    assert vat(seller, "1.9.", "30.11.") == [("09/26", "19", "100.00", "19.00")]
    assert open_item_sums(seller.pk, day("30.9.")).receivables == Decimal("119.00")

    declare(seller, "30.9.", on="10.10.")
    pay(customer, "59.50", day("29.9."), on=day("11.11."))
    pay(customer, "11.90", day("30.10."), on=day("11.11."))

    assert vat(seller, "1.9.", "30.11.") == [("09/26", "19", "100.00", "19.00"), ("10/26", "19", "10.00", "1.90")]
    assert corrections(seller, "1.9.", "30.11.") == [("09/26", "19", "50.00", "9.50")]
    assert corrections(seller, "1.11.") == []  # it is posted on 1 October, the first open day
    days = JournalEntry.objects.filter(kind="payment").order_by("id").values_list("tax_day", "entry_date")
    assert list(days) == [(day("28.9."),) * 2, (day("29.9."), day("1.10.")), (day("30.10."),) * 2]
    assert open_item_sums(seller.pk, day("30.9.")).receivables == Decimal("119.00")
    assert open_item_sums(seller.pk, day("1.10.")).receivables == Decimal("59.50")


def test_months_are_declared_whole_when_they_are_over_and_opened_again_by_an_earlier_day() -> None:
    seller = german()
    customer = ada(seller)
    for until, refusal in (("30.11.", MonthNotOver), ("15.10.", MonthNotWhole)):
        with pytest.raises(refusal):
            declare(seller, until, on="23.11.")
    declare(seller, "31.10.", on="23.11.")
    with pytest.raises(AlreadyDeclared):
        declare(seller, "31.10.", on="23.11.")
    with pytest.raises(SettingDeclared):
        set_tax_setting(seller, "oss", applies=True, valid_from=day("31.10."), on=day("23.11."), actor=CLARA)
    declare(seller, "30.9.", on="24.11.")
    issue(customer, served("1.10.", "31.10."), on=day("24.11."))

    assert vat(seller, "1.10.") == [("10/26", "19", "100.00", "19.00")] and corrections(seller, "1.10.") == []


def test_returns_are_declared_on_a_page_of_their_own() -> None:
    seller = german()
    done = submit(desk(), "/office/books/declared/new/", seller=seller.pk, kind="vat", until="31.10.2026")
    assert done.status_code == 302
    assert b"VAT return (UVA),2026-10-31,Nordhost GmbH" in bytes_of(desk().get("/office/books/declared/?format=csv"))
    wrong = submit(desk(), "/office/books/declared/new/", seller=seller.pk, kind="vat", until="30.10.2026")
    assert "last day of a month" in wrong.content.decode()
    assert desk("auditor").get("/office/books/declared/").status_code == 200
    assert desk("auditor").get("/office/books/declared/new/").status_code == 403


def test_a_returned_payment_counts_when_it_left_and_a_mistake_when_it_was_said_to_come() -> None:
    seller = german()
    setting(seller, "cash_accounting", "1.1.")
    customer = ada(seller)
    issue(customer, served("1.9.", "30.9.", "200.00"), on=day("1.9."))
    first, second = (pay(customer, "119.00", day("10.9."), on=day("10.9.")) for _ in range(2))
    with pytest.raises(MovedTooEarly):
        reverse_payment(first, reason="x", returned_on=day("9.9."), on=day("20.11."), actor=CLARA)

    reverse_payment(first, reason="back", returned_on=day("15.10."), on=day("20.11."), actor=CLARA)
    assert vat(seller, "1.9.", "30.11.") == [("09/26", "19", "200.00", "38.00"), ("10/26", "19", "-100.00", "-19.00")]
    reverse_payment(second, reason="typed twice", is_mistake=True, on=day("20.11."), actor=CLARA)
    assert vat(seller, "1.9.", "30.11.") == [("09/26", "19", "100.00", "19.00"), ("10/26", "19", "-100.00", "-19.00")]


def test_money_that_settled_the_wrong_document_keeps_its_day() -> None:
    seller = german()
    setting(seller, "cash_accounting", "1.1.")
    customer = ada(seller)
    wrong = issue(customer, served("1.9.", "30.9.", "100.00"), on=day("1.9."))
    right = issue(customer, served("1.9.", "30.9.", "100.00", rate=Decimal(7)), on=day("1.9."))
    paid = pay(customer, "107.00", day("10.9."), on=day("10.9."), reference=wrong.number)
    declare(seller, "30.9.", on="10.10.")

    undo_allocation(paid.allocations.get(), reason="x", on=day("20.11."), actor=CLARA)
    offset_balance(balance_of(customer), open_item(right), Decimal("107.00"), on=day("20.11."), actor=CLARA)

    assert vat(seller, "1.9.") == [("09/26", "19", "89.92", "17.08")] and vat(seller, "1.10.", "30.11.") == []
    assert corrections(seller, "1.9.") == [("09/26", "7", "100.00", "7.00"), ("09/26", "19", "-89.92", "-17.08")]


def test_clearing_with_a_correction_settles_the_rate_that_was_corrected() -> None:
    seller = german()
    setting(seller, "cash_accounting", "1.1.")
    customer = ada(seller)
    invoice = issue(customer, served("1.9.", "30.9."), served("1.9.", "30.9.", rate=Decimal(7)), on=day("1.9."))
    correct_invoice(
        invoice, [LineCorrection(2, net_amount=Decimal("100.00"))], reason="x", on=day("5.10."), actor=CLARA
    )
    assert vat(seller, "1.9.", "31.10.") == []

    pay(customer, "59.50", day("10.11."), on=day("10.11."))
    assert vat(seller, "1.9.", "30.11.") == [("11/26", "19", "50.00", "9.50")]


def test_a_corrected_rate_is_taxed_no_more_as_far_as_it_was_paid() -> None:
    seller = german()
    setting(seller, "cash_accounting", "1.1.")
    customer = ada(seller)
    invoice = issue(customer, served("1.9.", "30.9."), served("1.9.", "30.9.", rate=Decimal(7)), on=day("1.9."))
    pay(customer, "226.00", day("10.9."), on=day("10.9."))
    correct_invoice(
        invoice, [LineCorrection(2, net_amount=Decimal("100.00"))], reason="x", on=day("5.10."), actor=CLARA
    )
    assert vat(seller, "1.9.", "31.10.") == [("09/26", "7", "100.00", "7.00"), ("09/26", "19", "100.00", "19.00")]

    refund_balance(balance_of(customer), Decimal("107.00"), refunded_on=day("20.10."), on=day("2.11."), actor=CLARA)
    assert vat(seller, "1.10.", "30.11.") == [("10/26", "7", "-100.00", "-7.00")]


def consumer(seller: Seller, country: str, number: str) -> Customer:
    return bob(seller, country=country, number=number)


def oss(rows: Any) -> list[tuple[str, str, str, str, str]]:
    """Return and service, each as quarter.year; country, net, VAT."""

    def name(one: date) -> str:
        return f"{(one.month + 2) // 3}.{one:%y}"

    return [(name(row.quarter), name(row.of_quarter), row.country, str(row.base), str(row.tax)) for row in rows]


def test_oss_goes_by_quarter_of_the_service_and_tells_earlier_quarters_apart() -> None:
    seller = german()
    setting(seller, "oss", "1.7.25")
    italian, french = consumer(seller, "IT", "1"), consumer(seller, "FR", "2")
    italy: dict[str, Any] = {"rate": Decimal(22), "country": "IT"}
    first = issue(italian, served("1.9.", "30.9.", **italy), on=day("2.10."))
    issue(french, served("1.11.", "30.11.", rate=Decimal(20), country="FR"), on=day("15.11."))
    correct_invoice(first, [LineCorrection(1, net_amount=Decimal("10.00"))], reason="x", on=day("3.10."), actor=CLARA)
    declare(seller, "30.9.", on="31.10.", kind="oss")
    issue(italian, served("1.9.", "30.9.", "5.00", **italy), on=day("16.11."))

    assert oss(sums(seller, "1.7.", "30.9.").oss) == [("3.26", "3.26", "IT", "100.00", "22.00")]
    assert oss(sums(seller, "1.10.", "31.12.").oss) == [
        ("4.26", "3.26", "IT", "-5.00", "-1.10"), ("4.26", "4.26", "FR", "100.00", "20.00"),
    ]  # fmt: skip
    file = bytes_of(desk().get("/office/books/outgoing/?since=2026-10-01&until=2026-12-31&format=sums")).decode()
    assert "One-Stop-Shop (OSS): correction of Q3/2026,Q4/2026 for Q3/2026,,VAT,IT,22.00,45,-5.00,-1.10,-6.10,," in file
    assert vat(seller, "1.7.", "31.12.") == []


def test_what_lies_between_the_two_oss_dates_wants_a_registration_in_the_country() -> None:
    seller = german()
    setting(seller, "destination_rate", "1.5.")
    setting(seller, "oss", "1.7.")
    italian = consumer(seller, "IT", "1")
    italy: dict[str, Any] = {"rate": Decimal(22), "country": "IT"}
    issue(italian, served("1.6.", "30.6.", **italy), on=day("30.6."))
    issue(italian, served("1.7.", "31.7.", **italy), on=day("31.7."))

    found = sums(seller, "1.4.", "30.9.")
    assert oss(found.oss) == [("3.26", "3.26", "IT", "100.00", "22.00")]
    assert oss(found.unregistered) == [("2.26", "2.26", "IT", "100.00", "22.00")]
    page = desk().get("/office/books/outgoing/?since=2026-06-01&until=2026-06-30").content.decode()
    assert "Registration in the country needed" in page and "Nothing counts in this period" in page


def test_zm_follows_the_service_whoever_paid_and_the_seller_settles_what_advances_do() -> None:
    usual, other = alpenhost(), alpenhost(short_name="two", name="Two GmbH")
    reverse: dict[str, Any] = {"category": "AE", "rate": Decimal(0), "country": "DE", "exemption_code": "VATEX-EU-AE",
                               "exemption_reason": "RC"}  # fmt: skip
    for seller in (usual, other):
        setting(seller, "cash_accounting", "1.1.")
        customer = ada(seller, country="DE", vat_id="DE136695976")
        issue(customer, at("1.9.", "30.9.", "1.00", **reverse), on=day("10.10."))
        issue(customer, at("1.11.", "31.1.27", "2.00", **reverse), on=day("5.11."))
    setting(other, "eu_by_invoice", "1.1.")

    def zm(seller: Seller) -> list[tuple[str, str, str]]:
        rows = sums(seller, "1.7.", "31.3.27").zm
        return [(f"{row.quarter:%m/%y}", row.vat_id, str(row.base)) for row in rows]

    assert zm(usual) == [("07/26", "DE136695976", "1.00"), ("01/27", "DE136695976", "2.00")]
    assert zm(other) == [("07/26", "DE136695976", "1.00"), ("10/26", "DE136695976", "2.00")]
    text = desk().get("/office/books/outgoing/?since=2026-07-01&until=2026-09-30").content.decode()
    (table,) = re.findall("<table.*?</table>", text.split("Recapitulative statement (ZM)")[1], re.DOTALL)[:1]
    assert re.findall(r'scope="col"[^>]*>([^<]+)<', table) == ["VAT id", "Return period", "Case", "Country", "Net"]


def test_cards_count_when_the_provider_took_the_money_or_as_the_seller_settled_it() -> None:
    usual, other = german(), alpenhost(country="DE")
    setting(other, "card_on_credit", "1.1.")
    for seller in (usual, other):
        setting(seller, "cash_accounting", "1.1.")
        customer = ada(seller)
        issue(customer, served("1.9.", "30.9."), on=day("1.9."))
        card: dict[str, Any] = {"method": "card", "succeeded_on": day("30.9.")}
        pay(customer, "119.00", day("2.10."), on=day("3.10."), **card)
        with pytest.raises(SucceededLater):
            pay(customer, "1.00", day("29.9."), on=day("3.10."), **card)

    assert [row[0] for row in vat(usual, "1.9.", "31.10.")] == ["09/26"]
    assert [row[0] for row in vat(other, "1.9.", "31.10.")] == ["10/26"]


def test_a_receipt_before_the_first_document_or_long_ago_is_asked_about() -> None:
    seller = german()
    customer = ada(seller)
    issue(customer, served("1.9.", "30.9."), on=day("1.9."))
    for unusual in ("31.8.", "10.10.25"):
        with pytest.raises(ReceiptUnusual):
            pay(customer, "1.00", day(unusual), on=day("20.11."))
    pay(customer, "1.00", day("31.8."), on=day("20.11."), is_confirmed=True)

    url = f"/office/payments/new/?customer={customer.pk}"
    typed = {"amount": "2.00", "received_on": "31.08.2026", "method": "transfer", "reference": "", "payer": ""}
    asked = submit(desk(), url, **typed)
    text = asked.content.decode()
    assert asked.status_code == 422 and "Is it right?" in text and "The day is right" in text
    assert submit(desk(), url, **typed, is_confirmed="on").status_code == 302
    assert "The day is right" not in desk().get(url).content.decode()


def test_the_sums_of_a_seller_hold_nothing_of_another() -> None:
    seller, other = german(), alpenhost()
    issue(ada(other), at("1.11.", "30.11."), on=day("20.11."))
    assert vat(seller, "1.11.") == [] and vat(other, "1.11.") == [("11/26", "20", "100.00", "20.00")]
