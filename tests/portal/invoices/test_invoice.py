"""One document: its reasons, its corrections, how to pay it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.kernel.formats import format_iban
from tests.portal.builders import client_of, domain, house, login
from tests.support.builders import CLARA, IBAN, TODAY, ada, alpenhost, issue, line
from tests.support.money import pay

pytestmark = pytest.mark.django_db


@pytest.mark.feature("M29", "M44", "M47", "M48")
def test_an_invoice_says_why_this_amount_and_how_to_pay() -> None:
    customer = ada(alpenhost())
    contract = domain(customer, "D7", "huber.at")
    invoice = issue(customer, line("30.00", quantity="15", base="30", discount="10", contract=contract), line("8.00"))
    text = client_of(login("ada", customer)).get(reverse("portal:invoice", args=[invoice.pk])).content.decode()
    assert reverse("portal:service", args=[contract.pk]) in text and "huber.at" in text
    assert "15 von 30 Tagen" in text and "Rabatt" in text and "USt 20" in text
    assert format_iban(IBAN) in text and invoice.payment_reference in text
    assert f"Kunde 11001 / Rechnung {invoice.number}" in text
    assert "30.11.2026" in text and "An Buchhaltung senden" in text


def test_invoice_and_cancellation_name_each_other_and_a_paid_one_asks_for_no_money() -> None:
    home = house()
    first, second = home.invoices
    cancel_invoice(first, bill_again=False, reason="Irrtum", on=TODAY, actor=CLARA)
    pay(home.ada, second.amount_due, TODAY, reference=second.number, on=TODAY, actor=CLARA)
    client = client_of(login("ada", home.ada))
    correction = first.corrections.get().invoice
    assert correction.number in client.get(reverse("portal:invoice", args=[first.pk])).content.decode()
    back = client.get(reverse("portal:invoice", args=[correction.pk])).content.decode()
    assert first.number in back and "Stornorechnung" in back and "So bezahlen Sie" not in back
    paid = client.get(reverse("portal:invoice", args=[second.pk])).content.decode()
    assert "So bezahlen Sie" not in paid and "aus Ihrer Zahlung" in paid
