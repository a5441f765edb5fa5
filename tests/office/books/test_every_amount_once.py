"""Whatever happens to documents and money: each amount counts in one return, and all returns add up to documents."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kundenkontor.invoicing.books.sums import VatSum, return_sums
from kundenkontor.invoicing.correcting.commands import cancel_invoice, correct_invoice
from kundenkontor.invoicing.correcting.corrections import LineCorrection
from kundenkontor.invoicing.errors import AlreadyCancelled
from kundenkontor.invoicing.issuing.lines import ServicePeriod
from kundenkontor.invoicing.models import Invoice, InvoiceLine
from kundenkontor.kernel.errors import DomainError
from kundenkontor.parties.models import Customer, Seller, SellerTaxSetting
from kundenkontor.parties.seller_commands import declare_returns
from kundenkontor.payments.commands import offset_balance, refund_balance, reverse_payment, undo_allocation
from kundenkontor.payments.models import Allocation, Payment
from kundenkontor.receivables.models import OpenItem
from kundenkontor.receivables.queries import list_balances, list_open_receivables
from tests.support.books import check_books
from tests.support.builders import CLARA, ada, alpenhost, issue, line
from tests.support.money import pay

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2025, 1, 1), date(2027, 12, 31)
RATES = {"DE": (19, 7), "AT": (20, 10)}
Step = Callable[["Story"], None]


class Story:
    """A seller's year, drawn by chance; days only go on."""

    def __init__(self, seller: Seller, seed: int) -> None:
        self.seller, self.customer = seller, ada(seller)
        self.chance, self.day = random.Random(seed), date(2026, 2, 3)

    def amount(self, most: Decimal) -> Decimal:
        return Decimal(self.chance.randint(1, int(most * 100))) / 100

    def invoice(self) -> None:
        lines = []
        for _ in range(self.chance.randint(1, 3)):
            start = self.day.replace(day=1) - timedelta(days=self.chance.choice([0, 0, 20, 50]))
            end = start + timedelta(days=self.chance.choice([5, 27, 27, 364]))
            tax: dict[str, Any] = {
                "rate": Decimal(self.chance.choice(RATES[self.seller.country])),
                "country": self.seller.country,
            }
            priced = line(str(self.amount(Decimal(90))), **tax)
            lines.append(priced._replace(period=ServicePeriod(start, end)))
        issue(self.customer, *lines, on=self.day)

    def receipt(self) -> None:
        on = self.day - timedelta(days=self.chance.choice([0, 1, 30]))
        pay(self.customer, self.amount(Decimal(120)), on, on=self.day, is_confirmed=True)

    def correction(self) -> None:
        found = self.chance.choice(list(InvoiceLine.objects.filter(invoice__sign=1, invoice__seller=self.seller)))
        part = LineCorrection(found.position, net_amount=self.amount(found.net_amount))
        correct_invoice(found.invoice, [part], reason="x", on=self.day, actor=CLARA)

    def cancellation(self) -> None:
        found = self.chance.choice(list(Invoice.objects.filter(sign=1, seller=self.seller)))
        cancel_invoice(found, bill_again=False, reason="x", on=self.day, actor=CLARA)

    def reversal(self) -> None:
        found = self.chance.choice(list(Payment.objects.filter(seller=self.seller, reversal=None)))
        reverse_payment(found, reason="x", is_mistake=self.chance.random() < 0.5, on=self.day, actor=CLARA)

    def undone(self) -> None:
        kept = Allocation.objects.filter(
            customer_id=self.customer.pk, reverses=None, reversed_by=None, payment__isnull=False
        )
        undo_allocation(self.chance.choice(list(kept)), reason="x", on=self.day, actor=CLARA)

    def offset(self) -> None:
        balance, owed = self.balance(), self.chance.choice(list(list_open_receivables(self.customer.pk)))
        amount = min(balance.open_amount, owed.open_amount)
        offset_balance(balance, owed, amount, on=self.day, actor=CLARA)

    def refund(self) -> None:
        balance = self.balance()
        refund_balance(balance, self.amount(balance.open_amount), on=self.day, actor=CLARA)

    def balance(self) -> OpenItem:
        return self.chance.choice(list(list_balances(self.customer.pk)))

    def declaration(self) -> None:
        until = self.day.replace(day=1) - timedelta(days=1 + self.chance.choice([0, 31]))
        until = (until + timedelta(days=1)).replace(day=1) - timedelta(days=1)
        declare_returns(self.seller, "vat", until=until, on=self.day, actor=CLARA)

    def live(self, steps: int) -> None:
        kinds: Sequence[Step] = [Story.invoice] * 4 + [Story.receipt] * 4 + [
            Story.correction, Story.cancellation, Story.reversal, Story.undone, Story.offset, Story.refund,
            Story.declaration,
        ]  # fmt: skip
        self.invoice()
        for _ in range(steps):
            self.day += timedelta(days=self.chance.randint(0, 9))
            try:
                self.chance.choice(kinds)(self)
            except (DomainError, AlreadyCancelled, IndexError):
                continue  # nothing to do it to, or not possible then

    def settle_all(self) -> None:
        """Everything owed is paid, and everything owed back is given back."""
        for owed in list(list_open_receivables(self.customer.pk)):
            allocations = [(owed.pk, owed.open_amount)]
            pay(self.customer, owed.open_amount, self.day, on=self.day, allocations=allocations, is_confirmed=True)
        for balance in list(list_balances(self.customer.pk)):
            refund_balance(balance, balance.open_amount, on=self.day, actor=CLARA)

    def returned(self) -> list[VatSum]:
        sums = return_sums(self.seller.pk, self.seller.country, FIRST, LAST)
        return [*sums.vat, *sums.corrections]


Totals = dict[Decimal, tuple[Decimal, Decimal]]


def of_returns(rows: list[VatSum]) -> Totals:
    found: Totals = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for row in rows:
        found[row.rate] = (found[row.rate][0] + row.base, found[row.rate][1] + row.tax)
    return {rate: amounts for rate, amounts in found.items() if any(amounts)}


def of_documents(seller: Seller) -> Totals:
    found: Totals = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for invoice in Invoice.objects.filter(seller=seller).prefetch_related("vat_breakdown"):
        for row in invoice.vat_breakdown.all():
            base, tax = found[row.rate]
            found[row.rate] = (base + invoice.signed(row.taxable_amount), tax + invoice.signed(row.tax_amount))
    return {rate: amounts for rate, amounts in found.items() if any(amounts)}


def month_by_hand(seller: Seller, invoice: Invoice, end: date) -> date:
    """The month of an invoice's line, as the law has it."""
    month, dated = end.replace(day=1), invoice.issue_date.replace(day=1)
    if month > dated:
        return dated
    if month < dated and seller.country == "AT":
        return (month + timedelta(days=32)).replace(day=1)
    return month


def bases_by_hand(seller: Seller) -> dict[date, Decimal]:
    """What documents come to per month, corrections on their own day."""
    found: dict[date, Decimal] = defaultdict(Decimal)
    for row in InvoiceLine.objects.filter(invoice__seller=seller).select_related("invoice"):
        invoice = row.invoice
        dated = invoice.issue_date.replace(day=1)
        month = month_by_hand(seller, invoice, row.period_end) if invoice.sign > 0 else dated
        found[month] += invoice.signed(row.net_amount)
    return {month: base for month, base in found.items() if base}


def seller_of(country: str, *kinds: str) -> Seller:
    seller = alpenhost(country=country, vat_id="DE136695976" if country == "DE" else "ATU12345675")
    for kind in kinds:
        SellerTaxSetting.objects.create(seller=seller, kind=kind, valid_from=FIRST, applies=True)
    return seller


@pytest.mark.parametrize("country", ["DE", "AT"])
@pytest.mark.parametrize("seed", range(3))
def test_the_returns_of_documents_add_up_to_the_documents(country: str, seed: int) -> None:
    story = Story(seller_of(country), seed)
    story.live(60)

    rows = story.returned()
    assert of_returns(rows) == of_documents(story.seller)
    by_month: dict[date, Decimal] = defaultdict(Decimal)
    for row in rows:
        by_month[row.month] += row.base
    early = _paid_before_its_date(story.customer)
    if not early:
        assert {month: base for month, base in by_month.items() if base} == bases_by_hand(story.seller)
    assert check_books() == []


@pytest.mark.parametrize("kinds", [("cash_accounting",), ("advance_by_service",)])
@pytest.mark.parametrize("seed", range(3, 7))
def test_when_all_is_paid_the_returns_add_up_to_the_documents(kinds: tuple[str, ...], seed: int) -> None:
    story = Story(seller_of("DE", *kinds), seed)
    story.live(60)
    story.settle_all()

    assert of_returns(story.returned()) == of_documents(story.seller)
    assert check_books() == []


def _paid_before_its_date(customer: Customer) -> bool:
    rows = Allocation.objects.filter(customer_id=customer.pk).select_related("entry", "open_item__invoice")
    return any(
        row.open_item.invoice and row.entry.tax_day < row.open_item.invoice.issue_date.replace(day=1) for row in rows
    )
