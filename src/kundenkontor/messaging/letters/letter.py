"""What a letter is, and the parts that several letters have."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from django.utils.translation import gettext as _

from kundenkontor.kernel.formats import NBSP, format_iban


class Text(NamedTuple):
    """A letter as written: between greeting and signature stand its paragraphs; empty ones are left out."""

    subject: str
    paragraphs: Iterable[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter(ABC):
    """What one letter tells, as plain values: it knows no table of the packages that send it.

    ``kind`` is stored beside the mail. ``is_secret``: its text is a key; it is blanked once it was sent, and never
    shown in the office. ``is_internal``: it goes to staff, so the seller it is about does not sign it.
    """

    kind: ClassVar[str]
    is_secret: ClassVar[bool] = False
    is_internal: ClassVar[bool] = False

    @abstractmethod
    def write(self, language: str) -> Text:
        """In the language that is active, which is ``language``; it says how dates and amounts are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDetails:
    """Where to pay."""

    account_name: str
    iban: str
    bic: str

    def rows(self) -> list[tuple[str, str]]:
        iban = format_iban(self.iban).replace(NBSP, " ")
        return [(_("Payee"), self.account_name), ("IBAN", iban), ("BIC", self.bic)]


def table(rows: Iterable[tuple[str, str]]) -> str:
    """Label and value per line; empty ones are left out."""
    return "\n".join(f"{label}: {value}" for label, value in rows if value)
