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


class Payers(NamedTuple):
    """Whom a number means: one customer, none or several; ``document`` is the number where it is a document's."""

    customers: list[Customer]
    document: str


def find_payers(number: str, seller_id: int | None = None) -> Payers:
    """The customers that a number may mean, of one seller or of all, two at most.

    A document names its customer; else it is a customer number, which each seller gives once.
    """
    of_seller = {"seller_id": seller_id} if seller_id else {}
    documents = Invoice.objects.filter(number__iexact=number, **of_seller).select_related("customer__seller")
    if invoices := list(documents.order_by("pk")[:2]):
        return Payers([invoice.customer for invoice in invoices], invoices[0].number)
    customers = Customer.objects.filter(number=number, **of_seller).select_related("seller")
    return Payers(list(customers.order_by("pk")[:2]), "")
