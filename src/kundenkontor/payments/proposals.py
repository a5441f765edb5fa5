"""What a payment would settle, before it is booked, and whom a number on it names."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.money import ZERO
from kundenkontor.parties.models import Customer
from kundenkontor.payments.allocating import Owed, allocate
from kundenkontor.receivables.queries import list_open_receivables


class Proposal(NamedTuple):
    """The documents that booking would settle by itself, as number and amount, and what is left over."""

    settles: list[tuple[str, Decimal]]
    rest: Decimal


def propose(customer: Customer, amount: Decimal, reference: str) -> Proposal:
    """For one payment alone: of several payments of a customer, booking allocates each in its turn."""
    return proposal_over(list(list_open_receivables(customer.pk)), amount, reference)


def proposal_over(owed: Iterable[Owed], amount: Decimal, reference: str) -> Proposal:
    """Pure."""
    items = {item.pk: item for item in owed}
    parts = allocate(amount, reference, items.values())
    return Proposal([(items[item_id].number, part) for item_id, part in parts], left_over(amount, parts))


def left_over(amount: Decimal, parts: Iterable[tuple[int, Decimal]]) -> Decimal:
    """What of a payment stays as the customer's balance, given what its parts settle by item. Pure."""
    return amount - sum((part for _, part in parts), ZERO)


def find_payers(number: str) -> tuple[list[Customer], str]:
    """The customers that a number may mean, and the document's number where it is one.

    A document names its customer; else it is a customer number, which each seller gives once: two are returned at most.
    """
    invoices = list(Invoice.objects.filter(number__iexact=number).select_related("customer")[:2])
    if invoices:
        return [invoice.customer for invoice in invoices], invoices[0].number
    return list(Customer.objects.filter(number=number).order_by("pk")[:2]), ""
