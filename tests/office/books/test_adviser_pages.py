"""What the adviser asks for: journal, accounts, settlements, checks of VAT ids, deferred income."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal

import pytest

from kundenkontor.invoicing.books.deferral import deferred_lines, deferred_sums
from kundenkontor.invoicing.correcting.commands import correct_invoice
from kundenkontor.invoicing.correcting.corrections import LineCorrection
from kundenkontor.invoicing.issuing.lines import ServicePeriod
from kundenkontor.ledger.models import Account
from kundenkontor.ledger.queries import account_sums
from kundenkontor.parties.models import Seller
from kundenkontor.payments.commands import undo_allocation
from kundenkontor.taxes.commands import record_vat_id_check
from tests.office.steps import bytes_of, desk, queries
from tests.support.builders import CLARA, TODAY, ada, alpenhost, issue, line
from tests.support.money import pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business_day")]
YEAR_END = date(2026, 12, 31)


@pytest.fixture
def seller() -> Seller:
    return alpenhost()


def rows(url: str) -> list[dict[str, str]]:
    return list(csv.DictReader(bytes_of(desk().get(url)).decode("utf-8-sig").splitlines()))


def page(url: str) -> str:
    answer = desk().get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_journal_has_every_posting_and_leads_to_its_document(seller: Seller) -> None:
    invoice = issue(ada(seller), line("100.00"))
    payment = pay(invoice.customer, "120.00")

    found = rows("/office/books/journal/?format=csv")

    assert [(row["Debit"], row["Credit"], row["Amount"]) for row in found] == [
        ("Receivables", "Revenue S 20\u00a0% AT", "100.00"),
        ("Receivables", "VAT owed S 20\u00a0% AT", "20.00"),
        ("Bank", "Receivables", "120.00"),
    ]
    assert [row["Booked (2)"] for row in found] == [invoice.number] * 3
    text = page("/office/books/journal/")
    assert f"/office/invoices/{invoice.pk}/" in text and f"Payment {payment.pk}" in text


def test_accounts_add_up_to_nothing_and_have_a_sheet_each(seller: Seller) -> None:
    customer = ada(seller)
    issue(customer, line("100.00"), on=date(2026, 10, 5))
    pay(customer, "20.00")

    sums = account_sums(seller.pk, date(2026, 11, 1), TODAY)
    assert sum(row.opening for row in sums.values()) == sum(row.closing for row in sums.values()) == 0
    owed = Account.objects.get(seller=seller, role="receivable")
    assert sums[owed.pk][1:] == (Decimal("120.00"), Decimal("0.00"), Decimal("20.00"))
    assert sums[owed.pk].closing == Decimal("100.00")
    sheet = rows(f"/office/books/accounts/{owed.pk}/?format=csv&since=2026-10-01")
    assert [(row["Against"], row["Debit"], row["Credit"]) for row in sheet] == [
        ("Revenue S 20\u00a0% AT", "100.00", ""), ("VAT owed S 20\u00a0% AT", "20.00", ""), ("Bank", "", "20.00"),
    ]  # fmt: skip
    assert f"/office/books/accounts/{owed.pk}/?seller={seller.pk}&amp;since=" in page("/office/books/accounts/")
    assert "100.00" in page(f"/office/books/accounts/{owed.pk}/")


def test_settlements_name_payment_document_and_day_and_show_what_was_undone(seller: Seller) -> None:
    invoice = issue(ada(seller), on=date(2026, 11, 2))
    payment = pay(invoice.customer, "20.00", date(2026, 11, 10), reference="R 7")
    undo_allocation(payment.allocations.get(), reason="x", on=TODAY, actor=CLARA)

    found = rows("/office/books/settlements/?format=csv")

    assert [(row["Settles"], row["Reference"], row["Counts for VAT on"], row["Paid in all"]) for row in found] == [
        (invoice.number, "R 7", "2026-11-10", "20.00")
    ] * 2
    assert sorted(row["Settled"] for row in found) == ["-12.00", "12.00"]
    assert not rows("/office/books/settlements/?format=csv&since=2026-11-11")
    assert invoice.number in page("/office/books/settlements/?q=11001")


def test_checks_of_vat_ids_are_evidence(seller: Seller) -> None:
    customer = ada(seller, vat_id_state="unchecked")
    record_vat_id_check([customer], outcome="valid", way="staff", evidence="letter of 3 May", on=TODAY, actor=CLARA)

    (found,) = rows("/office/books/vat-id-checks/?format=csv")

    assert (found["VAT id"], found["Outcome"], found["Evidence"]) == ("ATU87654325", "valid", "letter of 3 May")
    assert "letter of 3 May" in page("/office/books/vat-id-checks/?outcome=valid&since=2026-11-01&until=2026-11-30")
    assert "letter of 3 May" not in page("/office/books/vat-id-checks/?outcome=invalid")


def test_income_is_deferred_by_days_and_year(seller: Seller) -> None:
    customer = ada(seller)
    two_years = line("731.00")._replace(period=ServicePeriod(date(2026, 7, 1), date(2028, 6, 30)))  # 184 + 365 + 182
    invoice = issue(customer, two_years, line("5.00"))
    issue(customer, line("31.00")._replace(period=ServicePeriod(date(2027, 1, 1), date(2027, 1, 31))))
    issue(customer, two_years, on=date(2027, 1, 2))

    assert [(row.year, str(row.deferred)) for row in deferred_sums(seller.pk, YEAR_END)] == [
        (2027, "396.00"), (2028, "182.00"),
    ]  # fmt: skip
    assert [str(row.deferred) for row in deferred_lines(seller.pk, YEAR_END)] == ["547.00", "31.00"]
    correct_invoice(
        invoice, [LineCorrection(1, net_amount=Decimal("73.10"))], reason="x", on=date(2027, 1, 2), actor=CLARA
    )
    assert [str(row.deferred) for row in deferred_sums(seller.pk, YEAR_END)] == ["396.00", "182.00"]
    assert [(row.year, str(row.deferred)) for row in deferred_sums(seller.pk, date(2027, 12, 31))] == [(2028, "345.80")]
    text = page("/office/books/deferral/")
    assert "547.00" in text and "396.00" in text
    assert [row["To be deferred"] for row in rows("/office/books/deferral/?format=csv")] == ["547.00", "31.00"]
    sums = rows("/office/books/deferral/?format=sums")
    assert [(row["Belongs to"], row["To be deferred"]) for row in sums] == [("2027", "396.00"), ("2028", "182.00")]


def test_pages_for_the_adviser_take_the_same_queries_for_more_rows(seller: Seller) -> None:
    customer = ada(seller)
    urls = ("journal", "accounts", "settlements", "vat-id-checks", "deferral", "declared")
    before: dict[str, int] = {}
    for round_ in range(2):
        for _ in range(2 * round_ + 1):
            issue(customer, line()._replace(period=ServicePeriod(date(2026, 12, 1), date(2027, 1, 31))))
            pay(customer, "1.00")
        for url in urls:
            used = queries(desk(), f"/office/books/{url}/")
            assert before.setdefault(url, used) == used
    for url in urls:
        assert desk("auditor").get(f"/office/books/{url}/").status_code == 200
    assert desk("support").get("/office/books/journal/").status_code == 403
