"""A customer's money in tests: paying, and looking at it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Sum

from kundenkontor.events.actor import Actor
from kundenkontor.invoicing.models import Invoice
from kundenkontor.parties.models import Customer
from kundenkontor.payments.commands import IncomingPayment, receive_payments
from kundenkontor.payments.models import Payment
from kundenkontor.receivables.models import CustomerTotals, OpenItem
from tests.support.builders import CLARA, TODAY


class Money(NamedTuple):
    """What a customer was invoiced, still owes and is owed."""

    invoiced: str
    open: str
    balance: str


def pay(
    customer: Customer,
    amount: str | Decimal,
    received_on: date = TODAY,
    *,
    on: date = TODAY,
    actor: Actor = CLARA,
    **more: Any,
) -> Payment:
    """One payment: a list of one."""
    incoming = IncomingPayment(customer, Decimal(amount), received_on, **more)
    return receive_payments([incoming], on=on, actor=actor)[0]


def money_of(customer: Customer) -> Money:
    """The kept totals, which must be the sums of the open items."""
    totals = CustomerTotals.objects.get(customer=customer)
    assert (totals.open_amount, totals.balance_amount) == (_sum(customer, "receivable"), _sum(customer, "balance"))
    return Money(str(totals.invoiced_amount), str(totals.open_amount), str(totals.balance_amount))


def _sum(customer: Customer, kind: str) -> Decimal:
    items = OpenItem.objects.filter(customer=customer, kind=kind)
    return items.aggregate(sum=Sum("open_amount"))["sum"] or Decimal(0)


def open_item(invoice: Invoice) -> OpenItem:
    return OpenItem.objects.get(invoice=invoice)


def open_amount(invoice: Invoice) -> str:
    return str(open_item(invoice).open_amount)


def balance_of(customer: Customer) -> OpenItem:
    """The one open balance item of a customer."""
    return OpenItem.objects.get(customer=customer, kind="balance", open_amount__gt=0)
