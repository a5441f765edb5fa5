"""What is open now, either way. Usable by the portal role."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Case, F, QuerySet, Sum, When

from kundenkontor.kernel.money import ZERO
from kundenkontor.receivables.claims import IS_OWED, IS_OWED_BACK
from kundenkontor.receivables.models import CustomerTotals, OpenItem, WriteOff


def list_open_receivables(customer_id: int) -> QuerySet[OpenItem]:
    """What a customer still owes, oldest due first."""
    return OpenItem.objects.filter(IS_OWED, customer_id=customer_id, open_amount__gt=0).order_by("due_date", "pk")


def list_balances(customer_id: int) -> QuerySet[OpenItem]:
    """What is owed back to a customer: rests of corrections and overpayments."""
    return OpenItem.objects.filter(IS_OWED_BACK, customer_id=customer_id, open_amount__gt=0).order_by("pk")


def list_offsettable() -> QuerySet[OpenItem]:
    """Balances of customers who owe something: one could be offset with the other."""
    owing = CustomerTotals.objects.filter(open_amount__gt=0, balance_amount__gt=0)
    return OpenItem.objects.filter(IS_OWED_BACK, open_amount__gt=0, customer__in=owing.values("customer"))


# of rows of write-offs: what is lost, less what is owed again
LOST = Sum(Case(When(reverses__isnull=True, then=F("amount")), default=-F("amount")))
# the same of one item, for rows of which each asks: the template of a Func
LOST_OF_ITEM = (
    "SELECT sum(CASE WHEN reverses_id IS NULL THEN amount ELSE -amount END) FROM receivables_writeoff"
    " WHERE open_item_id = %(expressions)s"
)


def standing_loss(item_id: int) -> Decimal:
    """What of an item is written off and was not taken back."""
    return WriteOff.objects.filter(open_item_id=item_id).aggregate(lost=LOST)["lost"] or ZERO


def items_written_off() -> QuerySet[WriteOff, int]:
    """The ids of items of which something is written off."""
    sums = WriteOff.objects.values("open_item_id").annotate(lost=LOST).filter(lost__gt=0)
    return sums.values_list("open_item_id", flat=True)
