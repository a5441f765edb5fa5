"""Returns of quarters, and advances for services that were cancelled."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.parties.errors import QuarterNotWhole
from kundenkontor.parties.models import Customer, Seller
from kundenkontor.payments.commands import offset_balance, refund_balance
from tests.office.books.builders import Row, corrections, day, declare, german, served, setting, vat
from tests.office.steps import desk
from tests.support.builders import CLARA, ada, issue
from tests.support.money import balance_of, open_item, pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business_day")]


def test_a_seller_who_declares_by_quarter_has_one_return_for_it() -> None:
    seller = german()
    setting(seller, "quarterly", "1.1.")
    customer = ada(seller)
    for since, until in (("1.7.", "31.7."), ("1.8.", "31.8."), ("1.9.", "30.9."), ("1.10.", "31.10.")):
        issue(customer, served(since, until), on=day(until))

    assert vat(seller, "15.8.") == [("07/26", "19", "300.00", "57.00")]
    assert vat(seller, "15.8.", "20.11.") == [("07/26", "19", "300.00", "57.00"), ("10/26", "19", "100.00", "19.00")]
    shown = desk().get(f"/office/books/outgoing/?seller={seller.pk}&since=2026-09-01&until=2026-09-30").content.decode()
    assert "VAT return (UVA) Q3/2026" in shown and "07/2026" not in shown


def test_a_quarter_is_declared_whole_and_what_comes_later_corrects_it() -> None:
    seller = german()
    setting(seller, "quarterly", "1.1.")
    for kind in ("vat", "zm", "oss"):
        with pytest.raises(QuarterNotWhole):
            declare(seller, "31.8.", "10.10.", kind)
    declare(seller, "30.9.", "10.10.")

    issue(ada(seller), served("1.8.", "31.8."), on=day("20.10."))

    assert corrections(seller, "1.10.", "31.12.") == [("07/26", "19", "100.00", "19.00")]
    shown = desk().get(f"/office/books/outgoing/?seller={seller.pk}&since=2026-10-01&until=2026-12-31").content.decode()
    assert "Correction of UVA Q3/2026" in shown


def test_oss_is_of_quarters_also_where_vat_and_zm_are_declared_by_month() -> None:
    seller = german()
    declare(seller, "31.8.", "10.10.")
    declare(seller, "31.8.", "10.10.", "zm")

    with pytest.raises(QuarterNotWhole):
        declare(seller, "31.8.", "10.10.", "oss")
    declare(seller, "30.9.", "10.10.", "oss")


def test_a_receipt_of_a_declared_quarter_says_which_return_it_corrects() -> None:
    seller = german()
    setting(seller, "quarterly", "1.1.")
    customer = ada(seller)
    issue(customer, served("1.8.", "31.8."), on=day("31.8."))
    declare(seller, "30.9.", "10.10.")

    payment = pay(customer, "119.00", day("29.9."), on=day("20.10."))

    assert "Corrects the return of Q3/2026" in desk().get(f"/office/payments/{payment.pk}/").content.decode()


def test_months_before_the_change_to_quarters_stay_months() -> None:
    seller = german()
    setting(seller, "quarterly", "1.7.")
    customer = ada(seller)
    issue(customer, served("1.6.", "30.6."), on=day("30.6."))
    issue(customer, served("1.8.", "31.8."), on=day("31.8."))

    assert vat(seller, "1.5.", "15.7.") == [("06/26", "19", "100.00", "19.00"), ("07/26", "19", "100.00", "19.00")]
    declare(seller, "30.6.", "10.10.")


def cancelled_year(seller: Seller, *, paid: bool) -> Customer:
    """Billed in January for the whole year, perhaps paid, cancelled in March; nobody paid anything back."""
    customer = ada(seller)
    invoice = issue(customer, served("1.1.", "31.12."), on=day("10.1."))
    if paid:
        pay(customer, invoice.amount_due, day("15.1."), on=day("15.1."))
    cancel_invoice(invoice, bill_again=False, reason="moved away", on=day("10.3."), actor=CLARA)
    return customer


PLUS, MINUS = [("01/26", "19", "100.00", "19.00")], [("03/26", "19", "-100.00", "-19.00")]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [([], PLUS + MINUS), (["advance_by_service"], []), (["cash_accounting"], [])],
)
def test_an_advance_cancelled_and_never_paid_comes_to_nothing_when_it_is_cancelled_or_never_counted(
    kinds: list[str], expected: list[Row]
) -> None:
    seller = german()
    for kind in kinds:
        setting(seller, kind, "1.1.")
    cancelled_year(seller, paid=False)

    assert vat(seller, "1.1.", "31.12.") == expected
    assert vat(seller, "1.1.27", "31.1.27") == []


@pytest.mark.parametrize("kind", ["advance_by_service", "cash_accounting"])
def test_an_advance_cancelled_and_never_paid_back_stays_taxed_until_it_is(kind: str) -> None:
    seller = german()
    setting(seller, kind, "1.1.")
    customer = cancelled_year(seller, paid=True)

    assert vat(seller, "1.1.", "31.12.") == PLUS
    assert vat(seller, "1.1.27", "28.2.27") == []

    refund_balance(balance_of(customer), Decimal("59.50"), on=day("5.2.27"), actor=CLARA)
    assert vat(seller, "1.1.", "31.12.") == PLUS
    assert vat(seller, "1.2.27", "28.2.27") == [("02/27", "19", "-50.00", "-9.50")]
    later = issue(customer, served("1.3.27", "31.3.27", "50.00"), on=day("31.3.27"))
    offset_balance(balance_of(customer), open_item(later), Decimal("59.50"), on=day("31.3.27"), actor=CLARA)
    assert vat(seller, "1.3.27", "31.3.27") == []  # the new service is paid with what was taxed before


def test_an_advance_paid_back_before_the_service_would_have_ended_is_untaxed_then() -> None:
    seller = german()
    setting(seller, "advance_by_service", "1.1.")
    customer = cancelled_year(seller, paid=True)

    refund_balance(balance_of(customer), Decimal("119.00"), on=day("5.6."), actor=CLARA)

    assert vat(seller, "1.1.", "31.12.") == [*PLUS, ("06/26", "19", "-100.00", "-19.00")]
