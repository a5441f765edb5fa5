"""What a payment would settle, before it is booked, and whom a number on it names."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import NamedTuple

from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.money import ZERO
from kundenkontor.parties.models import Customer
from kundenkontor.payments.allocating import Owed, settle_in_turn
from kundenkontor.receivables.models import OpenItem
from kundenkontor.receivables.queries import list_open_receivables


class Proposal(NamedTuple):
    """The documents that booking would settle by itself, as number and amount, and what is left over."""

    settles: list[tuple[str, Decimal]]
    rest: Decimal


def propose(payments: Iterable[tuple[Customer, Decimal, str]]) -> list[Proposal]:
    """What booking payments (customer, amount, reference) together would settle: one after the other, in their order,
    so that the next finds open what the one before has left."""
    owed: dict[int, list[OpenItem]] = {}
    proposals = []
    for customer, amount, reference in payments:
        if customer.pk not in owed:
            owed[customer.pk] = list(list_open_receivables(customer.pk))
        proposals.append(_proposal_over(owed[customer.pk], amount, reference))
    return proposals


def _proposal_over(owed: Collection[Owed], amount: Decimal, reference: str) -> Proposal:
    numbers = {item.pk: item.number for item in owed}
    parts = settle_in_turn(amount, reference, owed)
    return Proposal([(numbers[item_id], part) for item_id, part in parts], left_over(amount, parts))


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
