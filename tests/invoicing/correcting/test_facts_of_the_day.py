"""What is issued keeps the facts of its day, and what corrects it later takes them over, whatever holds today."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from kundenkontor.invoicing.correcting.commands import cancel_invoice, correct_invoice
from kundenkontor.invoicing.correcting.corrections import LineCorrection
from kundenkontor.invoicing.models import Invoice, VatBreakdown
from kundenkontor.invoicing.papers.freezing import freeze_invoices
from kundenkontor.parties.customer_commands import change_customer
from kundenkontor.parties.seller_commands import change_seller, set_tax_setting
from kundenkontor.taxes.commands import add_rate
from tests.support.books import check_books
from tests.support.builders import CLARA, TODAY, alpenhost, bob, issue, line
from tests.taxes.seeds import seed_rates

pytestmark = pytest.mark.django_db
LATER = TODAY + timedelta(days=9)


@pytest.fixture
def issued() -> Invoice:
    """To a consumer in Germany, under the one-stop shop; afterwards everything it says is true no more."""
    seed_rates()
    seller = alpenhost()
    for kind in ("oss", "destination_rate"):
        set_tax_setting(seller, kind, applies=True, valid_from=date(2026, 1, 1), on=TODAY, actor=CLARA)
    customer = bob(seller, country="DE", postal_code="10115", city="Berlin")
    return issue(customer, line("100.00", rate=Decimal(19), country="DE"), line("5.00", rate=Decimal(7), country="DE"))


def change_everything(invoice: Invoice) -> None:
    seller, customer = invoice.seller, invoice.customer
    for kind in ("oss", "destination_rate"):
        set_tax_setting(seller, kind, applies=False, valid_from=LATER, on=LATER, actor=CLARA)
    change_seller(seller, {"name": "Nordhost GmbH", "vat_id": "ATU12345675", "country": "AT"}, on=LATER, actor=CLARA)
    values = {"last_name": "Neumann", "language": "en", "country": "IT", "postal_code": "20121", "city": "Milano"}
    change_customer(customer, values, on=LATER, actor=CLARA)
    add_rate("DE", Decimal(21), LATER, on=LATER, actor=CLARA)


def test_a_document_says_what_it_said(issued: Invoice) -> None:
    before = freeze_invoices([issued.pk])[issued.pk]
    assert before.language == "de"

    change_everything(issued)

    assert freeze_invoices([issued.pk])[issued.pk] == before


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_correction_has_language_parties_and_rates_of_what_it_corrects(issued: Invoice, is_whole: bool) -> None:
    change_everything(issued)

    if is_whole:
        cancel_invoice(issued, bill_again=False, reason="x", on=LATER, actor=CLARA)
    else:
        parts = [LineCorrection(1, net_amount=Decimal("100.00")), LineCorrection(2, net_amount=Decimal("5.00"))]
        correct_invoice(issued, parts, reason="x", on=LATER, actor=CLARA)

    correction = Invoice.objects.get(type_code="381")
    papers = freeze_invoices([issued.pk, correction.pk])
    original, correcting = papers[issued.pk], papers[correction.pk]
    assert (correcting.language, correcting.recipient) == ("de", original.recipient)
    assert correction.issue_date == LATER
    assert rows_of(correction) == rows_of(issued)
    assert check_books() == []


def rows_of(invoice: Invoice) -> list[tuple[object, ...]]:
    rows = VatBreakdown.objects.filter(invoice=invoice).order_by("category", "rate")
    return list(rows.values_list("category", "rate", "country", "taxable_amount", "tax_amount"))
