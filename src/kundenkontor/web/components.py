"""Values that the component templates show. Built by views, rendered by the macros of ``web/components/``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Tone = Literal["good", "warn", "bad", "info", "neutral"]


@dataclass(frozen=True, slots=True)
class Badge:
    """A state as word and shape; the tone only repeats what both already say."""

    tone: Tone
    label: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a description list or confirm panel. ``value`` is already formatted."""

    label: str
    value: object
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A number people look for first. The ``lead`` tile is shown larger."""

    label: str
    value: object
    note: str = ""
    url: str = ""
    icon: str = ""
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A tab or breadcrumb; without url it is the current page."""

    label: str
    url: str = ""
    is_current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """Several links in a cell: label and address, "" where there is none; ``more`` says how many are left out."""

    first: Sequence[tuple[str, str]] = ()
    more: str = ""

    def __str__(self) -> str:
        return ", ".join(filter(None, [*(label for label, _address in self.first), self.more]))


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart and one row of the table beneath it."""

    label: str
    value: object
