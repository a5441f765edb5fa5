"""A new VAT rate: entered for a country or a part of one, and the invoices that are to be issued anew."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from kundenkontor.invoicing.correcting.commands import LineCorrection, cancel_invoice, correct_invoice
from kundenkontor.invoicing.models import Invoice
from kundenkontor.office.catalogue.rates import concerned
from kundenkontor.parties.models import Customer
from kundenkontor.taxes.commands import add_rate
from kundenkontor.taxes.models import TaxRate
from tests.office.steps import desk, submit
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, issue, line

pytestmark = pytest.mark.django_db
NEW_YEAR = date(2027, 1, 1)


def yearly(customer: Customer, *, end: date = date(2027, 10, 31), **changes: Any) -> Invoice:
    """An invoice over a year that a new rate may cut into."""
    return issue(customer, line("120.00", start=TODAY, end=end, **changes))


def numbers(rate: TaxRate) -> list[str]:
    return sorted(concerned(rate).values_list("number", flat=True))


def test_only_invoices_with_a_line_at_the_former_rate_that_ends_under_the_new_one_are_listed() -> None:
    seller = alpenhost()
    customer = bob(seller)
    over_new_year = yearly(customer)
    partly_corrected, cancelled = yearly(customer), yearly(customer)
    yearly(customer, rate=Decimal(22))  # bears the new rate already
    issue(customer, line("10.00"), line("5.00", rate=Decimal(22), start=TODAY, end=NEW_YEAR))  # 20 % ends before
    yearly(customer, rate=Decimal(19), country="DE")
    yearly(ada(seller), category="AE", rate=Decimal(0), country="DE", exemption_code="VATEX-EU-AE")
    correct_invoice(partly_corrected, [LineCorrection(1, net_amount=Decimal(1))], reason="x", on=TODAY, actor=CLARA)
    cancel_invoice(cancelled, bill_again=False, reason="x", on=TODAY, actor=CLARA)

    rate = add_rate("AT", Decimal(22), NEW_YEAR, on=TODAY, actor=CLARA)

    assert numbers(rate) == [over_new_year.number, partly_corrected.number]
    text = desk().get(reverse("office:rate-invoices", args=[rate.pk])).content.decode()
    assert over_new_year.number in text and cancelled.number not in text


def test_what_partial_corrections_took_back_is_no_longer_concerned() -> None:
    customer = bob(alpenhost())
    last = date(2027, 10, 31)

    def corrected(*parts: LineCorrection, **changes: Any) -> Invoice:
        invoice = issue(customer, line("120.00", start=TODAY, end=last, **changes), line("9.00"))
        for part in parts:
            correct_invoice(invoice, [part], reason="x", on=TODAY, actor=CLARA)
        return invoice

    after = (NEW_YEAR - TODAY).days
    whole = (last - TODAY).days + 1
    corrected(LineCorrection(1, net_amount=Decimal(120)))
    corrected(LineCorrection(1, net_amount=Decimal(20)), LineCorrection(1, net_amount=Decimal(100)))
    corrected(LineCorrection(1, days=whole))
    corrected(LineCorrection(1, days=whole - after))
    corrected(LineCorrection(1, days=100), LineCorrection(1, days=whole - after - 100))
    corrected(LineCorrection(1, net_amount=Decimal(100)), agreed_gross=Decimal("120.00"))
    still = [
        corrected(LineCorrection(2, net_amount=Decimal(9))),
        corrected(LineCorrection(1, days=whole - after - 1)),
        corrected(LineCorrection(1, days=after, first_day=TODAY)),
        corrected(LineCorrection(1, net_amount=Decimal(99)), agreed_gross=Decimal("120.00")),
    ]

    assert numbers(add_rate("AT", Decimal(22), NEW_YEAR, on=TODAY, actor=CLARA)) == [one.number for one in still]


def test_a_mistyped_rate_that_was_mended_lists_what_was_issued_with_it() -> None:
    customer = bob(alpenhost())
    add_rate("AT", Decimal("2.2"), NEW_YEAR, on=TODAY, actor=CLARA)
    with_it = yearly(customer, rate=Decimal("2.2"))

    assert numbers(add_rate("AT", Decimal(22), NEW_YEAR, on=TODAY, actor=CLARA)) == [with_it.number]


def test_a_new_rate_of_a_country_says_nothing_about_its_parts() -> None:
    customer = bob(alpenhost(), country="PT", postal_code="9000")
    in_madeira = yearly(customer, rate=Decimal(22), country="PT")
    mainland = yearly(customer, rate=Decimal(23), country="PT")

    assert numbers(add_rate("PT", Decimal(24), NEW_YEAR, on=TODAY, actor=CLARA)) == [mainland.number]
    assert numbers(add_rate("PT-30", Decimal(21), NEW_YEAR, on=TODAY, actor=CLARA)) == [in_madeira.number]


def test_the_rate_of_a_part_is_entered_and_shown_by_its_name() -> None:
    clara = desk("administrator")
    submit(clara, reverse("office:rate-new"), country="PT-30", rate="21", valid_from="2027-01-01")

    assert TaxRate.objects.get(country="PT-30", valid_to=None).rate == Decimal(21)
    assert "Portugal: Madeira" in clara.get(reverse("office:rates")).content.decode()
