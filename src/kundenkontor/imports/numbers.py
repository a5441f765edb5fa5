"""The next number of each series, where a provider goes on from its old system."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.imports.errors import NextNumberRefused
from kundenkontor.invoicing.models import NumberSeries
from kundenkontor.parties.models import Seller

PATTERNS = {
    "invoice": "RE{year}{number:06}",
    "credit_note": "GS{year}{number:06}",
    "payment_request": "VR{year}{number:06}",
}


def set_next_numbers(seller: Seller, next_numbers: Mapping[str, int], *, on: date, actor: Actor) -> None:
    """Set the next number of series that have no document yet, in the caller's transaction; logged.

    A number that is already the next one is left alone. Raises NextNumberRefused.
    """
    for kind, number in next_numbers.items():
        if kind not in PATTERNS or number < 1:
            raise NextNumberRefused(kind=kind)
        series, _ = NumberSeries.objects.select_for_update().get_or_create(
            seller=seller, kind=kind, year=on.year, defaults={"pattern": PATTERNS[kind]}
        )
        if series.next_number == number:
            continue
        if series.last_issue_date is not None:
            raise NextNumberRefused(kind=kind)
        payload = {"kind": kind, "year": on.year, "before": series.next_number, "after": number}
        series.next_number = number
        series.save(update_fields=["next_number"])
        subject = Subject(id=series.pk, reference=kind, seller_id=seller.pk, payload=payload)
        record_events("number_series.next_number_set", [subject], actor=actor, on=on)
