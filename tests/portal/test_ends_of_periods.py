"""Both ends of the customer's periods, what is late today, and that no row is lost between two pages."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from kundenkontor.contracts.models import Contract
from kundenkontor.invoicing.queries import is_partly_paid
from kundenkontor.parties.models import Customer
from kundenkontor.payments.commands import undo_allocation
from tests.portal.builders import client_of, login, package
from tests.support.builders import CLARA, TODAY, ada, alpenhost, issue, line
from tests.support.money import open_item, pay
from tests.support.papers import render_invoices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business_day")]
DAY = date(2026, 11, 10)
ONE = timedelta(days=1)
BESIDE = [(0, 0, 1), (1, 1, 0), (-1, -1, 0), (-1, 1, 1)]


@pytest.fixture
def customer() -> Customer:
    return ada(alpenhost())


@pytest.fixture
def reader(customer: Customer) -> Client:
    return client_of(login("ada", customer))


def shown(reader: Client, url: str) -> list[Any]:
    return list(reader.get(url).context["rows"])


@pytest.mark.parametrize(("since", "until", "found"), BESIDE)
def test_lists_and_downloads_hold_both_ends_of_their_period(
    customer: Customer, reader: Client, since: int, until: int, found: int
) -> None:
    issue(customer, on=DAY)
    pay(customer, "5.00", DAY)
    first, last = DAY + since * ONE, DAY + until * ONE
    for url in ("/rechnungen/", "/zahlungen/"):
        assert len(shown(reader, f"{url}?since={first}&until={last}")) == found, url
    answer = reader.post(reverse("portal:period"), {"since": str(first), "until": str(last), "kinds": "xml"})
    assert (answer.status_code == 302) == bool(found)


def test_what_is_due_today_is_not_late_and_tomorrow_it_is(customer: Customer, reader: Client) -> None:
    invoice = issue(customer)
    due = open_item(invoice).due_date
    for day, late in ((due, 0), (due + ONE, 1)):
        with time_machine.travel(datetime(day.year, day.month, day.day, 11, tzinfo=UTC), tick=True):
            reader = client_of(login(f"ada{late}", customer))
            assert len(shown(reader, "/rechnungen/?status=overdue")) == late
            page = reader.get("/rechnungen/")
            assert page.context["overdue_since"] == (due + ONE if late else None)
            assert ("überfällig" in reader.get(reverse("portal:account")).content.decode()) == bool(late)


@pytest.mark.parametrize(("end", "state"), [(None, "running"), (0, "running"), (-1, "ended")])
def test_a_service_ends_with_its_last_day(customer: Customer, reader: Client, end: int | None, state: str) -> None:
    made = package(customer, "P1", "shop.huber.at")
    Contract.objects.filter(pk=made.pk).update(end_date=None if end is None else TODAY + end * ONE)
    found = {one for one in ("running", "ended") if shown(reader, f"/dienste/?state={one}")}
    assert found == {state}
    service = reader.get(reverse("portal:service", args=[made.pk]))
    assert service.context["has_ended"] == (state == "ended")


def test_a_price_holds_from_its_first_day(customer: Customer, reader: Client) -> None:
    made = package(customer, "P1", "shop.huber.at", price="9.90")
    made.prices.create(customer=customer, valid_from=TODAY + ONE, amount="19.90")
    made.prices.create(customer=customer, valid_from=TODAY, amount="14.90")
    text = reader.get("/dienste/").content.decode()
    assert "14,90" in text and "19,90" not in text and "9,90" not in text.replace("19,90", "")


@pytest.mark.parametrize("size", [1, 2, 5])
def test_every_document_stands_once_in_the_file_and_the_archive(
    customer: Customer, reader: Client, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("portal.invoices.export.PAGE", "web.lists.tables.CSV_CHUNK"):
        monkeypatch.setattr(f"kundenkontor.{place}", size)
    documents = [issue(customer) for _ in range(5)]
    numbers = [document.number for document in documents]
    render_invoices([document.pk for document in documents], on=TODAY, actor=CLARA)

    text = reader.get("/rechnungen/liste.csv").getvalue().decode("utf-8-sig")
    assert [row[0] for row in csv.reader(io.StringIO(text), delimiter=";")][1:] == numbers

    form = {"since": "2026-11-01", "until": "2026-11-30", "kinds": "xml"}
    answer = reader.get(reader.post(reverse("portal:period"), form)["Location"])
    content = answer.getvalue()
    assert int(answer["Content-Length"]) == len(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["uebersicht.csv", *(f"{number}.xml" for number in numbers)]


def test_the_lines_of_a_long_document_stand_once_on_its_pages(
    customer: Customer, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kundenkontor.portal.invoices.invoice.LINES_ON_PAGE", 2)
    made = issue(customer, *(line(f"{price}.00") for price in (1, 2, 3, 4, 5)))
    found = []
    for page in (1, 2, 3):
        context = reader.get(f"{reverse('portal:invoice', args=[made.pk])}?page={page}").context
        (group,) = context["groups"]
        assert group.total == 15
        found += [one.row.position for one in group.lines]
    assert found == [1, 2, 3, 4, 5]


def test_money_that_was_taken_back_settles_nothing_any_more(customer: Customer, reader: Client) -> None:
    """Neither on the page of the document, nor as a document that is paid in part."""
    made = issue(customer, on=DAY)
    payment = pay(customer, "5.00", DAY, reference=made.number)
    url = reverse("portal:invoice", args=[made.pk])
    assert [str(one.amount) for one in reader.get(url).context["payments"]] == ["5.00"]
    assert shown(reader, "/rechnungen/?status=partly_paid")

    undo_allocation(payment.allocations.get(), reason="x", on=TODAY, actor=CLARA)

    assert reader.get(url).context["payments"] == []
    assert not shown(reader, "/rechnungen/?status=partly_paid")
    (row,) = shown(reader, "/rechnungen/")
    assert not is_partly_paid(row.invoice)
