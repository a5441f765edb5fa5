"""Mein Konto, Dienste, one invoice, Zahlungen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from kundenkontor.contracts.commands import end_contract
from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.drafting.commands import issue_draft
from kundenkontor.invoicing.models import ManualDraft
from kundenkontor.kernel.formats import format_iban
from kundenkontor.payments.commands import reverse_payment
from tests.office.steps import desk
from tests.portal.builders import client_of, domain, house, login, package
from tests.support.billing import bill
from tests.support.builders import CLARA, IBAN, TODAY, ada, alpenhost, issue, line
from tests.support.money import pay

pytestmark = pytest.mark.django_db


@pytest.mark.feature("S17", "S19", "M44")
def test_the_start_page_has_own_data_tiles_and_the_way_to_the_settings() -> None:
    home = house()
    text = client_of(login("ada", home.ada)).get("/").content.decode()
    for part in ("Mein Konto", "11001", "Landstraßer Hauptstraße 1", "2 aktiv", "1 Domain, 1 Paket", "Tickets"):
        assert part in text, part
    assert "29,88\u00a0EUR offen" in text and "2 Dokumente" in text
    assert text.count('href="/konto/"') >= 2 and "Bearbeiten" in text
    assert "Zahlen als Tabelle" in text


@pytest.mark.feature("S18")
def test_empty_states_are_said_in_words() -> None:
    client = client_of(login("ada", ada(alpenhost())))
    start = client.get("/").content.decode()
    assert "Keine Rechnungen vorhanden" in start and "Keine Dienste vorhanden" in start
    assert "Keine Rechnungen vorhanden" in client.get("/rechnungen/").content.decode()
    assert "Keine Zahlungen vorhanden" in client.get("/zahlungen/").content.decode()
    assert "Keine Dienste vorhanden" in client.get("/dienste/").content.decode()


@pytest.mark.feature("M3", "M29")
def test_a_service_shows_price_period_what_it_was_billed_on_and_when_next() -> None:
    home = house()
    ada_ = client_of(login("ada", home.ada))
    listed = ada_.get("/dienste/").content.decode()
    assert "15,00" in listed and "pro Jahr" in listed and "01.11.2027" in listed and "01.12.2026" in listed
    assert [row.title for row in ada_.get("/dienste/?group=domains").context["rows"]] == ["grüne-wiese.at"]
    assert [row.title for row in ada_.get("/dienste/?group=packages").context["rows"]] == ["shop.huber.at"]
    assert [row.title for row in ada_.get("/dienste/?q=wiese").context["rows"]] == ["grüne-wiese.at"]
    page = ada_.get(reverse("portal:service", args=[home.contracts[0].pk])).content.decode()
    invoice = next(one for one in home.invoices if one.lines.filter(contract=home.contracts[0]).exists())
    assert invoice.number in page and "01.11.2027" in page and "ab 01.11.2026" in page


@pytest.mark.feature("M29")
def test_a_service_names_the_invoice_that_bills_it_now_after_one_was_cancelled_and_issued_anew() -> None:
    home = house()
    contract = home.contracts[0]
    old = next(one for one in home.invoices if one.lines.filter(contract=contract).exists())
    cancel_invoice(old, bill_again=True, reason="Anschrift", on=TODAY, actor=CLARA)
    new = issue_draft(ManualDraft.objects.get(), on=TODAY, actor=CLARA)
    ada_ = client_of(login("ada", home.ada))
    assert new.number in ada_.get("/dienste/").content.decode()
    for page in (
        ada_.get(reverse("portal:service", args=[contract.pk])),
        desk().get(reverse("office:contract", args=[contract.pk])),
    ):
        assert new.number in page.content.decode() and old.number not in page.content.decode()


def test_a_service_that_ends_within_its_last_billed_period_is_not_called_ended_before() -> None:
    home = house()
    contract = home.contracts[0]
    end_contract(contract, date(2027, 4, 23), credits_rest=True, on=TODAY, actor=CLARA)
    page = client_of(login("ada", home.ada)).get(reverse("portal:service", args=[contract.pk])).content.decode()
    assert "Dieser Vertrag endet am 23.04.2027; bis dahin ist alles abgerechnet." in page
    assert "ist beendet" not in page


def test_an_ended_service_is_billed_no_more() -> None:
    seller = alpenhost()
    customer = ada(seller)
    contract = package(customer, "P9", "alt.example", end_date=TODAY.replace(day=1))
    bill(seller)
    client = client_of(login("ada", customer))
    assert "nichts mehr abgerechnet" in client.get(reverse("portal:service", args=[contract.pk])).content.decode()
    assert [row.title for row in client.get("/dienste/?state=running").context["rows"]] == []
    assert [row.title for row in client.get("/dienste/?state=ended").context["rows"]] == ["alt.example"]


def test_a_service_whose_end_was_taken_back_goes_on_with_the_rest_of_its_period() -> None:
    seller = alpenhost()
    customer = ada(seller)
    contract = package(customer, "P9", "shop.example", end_date=TODAY.replace(day=10))
    bill(seller)
    end_contract(contract, None, on=TODAY, actor=CLARA)

    page = client_of(login("ada", customer)).get(reverse("portal:service", args=[contract.pk])).content.decode()

    assert "Zeitraum 11.11.2026 bis 30.11.2026" in page and "20 von 30 Tagen" in page


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


@pytest.mark.feature("M1", "M25")
def test_payments_are_received_booked_or_reversed_and_name_what_they_settled() -> None:
    home = house()
    first = home.invoices[0]
    booked = pay(home.ada, first.amount_due, TODAY, reference=first.number, on=TODAY, actor=CLARA)
    waiting = pay(home.ada, Decimal("5"), TODAY, is_waiting=True, on=TODAY, actor=CLARA)
    client = client_of(login("ada", home.ada))
    rows = {row.payment.pk: row for row in client.get("/zahlungen/").context["rows"]}
    assert [one.number for one in rows[booked.pk].settled] == [first.number]
    assert (rows[booked.pk].badge.label, rows[waiting.pk].badge.label) == ("verbucht", "eingegangen")
    reverse_payment(booked, reason="Rücklastschrift", on=TODAY, actor=CLARA)
    rows = {row.payment.pk: row for row in client.get("/zahlungen/").context["rows"]}
    assert rows[booked.pk].badge.label == "storniert" and rows[booked.pk].settled == []
    assert "Rücklastschrift" in client.get("/zahlungen/").content.decode()


def test_an_overpayment_is_shown_as_the_customers_balance() -> None:
    home = house()
    pay(home.ada, Decimal("100"), TODAY, on=TODAY, actor=CLARA)
    text = client_of(login("ada", home.ada)).get("/zahlungen/").content.decode()
    assert "Ihr Guthaben" in text and "70,12" in text
