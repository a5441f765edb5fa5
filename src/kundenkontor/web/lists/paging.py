"""Keyset pages: a page is found by the last row of the one before, so page 1,000 costs what page 1 costs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import F, Model, QuerySet
from django.db.models.fields.tuple_lookups import (
    Tuple,
    TupleGreaterThan,
    TupleLessThan,
)

M = TypeVar("M", bound=Model)
PAGE_SIZE = 50
SALT = "kundenkontor.page"


class KeysetPage(Generic[M]):
    """One page of a queryset in a total order.

    ``order`` names non-null columns, all ascending or all descending, the last one unique: PostgreSQL then compares
    them as one row and walks an index. ``after`` and ``before`` are tokens of another page; a token that is forged, or
    was made for another order, leads to the first page.
    """

    def __init__(
        self,
        queryset: QuerySet[M],
        *,
        order: Sequence[str],
        after: str = "",
        before: str = "",
        size: int = PAGE_SIZE,
    ) -> None:
        self.order = tuple(order)
        self.columns = tuple(name.lstrip("-") for name in self.order)
        self.is_descending = self.order[0].startswith("-")
        if any(name.startswith("-") != self.is_descending for name in self.order):
            raise ValueError("a keyset order is all ascending or all descending")
        self._after = self._read(after)
        self._before = None if self._after else self._read(before)
        found = list(self._select(queryset)[: size + 1])
        self._has_more = len(found) > size
        self.rows: list[M] = found[:size]
        if self._before:
            self.rows.reverse()

    @property
    def next_token(self) -> str:
        """The token of the page below, or "" on the last page."""
        return self._token(self.rows[-1]) if self.rows and (self._has_more or self._before) else ""

    @property
    def previous_token(self) -> str:
        """The token of the page above, or "" on the first page."""
        has_previous = self._has_more if self._before else bool(self._after)
        return self._token(self.rows[0]) if self.rows and has_previous else ""

    @property
    def is_first(self) -> bool:
        return not self._after and not (self._before and self._has_more)

    def _select(self, queryset: QuerySet[M]) -> QuerySet[M]:
        descending = self.is_descending != bool(self._before)
        values = self._after or self._before
        if values:
            compare = TupleLessThan if descending else TupleGreaterThan
            queryset = queryset.filter(compare(Tuple(*map(F, self.columns)), values))
        return queryset.order_by(*(f"-{name}" if descending else name for name in self.columns))

    def _token(self, row: M) -> str:
        values = [_pack(_value(row, name)) for name in self.columns]
        return signing.dumps([list(self.order), values], salt=SALT)

    def _read(self, token: str) -> tuple[Any, ...] | None:
        if not token:
            return None
        try:
            order, values = signing.loads(token, salt=SALT)
        except signing.BadSignature:
            return None
        return tuple(map(_unpack, values)) if tuple(order) == self.order else None


def _value(row: Model, path: str) -> Any:
    value: Any = row
    for name in path.split("__"):
        value = getattr(value, name)
    return value


def _pack(value: Any) -> list[Any]:
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    if isinstance(value, Decimal):
        return ["n", str(value)]
    if isinstance(value, bool | int | str):
        return ["", value]
    raise TypeError(f"a page cannot be ordered by {type(value).__name__}")


def _unpack(packed: list[Any]) -> Any:
    kind, value = packed
    readers: dict[str, Any] = {
        "t": datetime.fromisoformat,
        "d": date.fromisoformat,
        "n": Decimal,
    }
    return readers[kind](value) if kind else value
