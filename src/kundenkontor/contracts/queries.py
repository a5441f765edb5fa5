"""Reading contracts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from kundenkontor.contracts.models import Contract


@dataclass(frozen=True, slots=True)
class Services:
    running: int
    domains: int

    @property
    def packages(self) -> int:
        return self.running - self.domains


def running_services(customer_id: int, today: date) -> Services:
    """How many contracts run today, and how many of them are domains."""
    running = Contract.objects.filter(customer_id=customer_id).filter(Q(end_date=None) | Q(end_date__gte=today))
    counts = running.aggregate(all=Count("id"), domains=Count("id", filter=Q(product__group="domains")))
    return Services(counts["all"], counts["domains"])
