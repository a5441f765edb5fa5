"""Rechnungsausgangsbuch and Offene-Posten-Liste agree with the ledger, on any day."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kundenkontor.invoicing.books.queries import open_item_sums, open_items_on, outgoing_book_sums
from kundenkontor.invoicing.books.sums import return_sums
from kundenkontor.invoicing.correcting.commands import cancel_invoice, correct_invoice
from kundenkontor.invoicing.correcting.corrections import LineCorrection
from kundenkontor.ledger.commands import AccountKey, Accounts, EntryDraft, write_entries
from kundenkontor.parties.models import Customer, Seller, SellerTaxSetting
from kundenkontor.payments.commands import offset_balance, refund_balance, reverse_payment
from kundenkontor.payments.models import Payment
from tests.office.steps import bytes_of, desk, queries
from tests.support import money
from tests.support.builders import CLARA, ada, alpenhost, bob, issue, line
from tests.support.money import balance_of, open_item

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business_day")]
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


@pytest.fixture
def seller() -> Seller:
    return alpenhost()


def kabel(seller: Seller) -> Customer:
    return bob(
        seller, company="Kabel GmbH", country="DE", is_taxable_person=True, is_consumer=False,
        vat_id="DE136695976", vat_id_state="checked",
    )  # fmt: skip


def mixed_month(seller: Seller) -> None:
    """Domestic, reverse charge and OSS documents, one corrected in part and one cancelled."""
    SellerTaxSetting.objects.create(seller=seller, kind="oss", valid_from=date(2021, 7, 1), applies=True)
    customer = ada(seller)
    corrected, cancelled = issue(customer, line("100.00")), issue(customer, line("70.00"))
    texts: dict[str, Any] = {
        "category": "AE",
        "rate": Decimal(0),
        "exemption_code": "VATEX-EU-AE",
        "exemption_reason": "RC",
    }
    issue(kabel(seller), line("50.00", **{**texts, "country": "DE"}))
    consumer = ada(seller, number="11003", company="", country="IT", is_taxable_person=False, vat_id="",
                   vat_id_state="none")  # fmt: skip
    issue(consumer, line("40.00", rate=Decimal(22), country="IT"))
    part = [LineCorrection(1, net_amount=Decimal("30.00"))]
    correct_invoice(corrected, part, reason="outage", on=date(2026, 11, 24), actor=CLARA)
    cancel_invoice(cancelled, bill_again=False, reason="wrong", on=date(2026, 11, 24), actor=CLARA)


@pytest.mark.invariant("I-M1")
def test_the_sums_for_uva_zm_and_oss_equal_the_ledger(seller: Seller) -> None:
    mixed_month(seller)
    sums, book = return_sums(seller.pk, "AT", FIRST, LAST), outgoing_book_sums(seller.pk, FIRST, LAST)
    returned = {(row.category, row.country): (str(row.base), str(row.tax)) for row in sums.vat}
    assert returned == {("S", "AT"): ("70.00", "14.00"), ("AE", ""): ("50.00", "0.00")}
    assert [(row.vat_id, str(row.base)) for row in sums.zm] == [("DE136695976", "50.00")]
    oss = [(row.country, str(row.rate), str(row.base), str(row.tax)) for row in sums.oss]
    assert oss == [("IT", "22.00", "40.00", "8.80")]
    assert book.agrees_with_ledger and book.documents == 6
    assert not outgoing_book_sums(seller.pk, date(2026, 10, 1), date(2026, 10, 31)).documents


def test_the_book_has_a_row_per_document_and_rate_as_page_and_as_csv(seller: Seller) -> None:
    mixed_month(seller)
    asked = "?since=2026-11-01&until=2026-11-30"
    text = desk().get(f"/office/books/outgoing/{asked}").content.decode()
    assert "These sums equal the ledger" in text and "DE136695976" in text and "\u221230.00" in text
    answer = desk().get(f"/office/books/outgoing/{asked}&format=csv")
    rows = list(csv.DictReader(bytes_of(answer).decode("utf-8-sig").splitlines()))
    assert len(rows) == 6 and [row["Kind"] for row in rows[-2:]] == ["Invoice correction", "Cancellation invoice"]
    corrected = {name: rows[-2][name] for name in ("Kind (2)", "Service to", "Due", "Country of the customer")}
    assert corrected == {
        "Kind (2)": rows[0]["Number"], "Service to": "2026-11-30", "Due": "", "Country of the customer": "AT"
    }  # fmt: skip
    assert [rows[-2][name] for name in ("Net", "VAT", "Gross", "Rounding", "Payable")] == [
        "-30.00", "-6.00", "-36.00", "0.00", "-36.00"
    ]  # fmt: skip


def test_the_file_of_the_book_adds_up_to_what_customers_owe(seller: Seller) -> None:
    three = [line("4.991667", agreed_gross=Decimal("5.99")) for _ in range(3)]
    invoice = issue(bob(seller), *three, line("10.00", rate=Decimal(10)))
    assert (invoice.total_with_vat, invoice.rounding_amount) == (Decimal("28.98"), Decimal("-0.01"))
    asked = "/office/books/outgoing/?since=2026-11-01&until=2026-11-30&format="

    rows = list(csv.DictReader(bytes_of(desk().get(f"{asked}csv")).decode("utf-8-sig").splitlines()))

    assert [row["Rounding"] for row in rows] == ["-0.01", "0.00"]
    assert sum(Decimal(row["Payable"]) for row in rows) == open_item_sums(seller.pk, LAST).receivables


def test_the_sums_of_the_book_are_a_file_of_their_own(seller: Seller) -> None:
    mixed_month(seller)

    answer = desk().get("/office/books/outgoing/?since=2026-11-01&until=2026-11-30&format=sums")

    assert bytes_of(answer).decode("utf-8-sig").splitlines() == [
        "Sum for,Return period,VAT id,Case,Country,Rate %,Box (hint),Net,VAT,Gross,Rounding,Payable",
        "VAT return (UVA),11/2026,,Reverse charge,,0.00,,50.00,0.00,50.00,,",
        'VAT return (UVA),11/2026,,VAT,AT,20.00,"000, 022",70.00,14.00,84.00,,',
        "Recapitulative statement (ZM),Q4/2026,DE136695976,Reverse charge,DE,0.00,,50.00,0.00,50.00,,",
        "One-Stop-Shop (OSS),Q4/2026,,VAT,IT,22.00,,40.00,8.80,48.80,,",
        "All documents,,,,,,,160.00,22.80,182.80,0.00,182.80",
    ]


@pytest.mark.invariant("I-M1")
def test_revenue_booked_for_another_country_at_the_same_rate_is_a_difference(seller: Seller) -> None:
    issue(ada(seller))
    keys = [AccountKey("revenue", "S", Decimal("20.00"), country) for country in ("AT", "FR")]
    accounts = Accounts(seller.pk, keys)
    home, abroad = (accounts[key] for key in keys)

    moved = EntryDraft("moved", "1", None, [(home, abroad, Decimal("10.00"), None, None)], FIRST)
    write_entries(seller.pk, [moved])

    assert not outgoing_book_sums(seller.pk, FIRST, LAST).agrees_with_ledger


def received(seller: Seller, month: int) -> list[tuple[str, str, str]]:
    """Rate, net and VAT of a month by money received."""
    day = date(2026, month, 1)
    return [(str(row.rate), str(row.base), str(row.tax)) for row in return_sums(seller.pk, "AT", day, day).vat]


def pay(customer: Customer, amount: str, received_on: date) -> Payment:
    return money.pay(customer, amount, received_on, on=received_on + timedelta(days=4), actor=CLARA)


@pytest.fixture
def on_receipt(seller: Seller) -> Seller:
    SellerTaxSetting.objects.create(seller=seller, kind="cash_accounting", valid_from=date(2026, 3, 1), applies=True)
    return seller


def test_vat_owed_on_receipt_counts_parts_of_payments_to_the_cent(on_receipt: Seller) -> None:
    customer = ada(on_receipt)
    issue(customer, line("100.00"), line("0.05", rate=Decimal(10)), on=date(2026, 3, 2))  # 120.06
    for month, amount in ((3, "40.02"), (4, "40.02"), (5, "40.02")):
        pay(customer, amount, date(2026, month, 30))  # booked in the next month, received in this one

    assert received(on_receipt, 3) == [("10.00", "0.02", "0.00"), ("20.00", "33.33", "6.67")]
    assert received(on_receipt, 4) == [("10.00", "0.01", "0.01"), ("20.00", "33.34", "6.66")]
    assert received(on_receipt, 5) == [("10.00", "0.02", "0.00"), ("20.00", "33.33", "6.67")]
    assert received(on_receipt, 6) == []
    assert outgoing_book_sums(on_receipt.pk, date(2026, 3, 1), date(2026, 3, 31)).tax_amount == Decimal("20.01")


def test_vat_owed_on_receipt_falls_with_returned_payments_and_paid_back_corrections(on_receipt: Seller) -> None:
    customer = ada(on_receipt)
    returned, cancelled, unpaid = (issue(customer, line("100.00"), on=date(2026, 3, 2)) for _ in range(3))
    payment = pay(customer, "120.00", date(2026, 3, 10))
    money.pay(customer, "120.00", date(2026, 3, 11), reference=cancelled.number,
                   on=date(2026, 3, 12), actor=CLARA)  # fmt: skip
    assert received(on_receipt, 3) == [("20.00", "200.00", "40.00")]

    reverse_payment(payment, reason="Returned", on=date(2026, 4, 1), actor=CLARA)
    for invoice in (cancelled, unpaid):
        cancel_invoice(invoice, bill_again=False, reason="x", on=date(2026, 5, 1), actor=CLARA)
    assert (received(on_receipt, 4), received(on_receipt, 5)) == ([("20.00", "-100.00", "-20.00")], [])

    balance = balance_of(customer)
    offset_balance(balance, open_item(returned), Decimal("60.00"), on=date(2026, 6, 1), actor=CLARA)
    refund_balance(balance, Decimal("60.00"), on=date(2026, 7, 1), actor=CLARA)
    assert (received(on_receipt, 6), received(on_receipt, 7)) == ([], [("20.00", "-50.00", "-10.00")])


def test_documents_from_before_the_change_count_when_issued_and_only_then(on_receipt: Seller) -> None:
    customer = ada(on_receipt)
    issue(customer, line("100.00"), on=date(2026, 2, 2))
    issue(customer, line("10.00"), on=date(2026, 3, 2))
    pay(customer, "132.00", date(2026, 3, 20))

    assert received(on_receipt, 2) == [("20.00", "100.00", "20.00")]
    assert received(on_receipt, 3) == [("20.00", "10.00", "2.00")]


def test_the_book_shows_vat_owed_on_receipt_only_where_it_is(on_receipt: Seller) -> None:
    quiet = alpenhost(short_name="quiet", name="Quiet GmbH")
    issue(ada(on_receipt), on=date(2026, 3, 2))
    pay(Customer.objects.get(), "12.00", date(2026, 3, 20))
    asked = "/office/books/outgoing/?since=2026-03-01&until=2026-03-31&seller="

    assert "owes VAT on receipt" in desk().get(f"{asked}{on_receipt.pk}").content.decode()
    assert "owes VAT on receipt" not in desk().get(f"{asked}{quiet.pk}").content.decode()
    sums = bytes_of(desk().get(f"{asked}{on_receipt.pk}&format=sums")).decode("utf-8-sig").splitlines()
    assert sums[1:-1] == ['VAT return (UVA),03/2026,,VAT,AT,20.00,"000, 022",10.00,2.00,12.00,,']


@pytest.mark.feature("M24")
def test_open_items_are_reconstructed_for_any_day(seller: Seller) -> None:
    customer = ada(seller)
    invoice = issue(customer, line("100.00"), on=date(2026, 10, 1))
    money.pay(customer, "20.00", date(2026, 10, 10), on=date(2026, 10, 10), actor=CLARA)
    cancel_invoice(invoice, bill_again=False, reason="x", on=date(2026, 11, 5), actor=CLARA)

    def on(day: date) -> list[str]:
        return [str(row.open_amount) for row in open_items_on(seller.pk, day)]

    assert on(date(2026, 9, 30)) == []
    assert on(date(2026, 10, 9)) == ["120.00"]
    assert on(date(2026, 10, 10)) == ["100.00"]
    assert on(date(2026, 11, 5)) == ["-20.00"]
    for day in (date(2026, 10, 9), date(2026, 10, 10), date(2026, 11, 5)):
        assert open_item_sums(seller.pk, day).agrees_with_ledger
    ages = open_item_sums(seller.pk, date(2026, 11, 4))
    assert (ages.up_to_30, ages.receivables) == (Decimal("100.00"), Decimal("100.00"))


def test_the_list_of_open_items_is_a_page_and_a_file(seller: Seller) -> None:
    issue(ada(seller))
    text = desk().get("/office/books/open-items/?day=2026-11-23").content.decode()
    assert "RE2026000001" in text and "EUR\u00a012.00" in text and "equal the ledger" in text
    answer = desk().get("/office/books/open-items/?day=2026-11-23&format=csv")
    assert b"RE2026000001" in bytes_of(answer)
    assert "Nothing was open" in desk().get("/office/books/open-items/?day=2026-11-22").content.decode()


def test_pages_of_open_items_follow_each_other_without_gap(seller: Seller) -> None:
    customer = ada(seller)
    for _ in range(5):
        issue(customer)
    first = open_items_on(seller.pk, LAST, size=2)
    second = open_items_on(seller.pk, LAST, after=(first[-1].due_date, first[-1].id), size=10)
    assert len({row.number for row in [*first, *second]}) == 5


def test_a_wrong_day_is_said_beside_its_field(seller: Seller) -> None:
    answer = desk().get("/office/books/open-items/?day=yesterday")
    assert answer.status_code == 422 and "31.12.2026" in answer.content.decode()


def test_only_readers_of_books_see_them_with_the_same_queries(seller: Seller) -> None:
    customer = ada(seller)
    issue(customer)
    for url in ("/office/books/outgoing/", "/office/books/open-items/"):
        assert desk("auditor").get(url).status_code == 200
        assert desk("support").get(url).status_code == 403
        before = queries(desk(), url)
        issue(customer)
        issue(customer)
        assert queries(desk(), url) == before
