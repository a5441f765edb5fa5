"""Asking whether a VAT id is valid: the protocol, and the deterministic answerer of demo and tests. Pure.

Unavailable is an answer of its own: never "invalid" and never "valid" (I-T4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from stdnum.eu import vat as eu_vat

from kundenkontor.kernel.vat_ids import normal_vat_id
from kundenkontor.taxes.territories import EU_COUNTRIES

Outcome = Literal["valid", "invalid", "unavailable"]
Way = Literal["vies", "authority", "staff", "import"]

# Northern Ireland (XI) is in VIES for goods
VIES_PREFIXES = frozenset(code.upper().replace("GR", "EL") for code in eu_vat.MEMBER_STATES)


class Answer(NamedTuple):
    """``evidence`` says what the answer rests on: the consultation number and name, or why there is none."""

    outcome: Outcome
    evidence: str


class VatIdChecker(Protocol):
    """Whoever can be asked about a VAT id. Never raises for a network failure: that is "unavailable"."""

    def check(self, vat_id: str, *, requester: str) -> Answer:
        """``requester`` is the seller's own VAT id ("" for none): with it VIES gives a consultation number."""
        ...


def issuing_state(vat_id: str) -> str:
    """The member state (ISO 3166) that issued a VAT id, "" for any other country. XI counts for goods only."""
    prefix = vat_id[:2].upper()
    state = "GR" if prefix == "EL" else prefix
    return state if state in EU_COUNTRIES else ""


def has_valid_check_digits(vat_id: str) -> bool:
    """Whether the check digits of an EU VAT id are right; offline, so it says nothing about its owner."""
    return vat_id.isascii() and bool(eu_vat.is_valid(vat_id))


@dataclass(frozen=True, slots=True)
class FakeVies:
    """Answers by check digits alone, without network. ``invalid`` and ``unavailable`` name ids to answer otherwise."""

    invalid: frozenset[str] = frozenset()
    unavailable: frozenset[str] = frozenset()

    def check(self, vat_id: str, *, requester: str) -> Answer:
        compact = normal_vat_id(vat_id)
        if compact in self.unavailable or compact[:2] not in VIES_PREFIXES:
            return Answer("unavailable", "MS_UNAVAILABLE")
        if compact in self.invalid or not has_valid_check_digits(compact):
            return Answer("invalid", "INVALID")
        return Answer("valid", f"DEMO-{compact}")
