"""Both ends of every period and every "today" of the lists: first and last day count, the days beside them do not."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner

from kundenkontor.cli.export_documents import command as export_documents
from kundenkontor.contracts.models import Contract
from kundenkontor.ledger.models import Account
from kundenkontor.ledger.queries import account_sums
from kundenkontor.messaging.commands import queue_mail
from kundenkontor.parties.models import Seller
from kundenkontor.taxes.commands import record_vat_id_check
from kundenkontor.taxes.models import TaxRate
from tests.office.steps import bytes_of, desk
from tests.support.billing import hosting
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, issue, issue_several, line
from tests.support.money import open_item, pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business_day")]
DAY = date(2026, 11, 10)
ONE = timedelta(days=1)


@pytest.fixture
def seller() -> Seller:
    return alpenhost()


@contextmanager
def on(day: date) -> Iterator[None]:
    """Noon of a day."""
    with time_machine.travel(datetime(day.year, day.month, day.day, 11, tzinfo=UTC), tick=True):
        yield


def rows(url: str, **query: object) -> list[dict[str, str]]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = desk("administrator").get(f"{url}?format=csv&{asked}")
    return list(csv.DictReader(bytes_of(answer).decode("utf-8-sig").splitlines()))


def _issued(seller: Seller) -> None:
    issue(ada(seller), on=DAY)


def _paid(seller: Seller) -> None:
    pay(ada(seller), "5.00", DAY)


def _settled(seller: Seller) -> None:
    customer = ada(seller)
    issue(customer, on=DAY - ONE)
    pay(customer, "5.00", DAY)


def _checked(seller: Seller) -> None:
    record_vat_id_check([ada(seller)], outcome="valid", way="staff", evidence="x", on=DAY, actor=CLARA)


PERIODS: list[tuple[str, Callable[[Seller], None]]] = [
    ("/office/invoices/", _issued),
    ("/office/payments/", _paid),
    ("/office/books/outgoing/", _issued),
    ("/office/books/journal/", _issued),
    ("/office/books/settlements/", _settled),
    ("/office/books/vat-id-checks/", _checked),
]


@pytest.mark.parametrize(("url", "build"), PERIODS)
def test_a_list_holds_both_ends_of_its_period(seller: Seller, url: str, build: Callable[[Seller], None]) -> None:
    build(seller)

    assert rows(url, since=DAY, until=DAY)
    assert not rows(url, since=DAY + ONE, until=DAY + ONE)
    assert not rows(url, since=DAY - 2 * ONE, until=DAY - ONE)


@pytest.mark.parametrize(("role", "sign"), [("receivable", 1), ("revenue", -1)])
def test_a_sheet_and_its_sums_hold_both_ends(seller: Seller, role: str, sign: int) -> None:
    """Of an account that is debited, and of one that is credited: 10.00 net, 2.00 VAT."""
    _issued(seller)
    account = Account.objects.filter(seller=seller, role=role).get()
    moved = {"receivable": [12, 0], "revenue": [0, 10]}[role]
    stands = sign * sum(moved)

    def sums(since: date, until: date) -> list[int]:
        found = account_sums(seller.pk, since, until).get(account.pk)
        return [int(one) for one in (found.opening, found.debited, found.credited, found.closing)] if found else []

    sheet = f"/office/books/accounts/{account.pk}/"
    assert rows(sheet, since=DAY, until=DAY)
    assert not rows(sheet, since=DAY + ONE, until=DAY + ONE) and not rows(sheet, since=DAY - ONE, until=DAY - ONE)
    assert sums(DAY, DAY) == [0, *moved, stands]
    assert sums(DAY + ONE, DAY + ONE) == [stands, 0, 0, stands]
    assert sums(DAY - ONE, DAY + ONE) == [0, *moved, stands]
    assert sums(DAY - ONE, DAY - ONE) == []


@pytest.mark.parametrize(("since", "until", "found"), [(0, 0, 1), (1, 1, 0), (-1, -1, 0), (-1, 1, 1)])
def test_an_export_holds_both_ends(seller: Seller, tmp_path: Path, since: int, until: int, found: int) -> None:
    _issued(seller)
    options = ["--since", str(DAY + since * ONE), "--until", str(DAY + until * ONE)]

    CliRunner().invoke(export_documents, [str(tmp_path), *options])

    overview = (tmp_path / "alpenhost" / "uebersicht.csv").read_text("utf-8-sig").splitlines()
    assert len(overview) == 1 + found


def test_events_and_mails_are_found_from_their_day_on(seller: Seller) -> None:
    _issued(seller)
    queue_mail(to="ada@huber.example", subject="x", body="x", kind="invoice", sender="service@alpenhost.example")
    for url, day, more in (
        ("/office/control/events/", DAY, {"name": "invoice.issued"}),
        ("/office/mail/outbox/", TODAY, {}),
    ):
        assert rows(url, since=day, **more) and not rows(url, since=day + ONE, **more), url


def test_what_is_due_today_is_not_late_and_tomorrow_it_is(seller: Seller) -> None:
    invoice = issue(ada(seller))
    due = open_item(invoice).due_date
    for day, late in ((due, 0), (due + ONE, 1)):
        with on(day):
            assert len(rows("/office/invoices/", state="overdue")) == late
            assert len(rows("/office/payments/open-items/", kind="overdue")) == late
            (item,) = rows("/office/payments/open-items/")
            assert (item["State"] == "overdue") == bool(late), item
            home = desk().get("/office/").context["tiles"][1]
            assert ("12.00" in str(home.value)) == bool(late)
            shown = desk().get(f"/office/invoices/{invoice.pk}/").content.decode()
            assert (">overdue<" in shown) == bool(late)


def test_the_month_of_the_start_page_begins_on_its_first_day_and_ends_today(seller: Seller) -> None:
    customer = ada(seller)
    issue(customer, line("5.00"), on=date(2026, 10, 31))
    issue(customer, line("7.00"), on=date(2026, 11, 1))
    issue(customer, line("11.00"), on=TODAY)
    tile = desk().get("/office/").context["tiles"][2]
    assert "21.60" in str(tile.value) and "2" in str(tile.note)


@pytest.mark.parametrize(
    ("start", "end", "states"),
    [
        (0, None, {"running"}),
        (1, None, {"future"}),
        (-9, 0, {"running", "ending"}),
        (-9, -1, {"ended"}),
    ],
)
def test_a_contract_runs_from_its_first_to_its_last_day(
    seller: Seller, start: int, end: int | None, states: set[str]
) -> None:
    made = hosting(bob(seller))
    Contract.objects.filter(pk=made.pk).update(
        start_date=TODAY + start * ONE, end_date=None if end is None else TODAY + end * ONE
    )
    every = ("running", "ending", "ended", "future")
    assert {state for state in every if rows("/office/contracts/", state=state)} == states
    home = desk().get("/office/").context["tiles"][3]
    assert str(home.note).startswith("1 " if "running" in states else "0 ")


def test_a_rate_holds_from_its_first_to_its_last_day(db: None) -> None:
    first, last = TODAY - 3 * ONE, TODAY
    TaxRate.objects.all().delete()
    TaxRate.objects.create(country="AT", rate=Decimal(20), valid_from=first, valid_to=last)
    for day, holds in ((first - ONE, 0), (first, 1), (last, 1), (last + ONE, 0)):
        with on(day):
            assert len(rows("/office/catalogue/rates/", state="now")) == holds


@pytest.mark.parametrize("size", [1, 2, 5])
def test_every_row_stands_once_on_the_pages_and_in_the_file(
    seller: Seller, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of due dates is not that of numbers."""
    for name in ("journal", "open_items", "deferral", "outgoing"):
        monkeypatch.setattr(f"kundenkontor.office.books.{name}.PAGE_SIZE", size)
    monkeypatch.setattr("kundenkontor.office.books.journal.CHUNK", size)
    monkeypatch.setattr("kundenkontor.web.lists.tables.CSV_CHUNK", size)
    slow, quick = ada(seller, payment_terms_days=30), bob(seller, payment_terms_days=7)
    over = line("12.00", start=date(2026, 12, 1), end=date(2027, 1, 31))
    issue_several(slow, [over], [over])
    issue_several(quick, [over, over], [over])
    for url, count in (
        ("/office/books/journal/", 8),
        ("/office/books/open-items/", 4),
        ("/office/books/deferral/", 5),
        ("/office/books/outgoing/", 4),
    ):
        shown = _all_pages(url)
        assert len(shown) == len(rows(url)) == count, url
        assert len(rows("/office/invoices/")) == 4


def _all_pages(url: str) -> list[str]:
    client, query, found = desk(), "", []
    while True:
        context = client.get(url + query).context
        found += [str(row) for row in context["rows"]]
        query = context["next_url"]
        if not query:
            return found
