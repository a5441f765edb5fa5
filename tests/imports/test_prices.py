"""The price of a changed row: what it replaces, from which period it holds, and the free past it must not bill."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kundenkontor.billing.runs.commands import discard_run, preview_run, start_run
from kundenkontor.contracts.commands import AgreedPrice, change_price
from kundenkontor.contracts.models import Contract
from kundenkontor.imports.planning.report import ImportReport
from kundenkontor.imports.writing.commands import import_files
from kundenkontor.parties.models import Seller
from tests.billing.builders import bill, hosting, periods_of
from tests.imports.test_changes import CONTRACT_HEAD, prices
from tests.support.builders import CLARA, ada, alpenhost, bob

pytestmark = pytest.mark.django_db
DEC, JAN, FEB = date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28)


@pytest.fixture
def seller() -> Seller:
    """Alpenhost with its customers 11001 and 11002, who pay for another service: the safety bound asks about a first
    price only where a customer paid nothing before (decision 0007)."""
    seller = alpenhost()
    for number, customer in (("V8", ada(seller)), ("V9", bob(seller))):
        hosting(customer, number, "10.00")
    return seller


def imported() -> Contract:
    return Contract.objects.get(number="V1")


def take_in(
    seller: Seller, price: str, *, on: date, start: str = "2026-12-01", customer: str = "11001"
) -> ImportReport:
    row = f"V1,{customer},stats,Statistik,,,{price},EUR,monthly,{start},,,"
    content = f"{CONTRACT_HEAD}\n{row}".encode()
    return import_files(seller, None, content, cut_over_date=None, on=on, actor=CLARA)


def free_for_two_months(seller: Seller) -> Contract:
    """A service that cost nothing in December and January, which two runs went over."""
    take_in(seller, "0.00", on=date(2026, 12, 1))
    bill(seller, DEC)
    bill(seller, JAN)
    return imported()


def test_a_free_service_that_gets_a_price_is_billed_from_the_next_period_and_not_for_its_free_past(
    seller: Seller,
) -> None:
    contract = free_for_two_months(seller)

    take_in(seller, "5.00", on=date(2027, 2, 3))
    bill(seller, FEB)

    assert prices(contract) == [(date(2026, 12, 1), "0"), (date(2027, 2, 1), "5")]
    assert periods_of(contract) == [(date(2027, 2, 1), FEB)]
    assert take_in(seller, "5.00", on=date(2027, 2, 4)).counts["contracts"]["unchanged"] == 1


def test_a_period_of_a_free_service_that_has_begun_stays_free(seller: Seller) -> None:
    contract = free_for_two_months(seller)

    take_in(seller, "5.00", on=date(2027, 1, 20))
    assert take_in(seller, "5.00", on=date(2027, 1, 25)).counts["contracts"]["unchanged"] == 1
    take_in(seller, "6.00", on=date(2027, 1, 25))
    bill(seller, FEB)

    assert prices(contract) == [(date(2026, 12, 1), "0"), (date(2027, 1, 20), "6")]
    assert periods_of(contract) == [(date(2027, 2, 1), FEB)]


@pytest.mark.parametrize("on", [date(2026, 12, 1), date(2027, 2, 3)])
def test_a_free_price_that_no_run_went_over_is_simply_replaced(seller: Seller, on: date) -> None:
    take_in(seller, "0.00", on=date(2026, 12, 1))
    discarded = start_run(seller, DEC, on=date(2026, 12, 1), actor=CLARA)
    preview_run(discarded)
    discard_run(discarded, on=date(2026, 12, 1), actor=CLARA)

    take_in(seller, "5.00", on=on)

    assert prices(imported()) == [(date(2026, 12, 1), "5")]


def test_a_price_typed_as_nothing_is_mended_before_the_service_begins_though_a_run_went_over_it(seller: Seller) -> None:
    take_in(seller, "0.00", on=date(2026, 12, 1), start="2026-12-15")
    bill(seller, DEC)

    take_in(seller, "5.00", on=date(2026, 12, 10), start="2026-12-15")

    assert prices(imported()) == [(date(2026, 12, 15), "5")]


def test_a_priced_period_that_was_never_billed_is_no_free_past(seller: Seller) -> None:
    contract = free_for_two_months(seller)
    january = AgreedPrice(Decimal(4), is_gross=False)
    change_price(contract, january, valid_from=date(2027, 1, 1), on=date(2027, 1, 1), actor=CLARA)

    take_in(seller, "5.00", on=date(2027, 2, 3))

    assert prices(contract) == [(date(2026, 12, 1), "0"), (date(2027, 1, 1), "5")]


def test_a_free_service_that_moves_to_another_customer_takes_its_free_past_along(seller: Seller) -> None:
    contract = free_for_two_months(seller)

    take_in(seller, "5.00", on=date(2027, 2, 3), customer="11002")
    bill(seller, FEB)

    assert prices(contract) == [(date(2026, 12, 1), "0"), (date(2027, 2, 1), "5")]
    assert periods_of(contract) == [(date(2027, 2, 1), FEB)]


def test_a_start_that_moves_onto_a_planned_price_supersedes_it(seller: Seller) -> None:
    take_in(seller, "5.00", on=date(2026, 12, 1))
    contract = imported()
    for month, amount in ((1, "6"), (3, "7")):
        price = AgreedPrice(Decimal(amount), is_gross=False)
        change_price(contract, price, valid_from=date(2027, month, 1), on=date(2026, 12, 1), actor=CLARA)

    report = take_in(seller, "5.00", on=date(2026, 12, 1), start="2027-01-01")

    assert report.counts["contracts"]["changed"] == 1
    assert prices(contract) == [(date(2027, 1, 1), "5"), (date(2027, 3, 1), "7")]


def test_a_price_that_staff_planned_for_later_stays_and_the_report_says_so(seller: Seller) -> None:
    take_in(seller, "5.00", on=date(2026, 12, 1))
    bill(seller, DEC)
    contract = imported()
    later = AgreedPrice(Decimal("7.50"), is_gross=False)
    change_price(contract, later, valid_from=date(2027, 3, 1), on=date(2026, 12, 1), actor=CLARA)

    same = take_in(seller, "5.00", on=date(2026, 12, 5))
    raised = take_in(seller, "6.00", on=date(2026, 12, 5))
    back = take_in(seller, "5.00", on=date(2026, 12, 5))

    assert (same.problems, same.counts["contracts"]["unchanged"]) == ([], 1)
    (warning,) = raised.problems
    assert (warning.code, warning.is_warning, warning.params) == (
        "price_planned",
        True,
        {"value": "7.5", "day": "2027-03-01"},
    )
    assert back.counts["contracts"]["changed"] == 1
    assert prices(contract) == [(date(2026, 12, 1), "5"), (date(2027, 1, 1), "5"), (date(2027, 3, 1), "7.5")]
