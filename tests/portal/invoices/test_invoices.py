"""Rechnungen: columns, status, search, filters, pages, and that only the own ones exist."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.search import index_invoices
from kundenkontor.web.statuses import document_badges
from tests.portal.builders import client_of, house, login, package
from tests.support.builders import CLARA, TODAY, ada, alpenhost, issue, line
from tests.support.money import pay

pytestmark = pytest.mark.django_db
LIST = "/rechnungen/"


@pytest.mark.feature("M11", "M12", "M13", "M14", "M15", "M17", "M18", "M22")
def test_the_list_shows_number_date_amount_status_due_date_contract_and_pdf() -> None:
    home = house()
    text = client_of(login("ada", home.ada)).get(LIST).content.decode()
    for invoice in home.invoices:
        assert invoice.number in text
        assert f'{reverse("portal:invoice-pdf", args=[invoice.pk])}" target="_blank"' in text
    assert "23.11.2026" in text and "grüne-wiese.at" in text and "18,00" in text and "offen" in text
    assert "30.11.2026" in text  # due


@pytest.mark.feature("M16", "M24", "M25", "M26")
def test_a_document_is_open_then_paid_and_a_credit_note_is_a_negative_row() -> None:
    home = house()
    first, second = home.invoices
    ada = client_of(login("ada", home.ada))
    pay(home.ada, first.amount_due, TODAY, reference=first.number, on=TODAY, actor=CLARA)
    cancel_invoice(second, bill_again=False, reason="Irrtum", on=TODAY, actor=CLARA)
    assert _numbers(ada, "?status=paid&type=invoice") == {first.number}
    credit = Invoice.objects.get(type_code="381")
    text = ada.get(f"{LIST}?status=credit_note").content.decode()
    assert (
        credit.number in text and "Gutschrift" in text and f"\u2212{str(credit.amount_due).replace('.', ',')}" in text
    )
    assert _numbers(ada, "?status=cancelled") == {second.number}
    assert _numbers(ada, "?status=open") == set()
    row = ada.get(f"{LIST}?status=cancelled").context["rows"][0]
    assert [badge.label for badge in document_badges(row.invoice)] == ["storniert"]


@pytest.mark.feature("M24")
@pytest.mark.usefixtures("business_day")
def test_overdue_and_partly_paid_are_second_labels() -> None:
    seller = alpenhost()
    customer = ada(seller)
    late = issue(customer, on=TODAY - timedelta(days=60))
    partly = issue(customer, line("100.00"))
    pay(customer, Decimal("50"), TODAY, allocations=[(partly.open_item.pk, Decimal("50"))], on=TODAY, actor=CLARA)
    client = client_of(login("ada", customer))
    assert _numbers(client, "?status=overdue") == {late.number}
    assert _numbers(client, "?status=partly_paid") == {partly.number}
    text = client.get(LIST).content.decode()
    assert f"überfällig seit {late.due_date + timedelta(days=1):%d.%m.%Y}" in text and "teilweise bezahlt" in text


@pytest.mark.feature("M23")
def test_open_and_paid_totals_stand_above_the_list() -> None:
    home = house()
    first, second = home.invoices
    pay(home.ada, first.amount_due, TODAY, reference=first.number, on=TODAY, actor=CLARA)
    text = client_of(login("ada", home.ada)).get(LIST).content.decode()
    sums = text.split("kk-sums")[1].split("</dl>")[0]
    assert str(second.amount_due) in sums and str(first.amount_due) in sums


def test_search_finds_number_domain_and_words_of_the_own_documents_only() -> None:
    home = house()
    ada = client_of(login("ada", home.ada))
    of_domain = next(one for one in home.invoices if one.lines.filter(identifier="grüne-wiese.at").exists())
    assert _numbers(ada, "?q=gruene-wiese") == {of_domain.number}
    assert _numbers(ada, f"?q={of_domain.number}") == {of_domain.number}
    assert _numbers(ada, "?q=Webhosting") == {one.number for one in home.invoices} - {of_domain.number}
    assert _numbers(ada, "?q=bobs-geheim.at") == set()
    assert _numbers(ada, f"?q={home.bobs_invoice.number}") == set()


def test_a_period_is_filtered_and_a_wrong_date_is_said() -> None:
    seller = alpenhost()
    customer = ada(seller)
    old, new = issue(customer, on=TODAY - timedelta(days=90)), issue(customer)
    client = client_of(login("ada", customer))
    assert _numbers(client, f"?since={TODAY.isoformat()}") == {new.number}
    assert _numbers(client, f"?until={TODAY - timedelta(days=1):%d.%m.%Y}") == {old.number}
    assert "Datum" in client.get(f"{LIST}?since=31.2.2026").content.decode()


@pytest.mark.parametrize("sort", ["date", "-date", "amount", "-amount"])
def test_keyset_pages_show_every_document_once(sort: str) -> None:
    seller = alpenhost()
    customer = ada(seller)
    issued = {issue(customer, line(str(10 + n % 7))).number for n in range(55)}
    client, seen, url = client_of(login("ada", customer)), [], f"{LIST}?sort={sort}"
    while url:
        answer = client.get(url)
        page = answer.context["page"]
        seen += [row.number for row in page.rows]
        url = LIST + answer.context["listing"].url(after=page.next_token) if page.next_token else ""
    assert sorted(seen) == sorted(issued) and len(seen) == 55


@pytest.mark.parametrize("path", ["/", LIST, "/dienste/", "/zahlungen/", "/konto/"])
def test_the_query_count_is_the_same_for_one_and_many_rows(path: str) -> None:
    seller = alpenhost()
    one, many = ada(seller), ada(seller, number="11003")
    for customer, count in ((one, 1), (many, 3)):
        for n in range(count):
            contract = package(customer, f"P{customer.pk}-{n}", f"shop{n}.example")
            issued = issue(customer, line("10.00", contract=contract))
            index_invoices([issued.pk])
            pay(customer, Decimal("12.00"), TODAY, reference=issued.number, on=TODAY, actor=CLARA)
    counts = []
    for customer in (one, many):
        client = client_of(login(f"u{customer.pk}", customer))
        client.get(path)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(path).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 30


@pytest.mark.security("CSV injection")
def test_the_list_is_exported_as_filtered() -> None:
    home = house()
    text = client_of(login("ada", home.ada)).get("/rechnungen/liste.csv?q=gruene-wiese").getvalue().decode()
    rows = text.strip().splitlines()
    assert len(rows) == 2 and ";18,00;EUR;" in rows[1] and "grüne-wiese.at" in rows[1]


@pytest.mark.feature("M1", "M21")
def test_a_login_without_contracts_left_still_reads_its_documents() -> None:
    home = house()
    for contract in home.contracts:
        contract.end_date = contract.start_date
        contract.save()
    ada = client_of(login("ada", home.ada))
    assert _numbers(ada, "") == {one.number for one in home.invoices}
    assert "beendet" in ada.get("/dienste/").content.decode()


def _numbers(client: object, query: str) -> set[str]:
    answer = client.get(f"{LIST}{query}")  # type: ignore[attr-defined]
    assert answer.status_code == 200
    return {row.number for row in answer.context["page"].rows}


@pytest.mark.feature("M47")
def test_a_page_names_the_account_that_the_document_names_and_no_later_one() -> None:
    seller = alpenhost()
    accounts = list(seller.bank_accounts.all())
    seller.bank_accounts.update(is_active=False)
    seller.refresh_from_db()
    customer = ada(seller)
    before = issue(customer, line("0.00"))
    seller.bank_accounts.update(is_active=True)
    client = client_of(login("ada", customer))
    iban = accounts[0].iban[-4:]
    assert iban not in client.get(reverse("portal:invoice", args=[before.pk])).content.decode()
    after = issue(customer)
    assert iban in client.get(reverse("portal:invoice", args=[after.pk])).content.decode()
