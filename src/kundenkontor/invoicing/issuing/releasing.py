"""What staff are asked after a restore: every series of which numbers may have been sent that are not here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from kundenkontor.invoicing.issuing.numbering import own_default
from kundenkontor.invoicing.issuing.patterns import format_number, series_year
from kundenkontor.invoicing.issuing.restored import list_unreleased
from kundenkontor.invoicing.models import NumberSeries
from kundenkontor.kernel.kinds import KINDS
from kundenkontor.parties.models import Seller


class SeriesKey(NamedTuple):
    seller_id: int
    kind: str
    year: int

    def __str__(self) -> str:
        """As anchors name it."""
        return f"{self.seller_id}/{self.kind}/{self.year}"


class SeriesToSay(NamedTuple):
    """A series whose last number sent is asked. ``last`` is the last place here, ``known`` that of the anchors."""

    key: SeriesKey
    seller: str
    pattern: str
    last: int
    known: int

    @property
    def last_number(self) -> str:
        """The number of the last place, as people know it; "" before the first."""
        return format_number(self.pattern, self.key.year, self.last) if self.last else ""


def last_numbers() -> dict[str, int]:
    """The last place given in each series, as anchors keep it."""
    used = NumberSeries.objects.exclude(last_issue_date=None).values_list("seller_id", "kind", "year", "next_number")
    return {str(SeriesKey(seller, kind, year)): following - 1 for seller, kind, year, following in used}


def list_series_to_say(on: date) -> list[SeriesToSay]:
    """Every series that may have given numbers since: those of this year and of the last one that exist, and those
    that this year's first document would have made."""
    known: dict[str, int] = {}
    for restoration in list_unreleased():
        known |= restoration.numbers
    year = series_year(on)
    rows = {(row.seller_id, row.kind, row.year): row for row in NumberSeries.objects.filter(year__gte=year - 1)}
    return [
        _to_say(key, seller, rows.get(key), known)
        for seller in Seller.objects.order_by("name", "pk")
        for key in _keys(seller, year, rows)
    ]


def _keys(seller: Seller, year: int, rows: Mapping[tuple[int, str, int], NumberSeries]) -> Iterator[SeriesKey]:
    for kind in {one.series: None for one in KINDS.values()}:
        if (seller.pk, kind, year - 1) in rows:
            yield SeriesKey(seller.pk, kind, year - 1)
        yield SeriesKey(seller.pk, kind, year)


def _to_say(key: SeriesKey, seller: Seller, row: NumberSeries | None, known: Mapping[str, int]) -> SeriesToSay:
    last = row.next_number - 1 if row else 0
    pattern = row.pattern if row else own_default(key.seller_id, key.kind)
    return SeriesToSay(key, seller.name, pattern, last, max(last, known.get(str(key), 0)))
