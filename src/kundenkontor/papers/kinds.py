"""Kinds of paper: what rendering, files and sending must be told of one. A package declares its kind in
``papers/kind.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db import models

from kundenkontor.events.commands import Subject
from kundenkontor.messaging.letters.letter import Letter
from kundenkontor.parties.models import Seller


class Frozen(Protocol):
    """All that stands on a paper, frozen."""

    def to_json(self) -> str:
        """Lossless and canonical; its ``template`` names the folder of ``printing`` that sets it."""
        ...


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: the row ``id`` of its kind's table, and the number people know."""

    kind: str
    id: int
    number: str
    customer_id: int
    seller_id: int

    def subject(self, payload: Mapping[str, str] | None = None) -> Subject:
        """What an event about it names."""
        return Subject(self.id, self.number, self.customer_id, self.seller_id, {"kind": self.kind, **(payload or {})})


@dataclass(frozen=True, slots=True)
class PaperLetters:
    """The mails that carry a paper: the one that delivers it, and the one that passes it on to bookkeeping."""

    seller: Seller
    language: str
    delivering: Letter
    forwarding: Letter


@dataclass(frozen=True, slots=True)
class PaperKind:
    """``owner``: the table whose rows are papers of this kind, with their ``id`` and ``customer_id``; never deleted.

    The functions take ids of its rows and are set-based. ``freeze`` raises what is wrong with one of them, a
    RenderingError where it has a name. ``page`` is the name of the page of one of them in the office.
    """

    owner: type[models.Model]
    page: str
    template_version: str
    find: Callable[[Sequence[int]], list[Paper]]
    freeze: Callable[[Sequence[int]], Mapping[int, Frozen]]
    write: Callable[[Sequence[int]], Mapping[int, PaperLetters]]

    @property
    def code(self) -> str:
        """As stored: the owner's label, of which the database finds the table."""
        return self.owner._meta.label_lower


_KINDS: dict[str, PaperKind] = {}


def declare(kind: PaperKind) -> PaperKind:
    """Make a kind known, when its package is loaded."""
    _KINDS[kind.code] = kind
    return kind


def declared_kinds() -> list[PaperKind]:
    """Every kind that a package declares."""
    return list(_KINDS.values())


def ids_by_kind(keys: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """Papers named by code and id, each kind by itself, in the order given."""
    found: dict[str, list[int]] = {}
    for code, id_ in keys:
        found.setdefault(code, []).append(id_)
    return found


def kind_of(code: str) -> PaperKind:
    """The kind that a stored code names. Raises KeyError for one that no package declares."""
    return _KINDS[code]
