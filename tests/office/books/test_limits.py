"""Limits of turnover: who has to watch which, what counts in which year, and the warning before they are reached."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kundenkontor.invoicing.books.limits import watched
from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.issuing.lines import DraftLine, ServicePeriod
from kundenkontor.invoicing.writing_off.commands import write_off_invoice
from kundenkontor.parties.models import Seller, SellerTaxSetting
from kundenkontor.payments.commands import refund_balance, reverse_payment
from tests.office.books.builders import german
from tests.office.steps import desk
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, issue, line
from tests.support.money import balance_of, pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business_day")]
Row = tuple[str, int, str, str]


def setting(seller: Seller, kind: str) -> None:
    SellerTaxSetting.objects.create(seller=seller, kind=kind, valid_from=date(2025, 1, 1), applies=True)


def small(seller: Seller) -> Seller:
    """Without the limit of the Union, so that only the country's own are left."""
    setting(seller, "small_business")
    setting(seller, "destination_rate")
    return seller


def free(net: str, *, ends: date = date(2026, 11, 30), country: str = "DE") -> DraftLine:
    """A line of a small business."""
    found = line(net, category="E", rate=Decimal(0), country=country, exemption_reason="small business")
    return found._replace(period=ServicePeriod(ends.replace(day=1), ends))


def rows(seller: Seller, on: date = TODAY) -> list[Row]:
    """Code, year, amount, state."""
    return [(row.threshold.code, row.year, str(row.amount), row.state) for row in watched(seller, on)]


def abroad(seller: Seller, net: str, *, ends: date = date(2026, 11, 30)) -> None:
    customer = bob(seller, country="DE", postal_code="10115", number=f"B{net}{ends:%y}")
    issue(customer, line(net)._replace(period=ServicePeriod(ends.replace(day=1), ends)))


def test_consumers_abroad_count_by_the_year_of_the_service_without_those_at_home_and_with_a_vat_id() -> None:
    seller = alpenhost()
    abroad(seller, "7999.99")
    assert rows(seller) == [("oss", 2026, "7999.99", "far"), ("oss", 2025, "0.00", "far")]
    issue(bob(seller, country="DE", postal_code="78266", city="Büsingen", number="X1"), line("5000.00"))
    issue(bob(seller, number="X2"), line("5000.00"))
    reverse: dict[str, Any] = {"category": "AE", "rate": Decimal(0), "country": "", "exemption_reason": "RC"}
    issue(ada(seller, country="DE", vat_id="DE136695976"), line("5000.00", **reverse))
    abroad(seller, "10000.00", ends=date(2025, 12, 31))
    abroad(seller, "0.01")

    assert rows(seller) == [("oss", 2026, "8000.00", "near"), ("oss", 2025, "10000.00", "far")]
    abroad(seller, "2000.01")
    assert rows(seller)[0] == ("oss", 2026, "10000.01", "exceeded")
    assert rows(seller, date(2027, 1, 2))[1] == ("oss", 2026, "10000.01", "exceeded")


@pytest.mark.parametrize("kind", ["oss", "destination_rate"])
def test_whoever_charges_the_rates_of_other_countries_has_nothing_to_watch(kind: str) -> None:
    seller = alpenhost()
    setting(seller, kind)

    assert rows(seller) == []


def test_in_germany_a_small_business_counts_what_it_received() -> None:
    seller = small(german())
    customer = bob(seller, country="DE")
    first, second = (issue(customer, free("20000.00")) for _ in range(2))
    assert [row[2] for row in rows(seller)] == ["0.00", "0.00", "0.00"]

    pay(customer, "20000.00", TODAY, reference=first.number)
    payment = pay(customer, "10000.00", TODAY)
    assert rows(seller) == [
        ("small_business", 2026, "30000.00", "exceeded"),
        ("small_business", 2025, "0.00", "far"),
        ("small_business_at_once", 2026, "30000.00", "far"),
    ]

    reverse_payment(payment, reason="returned", on=TODAY, actor=CLARA)
    write_off_invoice(second, reason="insolvent", on=TODAY, actor=CLARA)
    assert rows(seller)[0] == ("small_business", 2026, "20000.00", "near")
    cancel_invoice(first, bill_again=False, reason="agreed", on=TODAY, actor=CLARA)
    assert rows(seller)[0][2] == "20000.00"  # the money is still here
    refund_balance(balance_of(customer), Decimal("5000.00"), on=TODAY, actor=CLARA)
    assert rows(seller)[0] == ("small_business", 2026, "15000.00", "far")


def test_in_austria_a_small_business_counts_services_whoever_paid() -> None:
    seller = small(alpenhost())
    customer = bob(seller)
    issue(customer, free("44000.00", country="AT"))
    issue(customer, free("56000.00", country="AT", ends=date(2025, 12, 31)))
    issue(customer, free("9000.00", country="AT", ends=date(2027, 1, 31)))

    assert rows(seller) == [
        ("small_business", 2026, "44000.00", "near"),
        ("small_business", 2025, "56000.00", "exceeded"),
        ("small_business_at_once", 2026, "44000.00", "far"),
    ]


def test_in_austria_ten_percent_more_end_it_at_once() -> None:
    seller = small(alpenhost())
    customer = bob(seller)
    issue(customer, free("60500.00", country="AT"))
    assert [row[3] for row in rows(seller)] == ["exceeded", "far", "near"]

    issue(customer, free("0.01", country="AT"))

    assert [row[3] for row in rows(seller)] == ["exceeded", "far", "exceeded"]
    page = desk("auditor").get("/office/books/limits/").content.decode()
    assert "60,500.00" in page and "VAT is charged from the sale that exceeds it on." in page


def test_a_seller_with_vat_is_no_small_business() -> None:
    seller = alpenhost()
    setting(seller, "destination_rate")
    issue(bob(seller), line("90000.00"))

    assert rows(seller) == []


def test_the_start_page_warns_before_a_limit_is_reached_and_the_books_show_all() -> None:
    seller = alpenhost()
    abroad(seller, "8500.00")

    start = desk().get("/office/").content.decode().replace("\u00a0", " ")
    assert "EUR 8,500.00 of EUR 10,000.00 in 2026" in start and "/office/books/limits/" in start
    page = desk("auditor").get("/office/books/limits/").content.decode()
    assert "nearly reached" in page and "Art. 59c" in page and "85" in page
    assert "10,000.00" not in desk("support").get("/office/").content.decode()


def test_the_start_page_is_silent_where_nothing_is_near() -> None:
    abroad(alpenhost(), "100.00")

    assert "/office/books/limits/" not in desk().get("/office/").content.decode()
