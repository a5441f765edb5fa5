"""Dienste: what a service costs, what it was billed on, and when next."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from kundenkontor.contracts.commands import AgreedPrice, change_price, end_contract
from kundenkontor.contracts.models import Contract, ContractPrice
from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.drafting.commands import issue_draft
from kundenkontor.invoicing.models import ManualDraft
from tests.office.steps import desk
from tests.portal.builders import client_of, domain, house, login, package
from tests.support.billing import bill
from tests.support.builders import CLARA, TODAY, ada, alpenhost, issue, line

pytestmark = pytest.mark.django_db


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


@pytest.mark.feature("M3")
def test_a_free_service_names_no_next_billing_until_it_gets_a_price() -> None:
    customer = ada(alpenhost())
    client = client_of(login("ada", customer))
    free = domain(customer, "V1", "gratis.at", price="0.00", start=date(2024, 3, 15))

    assert [row.next_on for row in client.get("/dienste/").context["rows"]] == [None]
    assert "kostenlos" in client.get(reverse("portal:service", args=[free.pk])).getvalue().decode()

    change_price(free, AgreedPrice(Decimal(12), is_gross=False), valid_from=date(2027, 1, 1), on=TODAY, actor=CLARA)

    assert [row.next_on for row in client.get("/dienste/").context["rows"]] == [date(2027, 3, 15)]
    assert client.get(reverse("portal:service", args=[free.pk])).context["next"].start == date(2027, 3, 15)


@pytest.mark.feature("M3")
def test_the_list_of_services_says_of_the_price_of_now_whether_it_holds_vat() -> None:
    customer = ada(alpenhost())
    made = package(customer, "V1", "huber.at")
    change_price(made, AgreedPrice(Decimal(12), is_gross=True), valid_from=TODAY, on=TODAY, actor=CLARA)

    row = client_of(login("ada", customer)).get("/dienste/").context["rows"][0]

    assert (row.price, row.contract.is_gross) == (Decimal(12), True)


def test_with_vat_is_said_only_where_there_is_vat() -> None:
    seller = alpenhost()
    abroad = ada(seller, country="CH")
    contract = package(abroad, "V1", "grüne-wiese.ch")
    ContractPrice.objects.filter(contract=contract).update(is_gross=True)
    Contract.objects.filter(pk=contract.pk).update(set_up_fee=Decimal(30))
    client = client_of(login("ada", abroad))
    assert "inkl. USt" in client.get(f"/dienste/{contract.pk}/").content.decode()  # nothing says otherwise yet
    invoice = issue(
        abroad, line("5.00", rate=Decimal(0), category="G", exemption_code="VATEX-EU-G", exemption_reason="Ausfuhr")
    )
    for url in ("/dienste/", f"/dienste/{contract.pk}/"):
        text = client.get(url).content.decode()
        assert "inkl. USt" not in text and "Endpreis" in text and " netto" not in text
    text = client.get(f"/rechnungen/{invoice.pk}/").content.decode()
    assert "inkl. USt" not in text and "netto" not in text and "Nettobetrag" not in text
    taxed = issue(abroad, line("5.00"))
    assert "Gesamtbetrag inkl. USt" in client.get(f"/rechnungen/{taxed.pk}/").content.decode()
