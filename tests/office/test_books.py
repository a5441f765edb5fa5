"""Rechnungsausgangsbuch and Offene-Posten-Liste agree with the ledger, on any day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kundenkontor.invoicing.commands.corrections import cancel_invoice, correct_invoice
from kundenkontor.invoicing.corrections import LineCorrection
from kundenkontor.invoicing.queries_books import open_item_sums, open_items_on, outgoing_book_sums
from kundenkontor.parties.models import Customer, Seller
from kundenkontor.payments.commands import record_payment
from tests.office.desk import bytes_of, desk, queries
from tests.support.builders import CLARA, ada, alpenhost, bob, issue, line

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
    customer = ada(seller)
    corrected, cancelled = issue(customer, line("100.00")), issue(customer, line("70.00"))
    texts: dict[str, Any] = {
        "vat_category": "AE",
        "vat_rate": Decimal(0),
        "exemption_code": "VATEX-EU-AE",
        "exemption_reason": "RC",
    }
    issue(kabel(seller), line("50.00", **{**texts, "country": "DE"}))
    consumer = ada(seller, number="11003", company="", country="IT", is_taxable_person=False, vat_id="",
                   vat_id_state="none")  # fmt: skip
    issue(consumer, line("40.00", vat_rate=Decimal(22), country="IT"))
    part = [LineCorrection(1, net_amount=Decimal("30.00"))]
    correct_invoice(corrected, part, reason="outage", on=date(2026, 11, 24), actor=CLARA)
    cancel_invoice(cancelled, bill_again=False, reason="wrong", on=date(2026, 11, 24), actor=CLARA)


@pytest.mark.invariant("I-M1")
def test_the_sums_for_uva_zm_and_oss_equal_the_ledger(seller: Seller) -> None:
    mixed_month(seller)
    sums = outgoing_book_sums(seller.pk, "AT", FIRST, LAST)
    returned = {(row.category, row.country): (str(row.taxable_amount), str(row.tax_amount)) for row in sums.vat_return}
    assert returned == {("S", "AT"): ("70.00", "14.00"), ("AE", ""): ("50.00", "0.00")}
    assert [(row.key, str(row.taxable_amount)) for row in sums.recapitulative] == [("DE136695976", "50.00")]
    oss = [(row.country, str(row.rate), str(row.taxable_amount), str(row.tax_amount)) for row in sums.one_stop_shop]
    assert oss == [("IT", "22.00", "40.00", "8.80")]
    assert sums.agrees_with_ledger and sums.documents == 6
    assert not outgoing_book_sums(seller.pk, "AT", date(2026, 10, 1), date(2026, 10, 31)).documents


def test_the_book_has_a_row_per_document_and_rate_as_page_and_as_csv(seller: Seller) -> None:
    mixed_month(seller)
    asked = "?since=2026-11-01&until=2026-11-30"
    text = desk().get(f"/office/books/outgoing/{asked}").content.decode()
    assert "These sums equal the ledger" in text and "DE136695976" in text and "\u221230.00" in text
    answer = desk().get(f"/office/books/outgoing/{asked}&format=csv")
    rows = bytes_of(answer).decode().splitlines()
    assert len(rows) == 7 and any("-30.00,-6.00,-36.00" in row for row in rows)


@pytest.mark.feature("M24")
def test_open_items_are_reconstructed_for_any_day(seller: Seller) -> None:
    customer = ada(seller)
    invoice = issue(customer, line("100.00"), on=date(2026, 10, 1))
    record_payment(customer, Decimal("20.00"), date(2026, 10, 10), on=date(2026, 10, 10), actor=CLARA)
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
