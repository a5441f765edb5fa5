"""Looking at a customer's money in tests."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from django.db.models import Sum

from kundenkontor.invoicing.models import CustomerTotals, Invoice, OpenItem
from kundenkontor.parties.models import Customer


class Money(NamedTuple):
    """What a customer was invoiced, still owes and is owed."""

    invoiced: str
    open: str
    balance: str


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
