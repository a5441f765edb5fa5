"""What is odd about a payment: it may be right, but not before somebody has said so."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal

from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.errors import DomainError
from kundenkontor.kernel.money import ZERO
from kundenkontor.parties.models import Customer
from kundenkontor.payments.errors import (
    FarAboveOpen,
    NamesAnotherCustomer,
    NamesDocumentLeftOpen,
    NamesDocumentOfAnother,
    NamesSettledDocument,
)
from kundenkontor.payments.proposals import Proposal

SMALL_REST = Decimal(50)  # EUR: round sums and advances of everyday
MOST_WORDS = 200  # of a reference; banks pass on 140 characters
LONGEST_PREFIX = 6  # letters before the digits of a number
_RF = re.compile(r"RF\d\d(?=[A-Z0-9])")


def find_oddities(
    customer: Customer, amount: Decimal, reference: str, proposal: Proposal, before: Mapping[str, Decimal] | None = None
) -> list[DomainError]:
    """Far above what is open, or a reference that names somebody else's document or number, a settled document, or one
    that gets nothing of the payment.

    ``before`` is what payments that are booked with this one, before it, settle of the customer's documents, by number.
    """
    odd: list[DomainError] = [FarAboveOpen(rest=proposal.rest)] if is_far_above(amount, proposal.rest) else []
    paid = {number for number, _ in proposal.settles}
    return [*odd, *_named(customer, words_of(reference), paid, before or {})]


def is_far_above(amount: Decimal, rest: Decimal) -> bool:
    """More than half again of what it settles, and no small sum. Pure."""
    return rest > max(SMALL_REST, (amount - rest) / 2)


def words_of(reference: str) -> list[str]:
    """What in a reference may be a number: as written, and with the blanks of the bank taken out. Pure."""
    text = reference.upper()
    condensed = _RF.sub(" ", re.sub(r"[^A-Z0-9]", "", text))
    words = re.findall(r"[A-Z0-9]+", text)
    for letters, digits in re.findall(r"([A-Z]*)([0-9]+)", condensed):  # "RECHNUNG RE 1" names RE1
        words += [letters[len(letters) - n :] + digits for n in range(min(len(letters), LONGEST_PREFIX) + 1)]
    return list(dict.fromkeys(word for word in words if any(map(str.isdigit, word))))[:MOST_WORDS]


def _named(
    customer: Customer, words: list[str], paid: Collection[str], before: Mapping[str, Decimal]
) -> Iterator[DomainError]:
    if not words:
        return
    documents = Invoice.objects.filter(seller_id=customer.seller_id, number__in=words).order_by("pk")
    for document in documents.select_related("customer", "open_item"):
        if document.customer_id != customer.pk:
            yield NamesDocumentOfAnother(number=document.number, customer=str(document.customer))
        elif document.kind.corrects or document.open_item.open_amount <= before.get(document.number, ZERO):
            yield NamesSettledDocument(number=document.number)
        elif document.number not in paid:
            yield NamesDocumentLeftOpen(number=document.number)
    others = Customer.objects.filter(seller_id=customer.seller_id, number__in=words).exclude(pk=customer.pk)
    for other in others.order_by("pk"):
        yield NamesAnotherCustomer(customer=str(other))
