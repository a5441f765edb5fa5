"""The next number of each series, where a provider goes on from its old system."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from kundenkontor.events.actor import Actor
from kundenkontor.imports.errors import NextNumberOutOfRange, UnknownSeries
from kundenkontor.invoicing.issuing.numbering import ensure_series
from kundenkontor.invoicing.issuing.series_commands import set_series
from kundenkontor.invoicing.models import SERIES_KINDS
from kundenkontor.parties.models import Seller

MAX_NUMBER = 999_999_999


def set_next_numbers(seller: Seller, next_numbers: Mapping[str, int], *, on: date, actor: Actor) -> None:
    """Set the next number of this year's series that have no document yet, keeping their patterns.

    A number that is already the next one is left alone. Raises UnknownSeries, NextNumberOutOfRange,
    SeriesHasDocuments, SeriesMeet or NextNumberTooLow.
    """
    for kind, number in next_numbers.items():
        if kind not in SERIES_KINDS:
            raise UnknownSeries(kind=kind, kinds=", ".join(SERIES_KINDS))
        if not 1 <= number <= MAX_NUMBER:
            raise NextNumberOutOfRange(kind=kind, limit=MAX_NUMBER)
        pattern = ensure_series(seller.pk, kind, on.year).pattern
        set_series(seller.pk, kind, pattern=pattern, next_number=number, on=on, actor=actor)
