"""§ 11 UStG (AT) and § 14 UStG (DE): what must stand on an invoice, and from which amount."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kundenkontor.documents.queries import read_file
from kundenkontor.events.actor import SYSTEM
from kundenkontor.invoicing.commands import find_file, render_invoices
from kundenkontor.invoicing.commands.files import render_pool
from kundenkontor.invoicing.drafts import DraftLine, InvoiceDraft
from kundenkontor.invoicing.refusals import find_refusals
from kundenkontor.parties.facts import read_buyers, read_seller
from kundenkontor.parties.models import Customer
from tests.invoicing.test_files import text_of
from tests.support.builders import TODAY, ada, alpenhost, bob, contract, issue, line

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True, scope="module")
def pool() -> Iterator[None]:
    yield
    render_pool().close()
    render_pool.cache_clear()


def refusals(customer: Customer, *lines: DraftLine) -> list[tuple[str, bool]]:
    """(code, whether it only warns) of a draft with these lines."""
    buyer = read_buyers(customer.seller_id, customer.pk, customer.pk)[customer.pk]
    draft = InvoiceDraft(read_seller(customer.seller_id), buyer, list(lines))
    return [(refusal.code, refusal.is_warning) for refusal in find_refusals(draft)]


@pytest.mark.feature("M69", "M70")
@pytest.mark.parametrize(
    ("country", "net", "is_warning"),
    [("AT", "333.33", True), ("AT", "333.34", False), ("DE", "208.33", True), ("DE", "208.34", False)],
)
def test_up_to_the_small_invoice_limit_a_missing_address_only_warns(country: str, net: str, is_warning: bool) -> None:
    """400 EUR gross in Austria, 250 EUR in Germany; both cases here are at 20 % for the sum's sake."""
    customer = bob(alpenhost(country=country), country=country, street="")

    assert refusals(customer, line(net, country=country)) == [("buyer_address_missing", is_warning)]


@pytest.mark.feature("M69")
def test_small_sums_do_not_excuse_a_foreign_customer_or_reverse_charge() -> None:
    foreign = bob(alpenhost(), country="DE", street="")
    assert ("buyer_address_missing", False) in refusals(foreign, line("10.00"))

    business = ada(foreign.seller, country="DE", street="", vat_id="DE136695976")
    reverse = line("10.00", vat_category="AE", vat_rate=Decimal(0), exemption_code="VATEX-EU-AE", country="DE")
    assert ("buyer_address_missing", False) in refusals(business, reverse)


@pytest.mark.feature("M71")
def test_above_ten_thousand_a_business_customers_vat_id_is_needed_or_released_by_staff() -> None:
    customer = ada(alpenhost(), vat_id="", vat_id_state="none")

    assert refusals(customer, line("8333.33")) == []
    assert refusals(customer, line("8333.34")) == [("uid_missing_above_limit", False)]
    Customer.objects.filter(pk=customer.pk).update(vat_id_waived=True)
    assert refusals(customer, line("8333.34")) == [("uid_missing_above_limit", True)]


@pytest.mark.feature("M71")
def test_the_rule_above_ten_thousand_is_for_austrian_sellers_and_business_customers() -> None:
    seller = alpenhost()
    assert refusals(bob(seller), line("20000")) == []
    assert refusals(ada(alpenhost(country="DE", short_name="de"), vat_id="", vat_id_state="none"), line("20000")) == []


@pytest.mark.feature("M36", "M72")
def test_all_particulars_stand_on_the_document(settings: Any, tmp_path: Path) -> None:
    settings.STORED_FILES_DIR = tmp_path
    customer = ada(alpenhost())
    invoice = issue(customer, line("9000.00", contract=contract(customer)))
    render_invoices([invoice.pk], on=TODAY, actor=SYSTEM)
    stored = find_file(invoice, "pdf")
    assert stored is not None

    text = text_of(read_file(stored))

    particulars = {
        "supplier's name": "Alpenhost GmbH",
        "supplier's address": "Mariahilfer Straße 88a/12",
        "supplier's VAT id": "ATU12345675",
        "recipient's name": "Agentur Huber & Söhne GmbH",
        "recipient's address": "Landstraßer Hauptstraße 1",
        "recipient's VAT id above 10,000 EUR": "ATU87654325",
        "quantity and usual description": "Webhosting M",
        "period of service": "01.11.2026",
        "net consideration": "9.000,00",
        "rate": "20 %",
        "VAT": "1.800,00",
        "gross": "10.800,00",
        "date of issue": "23.11.2026",
        "consecutive number": invoice.number,
    }
    assert [name for name, particular in particulars.items() if particular not in text] == []


@pytest.mark.feature("M70", "M72")
def test_a_seller_without_its_own_particulars_cannot_issue() -> None:
    customer = ada(alpenhost(vat_id="", tax_number="", city=""))

    assert [code for code, is_warning in refusals(customer, line()) if not is_warning] == ["seller_incomplete"] * 2


@pytest.mark.feature("M72")
def test_a_line_that_names_nothing_or_no_quantity_is_refused() -> None:
    customer = ada(alpenhost())

    codes = {code for code, _ in refusals(customer, line(item_name=""), line(quantity="0"))}

    assert codes == {"line_without_name", "line_without_quantity"}
