"""What of a document is taxed when money comes and goes: § 17 UStG AT, § 20, § 13 Abs. 1 Nr. 1 a Satz 4 UStG DE. Pure.

A document and its corrections are looked at together. What they leave owed per rate is taxed in the share of it that
was received; so clearing a document with its correction settles what was corrected, not all rates in proportion. Money
beyond what is owed is what corrections left over and nobody paid back yet: it stays taxed at their rates until then.
The tax of each step is what is taxed now less what was taxed before, so that the steps add up to the cent.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
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
    standing = _Standing(family)
    before: dict[Key, Amounts] = {}
    for move in family.moves:
        standing.follow(move)
        now = standing.taxed()
        yield move, _changes(before, now)
        before = now


def kept_by_moves(
    family: Family[Key], is_early: Callable[[Move], bool]
) -> Iterator[tuple[Move | None, dict[Key, Amounts]]]:
    """What was paid before the service and left over by corrections before it: first what is kept of that when the
    service counts, then how it becomes less where it is paid back or offset (§ 17 Abs. 2 Nr. 2 UStG DE)."""
    standing = _Standing(family)
    for move in filter(is_early, family.moves):
        standing.follow(move)
    before = standing.kept()
    if not before:
        return
    yield None, before
    for move in family.moves:
        if not is_early(move) and move.document_id in standing.left:
            standing.follow(move)
            now = standing.kept()
            yield move, _changes(before, now)
            before = now


class _Standing(Generic[Key]):
    """How much of a document is settled, and what of its corrections is not given out, after some moves."""

    def __init__(self, family: Family[Key]) -> None:
        self._family, self._settled = family, ZERO
        self.left: dict[int, Decimal] = {}

    def follow(self, move: Move) -> None:
        if move.is_issue:
            self.left[move.document_id] = self._family.corrections[move.document_id][0]
        elif move.document_id == self._family.document_id:
            self._settled += move.amount
        else:
            self.left[move.document_id] -= move.amount

    def taxed(self) -> dict[Key, Amounts]:
        """The share of what corrections left that was received; beyond it what corrections left over."""
        owed, held = self._owed_and_held()
        if held <= 0:
            return {}
        if held <= owed:
            return {key: _part(row, held, owed) for key, row in self._rest().items()}
        back = sum(self.left.values(), ZERO)
        kept = [
            (rows, (held - owed) * self.left[id_], back * whole)
            for id_, (whole, rows) in self._family.corrections.items()
            if self.left.get(id_)
        ]
        return {key: _part(row, Decimal(1), Decimal(1)) for key, row in _added(self._rest(), kept).items()}

    def kept(self) -> dict[Key, Amounts]:
        """What is taxed beyond what corrections left owed."""
        owed, held = self._owed_and_held()
        return _changes(self._rest(), self.taxed()) if held > owed else {}

    def _owed_and_held(self) -> tuple[Decimal, Decimal]:
        whole = self._family.whole
        owed = whole - sum((self._family.corrections[id_][0] for id_ in self.left), ZERO)
        return owed, self._settled + sum(self.left.values(), ZERO) + owed - whole

    def _rest(self) -> dict[Key, Amounts]:
        taken = [(self._family.corrections[id_][1], Decimal(-1), Decimal(1)) for id_ in self.left]
        return _added(self._family.rows, taken)


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
