"""§ 11 UStG (AT) and § 14 UStG (DE): what must stand on an invoice, and from which amount."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from kundenkontor.documents.queries import read_file
from kundenkontor.einvoicing.checks import find_violations
from kundenkontor.events.actor import SYSTEM
from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.issuing.drafts import InvoiceDraft
from kundenkontor.invoicing.issuing.lines import DraftLine
from kundenkontor.invoicing.issuing.refusals import find_refusals
from kundenkontor.invoicing.models import RulesSample
from kundenkontor.invoicing.papers.freezing import freeze_invoices
from kundenkontor.invoicing.papers.sampling import sample_rules
from kundenkontor.kernel.errors import DomainError
from kundenkontor.parties.facts import freeze_buyer_facts, freeze_seller_facts
from kundenkontor.parties.models import BankAccount, Customer, Seller
from tests.invoicing.papers.test_files import text_of
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, contract, issue, line
from tests.support.papers import find_file, render_invoices, render_pool

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True, scope="module")
def pool() -> Iterator[None]:
    yield
    render_pool().close()
    render_pool.cache_clear()


def refusals(customer: Customer, *lines: DraftLine) -> list[tuple[str, bool]]:
    """(code, whether it only warns) of a draft with these lines."""
    buyer = freeze_buyer_facts(customer.seller_id, customer.pk, customer.pk)[customer.pk]
    draft = InvoiceDraft(freeze_seller_facts(customer.seller_id), buyer, list(lines))
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
    reverse = line("10.00", category="AE", rate=Decimal(0), exemption_code="VATEX-EU-AE", country="DE")
    assert ("buyer_address_missing", False) in refusals(business, reverse)


@pytest.mark.feature("M71")
def test_above_ten_thousand_a_business_customers_vat_id_is_needed_or_released_by_staff() -> None:
    customer = ada(alpenhost(), vat_id="", vat_id_state="none")

    assert refusals(customer, line("8333.33")) == []
    assert refusals(customer, line("8333.34")) == [("uid_missing_above_limit", False)]
    Customer.objects.filter(pk=customer.pk).update(vat_id_waived=True)
    assert refusals(customer, line("8333.34")) == [("uid_missing_above_limit", True)]


@pytest.mark.feature("M71")
@pytest.mark.parametrize(("language", "said"), [("de", "Keine Angabe der UID"), ("en", "No VAT ID given")])
def test_what_staff_released_above_ten_thousand_is_printed_and_written(language: str, said: str) -> None:
    customer = ada(alpenhost(), vat_id="", vat_id_state="none", vat_id_waived=True, language=language)
    released, small = issue(customer, line("8333.34"), note="Danke."), issue(customer, line("8333.33"), note="Danke.")
    named = issue(ada(customer.seller, number="11005", vat_id_waived=True), line("9000"))
    cancelled = cancel_invoice(released, bill_again=False, reason="x", on=TODAY, actor=CLARA).correction

    frozen = freeze_invoices([released.pk, small.pk, named.pk, cancelled.id])

    notes = {pk: " ".join(document.invoice.notes) for pk, document in frozen.items()}
    assert said in notes[released.pk] and notes[released.pk].endswith("Danke.")
    assert notes[small.pk] == "Danke."
    assert said not in notes[named.pk] + notes[cancelled.id]


@pytest.mark.feature("M71")
def test_the_rule_above_ten_thousand_is_for_austrian_sellers_and_business_customers() -> None:
    seller = alpenhost()
    assert refusals(bob(seller), line("20000")) == []
    assert refusals(ada(alpenhost(country="DE", short_name="de"), vat_id="", vat_id_state="none"), line("20000")) == []


@pytest.mark.feature("M71")
@pytest.mark.parametrize(
    "taxed",
    [
        {"category": "O", "rate": Decimal(0), "country": "", "exemption_code": "VATEX-EU-O"},
        {"category": "E", "rate": Decimal(0), "country": "AT", "exemption_reason": "Kleinunternehmer"},
        {"category": "S", "rate": Decimal(19), "country": "DE"},
    ],
    ids=["outside the scope", "small business", "taxed abroad"],
)
def test_above_ten_thousand_nobody_asks_for_a_vat_id_of_what_austria_does_not_tax(taxed: dict[str, Any]) -> None:
    customer = ada(alpenhost(), country="CH", postal_code="8001", vat_id="", vat_id_state="none")

    assert refusals(customer, line("20000", **taxed)) == []


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


def test_a_stored_refusal_is_said_in_the_readers_words_and_numbers() -> None:
    with override("de"):
        missing = str(DomainError.restore("seller_incomplete", {"particular": "vat_id"}))
        too_much = str(DomainError.restore("safety_bound_amount", {"total": "1234.50", "bound": "100.00"}))
        no_rate = str(DomainError.restore("rate_missing", {"country": "AT", "on": "2027-01-31"}))
    assert missing == "Beim Anbieter fehlt die Angabe „UID“."
    assert too_much.startswith("1.234,50\u00a0EUR") and "100,00\u00a0EUR" in too_much
    assert "31.01.2027" in no_rate


@pytest.mark.feature("M72")
def test_a_line_that_names_nothing_or_no_quantity_is_refused() -> None:
    customer = ada(alpenhost())

    codes = {code for code, _ in refusals(customer, line(name=""), line(quantity="0"))}

    assert codes == {"line_without_name", "line_without_quantity"}


OUTSIDE: dict[str, Any] = {
    "category": "O", "rate": Decimal(0), "country": "CH", "exemption_code": "VATEX-EU-O",
    "exemption_reason": "Nicht steuerbar",
}  # fmt: skip
EXEMPT: dict[str, Any] = {"category": "E", "rate": Decimal(0), "exemption_reason": "Kleinunternehmer"}
REVERSE: dict[str, Any] = {
    "category": "AE",
    "rate": Decimal(0),
    "country": "DE",
    "exemption_code": "VATEX-EU-AE",
}


def without_register(**changes: Any) -> Seller:
    """A sole trader: nothing in the company register."""
    return alpenhost(**{"register_number": "", "register_court": "", "legal_form": "e.U.", **changes})


@pytest.mark.feature("M36", "M72")
@pytest.mark.invariant("I-T1")
def test_a_small_business_with_a_tax_number_only_issues_what_the_official_rules_accept(
    settings: Any, tmp_path: Path
) -> None:
    """BR-CO-26: without VAT id and register number the tax number is the seller's identifier (BT-29)."""
    settings.STORED_FILES_DIR = tmp_path
    seller = without_register(vat_id="", tax_number="12 345/6789")
    taxed, exempt = issue(bob(seller)), issue(ada(seller), line(**EXEMPT))
    outside = issue(bob(seller, number="11003", country="CH"), line(**OUTSIDE))
    ids = [taxed.pk, exempt.pk, outside.pk]

    assert render_invoices(ids, on=TODAY, actor=SYSTEM) == ids

    assert sample_rules() == 3
    assert {row.violations for row in RulesSample.objects.all()} == {""}


@pytest.mark.feature("M72")
def test_outside_the_scope_of_vat_a_seller_is_named_by_register_or_tax_number() -> None:
    """The XML holds no VAT id then."""
    seller = without_register()
    assert refusals(bob(seller, country="CH"), line(**OUTSIDE)) == [("seller_incomplete", False)]
    assert refusals(ada(seller), line()) == []


@pytest.mark.feature("M72")
def test_a_negative_price_is_refused_and_a_negative_quantity_is_a_discount() -> None:
    """BR-27."""
    customer = ada(alpenhost())

    assert refusals(customer, line("100.00"), line("-5.00")) == [("line_price_negative", False)]
    assert refusals(customer, line("100.00"), line("5.00", quantity="-1")) == []


@pytest.mark.feature("M72")
def test_a_sellers_vat_id_begins_with_its_country() -> None:
    """BR-CO-09."""
    assert refusals(ada(alpenhost(vat_id="12345675")), line()) == [("seller_vat_id_without_country", False)]


@pytest.mark.feature("M72")
def test_a_customers_vat_id_begins_with_its_country() -> None:
    """BR-CO-09. An invalid one is not printed."""
    customer = ada(alpenhost(), vat_id="87654325")
    assert refusals(customer, line()) == [("vat_id_without_country", False)]

    customer.vat_id_state = "invalid"
    customer.save()

    assert refusals(customer, line()) == []


@pytest.mark.feature("M72")
def test_the_number_of_a_business_outside_the_union_needs_no_country() -> None:
    """The XML of what is outside the scope of VAT holds no VAT id."""
    customer = ada(alpenhost(), country="US", vat_id="12-3456789", vat_id_state="unchecked")

    assert refusals(customer, line(**OUTSIDE)) == []
    invoice = issue(customer, line(**OUTSIDE))
    assert find_violations(freeze_invoices([invoice.pk])[invoice.pk].invoice) == []


@pytest.mark.feature("M70")
@pytest.mark.parametrize(
    ("country", "net", "expected"),
    [("AT", "333.33", []), ("AT", "333.34", [("seller_incomplete", False)]), ("DE", "1000.00", [])],
)
def test_above_400_eur_an_austrian_seller_that_taxes_names_its_vat_id(
    country: str, net: str, expected: list[tuple[str, bool]]
) -> None:
    """§ 11 Abs. 1 Z 3 lit. j UStG; § 14 Abs. 4 Z 2 UStG (DE) leaves the choice of the tax number."""
    seller = alpenhost(country=country, vat_id="", tax_number="12 345/6789")

    assert refusals(ada(seller, country=country), line(net, country=country)) == expected
    assert refusals(bob(seller, country=country), line("1000.00", **EXEMPT)) == []


@pytest.mark.feature("M70")
def test_reverse_charge_from_a_seller_without_vat_id_is_mended_at_the_seller() -> None:
    seller = alpenhost(vat_id="", tax_number="12 345/6789")
    business = ada(seller, country="DE", vat_id="DE136695976")

    assert refusals(business, line("10.00", **REVERSE)) == [("seller_incomplete", False)]


@pytest.mark.feature("M47", "M48")
def test_a_seller_without_an_active_bank_account_asks_for_no_money() -> None:
    customer = ada(alpenhost())
    invoice = issue(customer)
    BankAccount.objects.update(is_active=False)

    assert refusals(customer, line()) == [("seller_without_account", False)]
    assert refusals(customer, line("0.00")) == []
    assert cancel_invoice(invoice, bill_again=False, reason="Irrtum", on=TODAY, actor=CLARA).correction.number
