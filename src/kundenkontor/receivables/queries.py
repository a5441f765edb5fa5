"""What is open now, either way. Usable by the portal role."""

from __future__ import annotations

from django.db.models import QuerySet

from kundenkontor.receivables.claims import IS_OWED, IS_OWED_BACK
from kundenkontor.receivables.models import CustomerTotals, OpenItem


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
