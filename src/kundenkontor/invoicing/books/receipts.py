"""What of a document is taxed when money comes and goes: § 17 UStG AT, § 20, § 13 Abs. 1 Nr. 1 a Satz 4 UStG DE. Pure.

A document and its corrections are looked at together. What they leave owed per rate is taxed in the share of it that
was received; so clearing a document with its correction settles what was corrected, not all rates in proportion. Money
beyond what is owed is what corrections left over and nobody paid back yet: it stays taxed at their rates until then.
The tax of each step is what is taxed now less what was taxed before, so that the steps add up to the cent.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from kundenkontor.kernel.money import ZERO, round_cents

Key = TypeVar("Key", bound=Hashable)


class Amounts(NamedTuple):
    """Taxable amount and VAT."""

    base: Decimal
    tax: Decimal

    def plus(self, other: Amounts) -> Amounts:
        return Amounts(self.base + other.base, self.tax + other.tax)

    def minus(self, other: Amounts) -> Amounts:
        return Amounts(self.base - other.base, self.tax - other.tax)


NOTHING = Amounts(ZERO, ZERO)


class Move(NamedTuple):
    """What one entry moved of a document: settled of what it asks for, or given out of what a correction left over.

    ``is_issue``: the entry of the correction itself.
    """

    document_id: int
    amount: Decimal
    is_issue: bool
    tax_day: date
    entry_date: date

    @property
    def is_late(self) -> bool:
        """Whether the return of its day was declared already when it was posted."""
        return self.entry_date > self.tax_day


@dataclass(frozen=True, slots=True)
class Family(Generic[Key]):
    """A document over ``whole``, its corrections with what each comes to, and the moves in the order of their entries.

    Amounts are positive for corrections, too.
    """

    document_id: int
    whole: Decimal
    rows: Mapping[Key, Amounts]
    corrections: Mapping[int, tuple[Decimal, Mapping[Key, Amounts]]]
    moves: Sequence[Move]


def taxed_by_moves(family: Family[Key]) -> Iterator[tuple[Move, dict[Key, Amounts]]]:
    """What each move taxes per row, negative where it is taxed no more."""
    settled, left = ZERO, dict[int, Decimal]()
    before: dict[Key, Amounts] = {}
    for move in family.moves:
        if move.is_issue:
            left[move.document_id] = family.corrections[move.document_id][0]
        elif move.document_id == family.document_id:
            settled += move.amount
        else:
            left[move.document_id] -= move.amount
        now = _taxed(family, settled, left)
        yield move, _changes(before, now)
        before = now


def _taxed(family: Family[Key], settled: Decimal, left: Mapping[int, Decimal]) -> dict[Key, Amounts]:
    """What is taxed while ``settled`` of the document is settled and ``left`` of its corrections is not given out."""
    corrected = [family.corrections[id_] for id_ in left]
    owed = family.whole - sum((whole for whole, _ in corrected), ZERO)
    back = sum(left.values(), ZERO)
    held = settled + back + owed - family.whole
    if held <= 0:
        return {}
    taken = [(rows, Decimal(-1), Decimal(1)) for _, rows in corrected]
    rest = _added(family.rows, taken)
    if held <= owed:
        return {key: _part(row, held, owed) for key, row in rest.items()}
    kept = [
        (rows, (held - owed) * left[id_], back * whole) for id_, (whole, rows) in family.corrections.items()
        if left.get(id_)
    ]  # fmt: skip
    return {key: _part(row, Decimal(1), Decimal(1)) for key, row in _added(rest, kept).items()}


def _added(
    rows: Mapping[Key, Amounts], more: Sequence[tuple[Mapping[Key, Amounts], Decimal, Decimal]]
) -> dict[Key, Amounts]:
    """The rows and more of them, times one number and divided by another."""
    found = dict(rows)
    for of_one, times, by in more:
        for key, (base, tax) in of_one.items():
            before = found.get(key, NOTHING)
            found[key] = Amounts(before.base + base * times / by, before.tax + tax * times / by)
    return found


def _part(row: Amounts, times: Decimal, by: Decimal) -> Amounts:
    return Amounts(round_cents(row.base * times / by), round_cents(row.tax * times / by))


def _changes(before: Mapping[Key, Amounts], now: Mapping[Key, Amounts]) -> dict[Key, Amounts]:
    """Only what changed."""
    found = {}
    for key in {**before, **now}:
        old, new = before.get(key, NOTHING), now.get(key, NOTHING)
        if old != new:
            found[key] = new.minus(old)
    return found
