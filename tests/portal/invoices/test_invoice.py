"""One document: its reasons, its corrections, how to pay it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.formats import format_iban
from kundenkontor.payments.commands import offset_balance, refund_balance
from tests.office.steps import desk
from tests.portal.builders import client_of, domain, house, login
from tests.support.builders import CLARA, IBAN, TODAY, ada, alpenhost, issue, line
from tests.support.money import pay

START = date(2026, 11, 16)
pytestmark = pytest.mark.django_db


@pytest.mark.feature("M29", "M44", "M47", "M48")
def test_an_invoice_says_why_this_amount_and_how_to_pay() -> None:
    customer = ada(alpenhost())
    contract = domain(customer, "D7", "huber.at")
    days = line("30.00", quantity="15", base="30", discount="10", contract=contract, unit="DAY", start=START)
    invoice = issue(customer, days, line("8.00"))
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


@pytest.mark.feature("M16")
def test_a_correction_has_one_sign_no_day_to_pay_and_says_what_became_of_it() -> None:
    home = house()
    unpaid, paid = home.invoices
    pay(home.ada, paid.amount_due, TODAY, reference=paid.number, on=TODAY, actor=CLARA)
    cancel_invoice(unpaid, bill_again=False, reason="", on=TODAY, actor=CLARA)
    cancel_invoice(paid, bill_again=False, reason="", on=TODAY, actor=CLARA)
    client, clerk = client_of(login("ada", home.ada)), desk()

    def pages(invoice: Invoice) -> tuple[str, str]:
        correction = invoice.corrections.get().invoice_id
        urls = (client, f"/rechnungen/{correction}/"), (clerk, f"/office/invoices/{correction}/")
        ada_sees, clara_sees = (
            one.get(url).content.decode().replace("\u00a0", " ").split("<main")[1] for one, url in urls
        )
        return ada_sees, clara_sees

    cleared, cleared_in_office = pages(unpaid)
    assert f"Verrechnet mit {unpaid.number}" in cleared and "Zu Ihren Gunsten" not in cleared
    assert f"Set off against {unpaid.number}" in cleared_in_office and "favour" not in cleared_in_office
    left, left_in_office = pages(paid)
    assert "Zu Ihren Gunsten" in left and "Verrechnet" not in left
    assert "In the customer’s favour" in left_in_office and "Set off" not in left_in_office
    for text in (cleared, left):
        assert "−" not in text and "Fällig" not in text and "Zahlbetrag" not in text
    for text in (cleared_in_office, left_in_office):
        assert "−" not in text and "Due on" not in text and "Payable" not in text and "Still open" not in text

    later = issue(home.ada, line("5.00"))
    balance = paid.corrections.get().invoice.open_item
    offset_balance(balance, later.open_item, Decimal(2), on=TODAY, actor=CLARA)
    refund_balance(balance, Decimal(1), on=TODAY, actor=CLARA)
    spent, _ = pages(paid)
    for part in (f"Verrechnet mit {later.number}", "2,00 EUR", "An Sie zurückgezahlt", "1,00 EUR", "Zu Ihren Gunsten"):
        assert part in spent, part
