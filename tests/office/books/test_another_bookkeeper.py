"""What the pages and files of the books say is what another bookkeeper makes of the e-invoices and the money."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kundenkontor.einvoicing.cii import write_cii
from kundenkontor.invoicing.correcting.commands import cancel_invoice, correct_invoice
from kundenkontor.invoicing.correcting.corrections import LineCorrection
from kundenkontor.invoicing.drafting.pricing import price_line
from kundenkontor.invoicing.issuing.lines import DraftLine, Item, ServicePeriod, Tax
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.papers.freezing import freeze_invoices
from kundenkontor.invoicing.writing_off.commands import write_off_invoice
from kundenkontor.kernel.errors import DomainError
from kundenkontor.parties.models import Customer, Seller, SellerTaxSetting
from kundenkontor.payments.commands import refund_balance
from kundenkontor.receivables.models import OpenItem
from tests.office.books.bookkeeper import Amounts, Bookkeeper, Document, Event, Sums, read, without_nothing
from tests.office.steps import bytes_of, desk
from tests.support.books import check_books
from tests.support.builders import CLARA, ada, alpenhost, bob, issue
from tests.support.money import open_item, pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business_day")]
ALL = date(2025, 1, 1), date(2027, 12, 31)
HOME = {"AT": ("20", "10"), "DE": ("19", "7")}
ABROAD = {"IT": "22", "FR": "20"}
ONE = Decimal(1)


class World:
    """A seller with customers of every tax case, and a year drawn by chance; the money is written down as it moves."""

    def __init__(self, country: str, seed: int, *, is_cash: bool) -> None:
        self.chance, self.day, self.country = random.Random(seed), date(2026, 1, 20), country
        self.seller = seller_of(country, "oss", *(("cash_accounting",) if is_cash else ()))
        self.is_cash = is_cash
        other = "DE" if country == "AT" else "AT"
        vat_id = "DE136695976" if other == "DE" else "ATU87654325"
        self.reverse = ada(self.seller, country=other, vat_id=vat_id, number="R1")
        self.home = bob(self.seller, country=country, number="H1", postal_code="1010", city="Ort")
        self.abroad = [bob(self.seller, country=of, number=of, postal_code="75001", city="Ort") for of in ABROAD]
        self.events: list[Event] = []
        self.corrected: set[int] = set()

    def taxes(self, customer: Customer) -> list[Tax]:
        if customer == self.reverse:
            return [Tax("AE", Decimal(0), "", exemption_reason="RC", exemption_code="VATEX-EU-AE")]
        if customer in self.abroad:
            return [Tax("S", Decimal(ABROAD[customer.country]), customer.country)]
        return [Tax("S", Decimal(rate), self.country) for rate in HOME[self.country]]

    def lines(self, customer: Customer) -> list[DraftLine]:
        found = []
        for tax in self.taxes(customer):
            start = self.day.replace(day=1) + timedelta(days=self.chance.choice([-58, -31, 0, 0, 40]))
            period = ServicePeriod(start, start + timedelta(days=self.chance.choice([5, 27, 89])))
            for _ in range(self.chance.randint(1, 3)):
                price = Decimal(self.chance.choice(["9.99", "4.90", "119.00", "0.99", "33.33", "7.35"]))
                is_gross = tax.category == "S" and self.chance.random() < 0.6
                quantity = Decimal(self.chance.randint(1, 7))
                measure = price_line(quantity, ONE, price, Decimal("0.00"), is_gross, tax.rate)
                found.append(DraftLine(Item("Hosting"), measure, tax, period))
        return found

    def invoice(self) -> None:
        customer = self.chance.choice([self.home, self.home, self.home, self.reverse, *self.abroad])
        issue(customer, *self.lines(customer), on=self.day)

    def any_invoice(self) -> Invoice:
        return self.chance.choice(list(Invoice.objects.filter(seller=self.seller, sign=1)))

    def payment(self) -> None:
        """Of a part of an invoice, or all of it."""
        found = self.any_invoice()
        owed = open_item(found).open_amount
        amount = (
            owed if self.chance.random() < 0.5 else (owed * self.chance.randint(1, 9) / 10).quantize(Decimal("0.01"))
        )
        if amount <= 0 or open_item(found).kind != "receivable":
            return
        pay(found.customer, amount, self.day, on=self.day, allocations=[(open_item(found).pk, amount)])
        self.events.append(Event("paid", found.number, amount, self.day))

    def correction(self) -> None:
        """One per invoice, in part or in whole; half of what it leaves over is paid back, a day later."""
        found = self.any_invoice()
        if found.pk in self.corrected:
            return
        if self.chance.random() < 0.4:
            back = cancel_invoice(found, bill_again=False, reason="x", on=self.day, actor=CLARA).correction
        else:
            row = self.chance.choice(list(found.lines.all()))
            part = LineCorrection(row.position, quantity=Decimal(self.chance.randint(1, int(row.quantity))))
            back = correct_invoice(found, [part], reason="x", on=self.day, actor=CLARA)
        self.corrected.add(found.pk)
        self.events.append(Event("corrected", found.number, back.amount_due, self.day))
        left = OpenItem.objects.get(invoice=back.id)
        if left.open_amount and self.chance.random() < 0.7:
            amount = max((left.open_amount / 2).quantize(Decimal("0.01")), Decimal("0.01"))
            self.day += timedelta(days=1)
            refund_balance(left, amount, on=self.day, actor=CLARA)
            self.events.append(Event("refunded", found.number, amount, self.day))

    def loss(self) -> None:
        found = self.any_invoice()
        if found.pk not in self.corrected:
            lost = write_off_invoice(found, reason="x", on=self.day, actor=CLARA)
            self.corrected.add(found.pk)
            self.events.append(Event("lost", found.number, lost.amount, self.day))

    def live(self) -> None:
        kinds: list[Callable[[], None]] = [self.invoice] * 5 + [self.payment] * 6 + [self.correction] * 2 + [self.loss]
        self.invoice()
        while self.day < date(2026, 12, 1):
            self.day += timedelta(days=self.chance.randint(1, 9))
            try:
                self.chance.choice(kinds)()
            except DomainError:
                continue

    def bookkeeper(self) -> Bookkeeper:
        ids = list(Invoice.objects.filter(seller=self.seller).values_list("pk", flat=True))
        documents: dict[str, Document] = {}
        for one in freeze_invoices(ids).values():
            found = read(write_cii(one.invoice))
            documents[found.number] = found
        return Bookkeeper(self.country, self.is_cash, documents, self.events)


def seller_of(country: str, *kinds: str) -> Seller:
    name = {"AT": "alpenhost", "DE": "nordhost"}[country]
    vat_id = {"AT": "ATU12345675", "DE": "DE123456788"}[country]
    seller = alpenhost(country=country, vat_id=vat_id, short_name=f"{name}{len(kinds)}", name=f"{name} {len(kinds)}")
    for kind in kinds:
        SellerTaxSetting.objects.create(seller=seller, kind=kind, valid_from=date(2025, 1, 1), applies=True)
    return seller


def file_of(seller: Seller, page: str, since: date, until: date, kind: str = "csv") -> list[dict[str, str]]:
    url = f"/office/books/{page}?seller={seller.pk}&since={since}&until={until}&format={kind}"
    return list(csv.DictReader(bytes_of(desk("administrator").get(url)).decode("utf-8-sig").splitlines()))


def amounts(row: dict[str, str]) -> Amounts:
    return Decimal(row["Net"]), Decimal(row["VAT"])


def months() -> list[tuple[date, date]]:
    firsts = [date(2025, number, 1) for number in (10, 11, 12)] + [date(2026, number, 1) for number in range(1, 13)]
    firsts += [date(2027, number, 1) for number in range(1, 7)]
    return [(one, (one + timedelta(days=32)).replace(day=1) - timedelta(days=1)) for one in firsts]


def returns_of(seller: Seller) -> tuple[Sums, Sums, Sums]:
    """VAT return, ZM and OSS as the file of each month has them."""
    vat: Sums = {}
    zm: Sums = defaultdict(lambda: (Decimal(0), Decimal(0)))
    oss: Sums = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for since, until in months():
        quarter = date(since.year, (since.month - 1) // 3 * 3 + 1, 1)
        for row in file_of(seller, "outgoing/", since, until, "sums"):
            base, tax = amounts(row)
            if row["Sum for"].startswith("VAT return") and row["Country"]:
                vat[since, Decimal(row["Rate %"])] = (base, tax)
            elif row["Sum for"].startswith("Recap"):
                key: Any = (quarter, row["VAT id"])
                zm[key] = (zm[key][0] + base, zm[key][1] + tax)
            elif row["Sum for"].startswith("One-Stop"):
                key = (quarter, row["Country"], Decimal(row["Rate %"]))
                oss[key] = (oss[key][0] + base, oss[key][1] + tax)
    return vat, without_nothing(zm), without_nothing(oss)


@pytest.mark.parametrize(
    ("country", "is_cash", "seed"), [("AT", False, 0), ("DE", False, 1), ("AT", True, 1), ("DE", True, 0)]
)
def test_returns_and_book_are_those_of_another_bookkeeper(country: str, is_cash: bool, seed: int) -> None:
    world = World(country, seed, is_cash=is_cash)
    world.live()
    other = world.bookkeeper()

    vat, zm, oss = returns_of(world.seller)

    assert (vat, zm, oss) == (other.vat_return(), other.zm(), other.oss())
    book = file_of(world.seller, "outgoing/", *ALL)
    columns = ("Net", "VAT", "Rounding", "Payable")
    assert tuple(sum(Decimal(row[name]) for row in book) for name in columns) == other.book()
    assert bank(world.seller) == other.money()
    assert check_books() == []


def bank(seller: Seller) -> Decimal:
    """What the bank's account came to, by the journal: paid in less paid out."""
    rows = file_of(seller, "journal/", *ALL)
    into, out_of = (
        [Decimal(row["Amount"]) for row in rows if row[side].startswith("Bank")] for side in ("Debit", "Credit")
    )
    return sum(into, Decimal(0)) - sum(out_of, Decimal(0))
