"""What a billing run would do, as a value: its sums, whom it parks or warns of, and what it is compared with. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from kundenkontor.kernel.errors import DomainError
from kundenkontor.kernel.money import ZERO


class SumChange(NamedTuple):
    """One sum of two previews that differs."""

    key: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """What two previews are compared by; net too, since with gross prices a change of VAT leaves the payable sum."""

    customers: int = 0
    invoices: int = 0
    lines: int = 0
    parked: int = 0
    total_without_vat: Decimal = ZERO
    total_with_vat: Decimal = ZERO

    def changes_to(self, after: Sums) -> list[SumChange]:
        """Every sum that differs."""
        pairs = (
            (one.name, Decimal(getattr(self, one.name)), Decimal(getattr(after, one.name))) for one in fields(self)
        )
        return [SumChange(key, old, new) for key, old, new in pairs if old != new]

    def as_json(self) -> dict[str, Any]:
        return {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Sums:
        values = {one.name: stored[one.name] for one in fields(cls)}
        totals = {name: Decimal(values[name]) for name in ("total_without_vat", "total_with_vat")}
        return cls(**values | totals)


@dataclass(frozen=True, slots=True)
class SeenBefore:
    """What a changed preview keeps of the one before: to say what changed, and to notice it.

    The ``fingerprint`` is of every customer to be billed with its sums and VAT cases: two previews with equal sums may
    bill different people. ``by_vat`` has the net sum of each VAT case (``S 20 AT``).
    """

    sums: Sums
    by_vat: Mapping[str, Decimal]
    fingerprint: str

    def vat_changes_to(self, after: SeenBefore) -> list[SumChange]:
        """Every VAT case whose net sum differs."""
        cases = sorted({*self.by_vat, *after.by_vat})
        sums = ((case, self.by_vat.get(case, ZERO), after.by_vat.get(case, ZERO)) for case in cases)
        return [SumChange(case, was, is_) for case, was, is_ in sums if was != is_]

    def as_json(self) -> dict[str, Any]:
        by_vat = {case: str(sum_) for case, sum_ in self.by_vat.items()}
        return {"sums": self.sums.as_json(), "by_vat": by_vat, "fingerprint": self.fingerprint}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> SeenBefore:
        by_vat = {case: Decimal(sum_) for case, sum_ in sorted(stored["by_vat"].items())}
        return cls(Sums.from_json(stored["sums"]), by_vat, stored["fingerprint"])


class CustomerSum(NamedTuple):
    """A customer and what it would be billed, with VAT."""

    id: int
    number: str
    total: Decimal

    def as_json(self) -> list[Any]:
        return [self.id, self.number, str(self.total)]

    @classmethod
    def from_json(cls, stored: list[Any]) -> CustomerSum:
        return cls(stored[0], stored[1], Decimal(stored[2]))


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning: how many customers it concerns and the first of them; ``params`` are those of the very first."""

    code: str
    params: Mapping[str, Any]
    count: int
    customers: tuple[CustomerSum, ...]

    @property
    def reason(self) -> DomainError:
        return DomainError.restore(self.code, self.params, is_warning=True)

    def as_json(self) -> dict[str, Any]:
        customers = [customer.as_json() for customer in self.customers]
        return {"code": self.code, "params": dict(self.params), "count": self.count, "customers": customers}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Warned:
        customers = tuple(map(CustomerSum.from_json, stored["customers"]))
        return cls(stored["code"], stored["params"], stored["count"], customers)


@dataclass(frozen=True, slots=True)
class LastRun:
    """The sums of the seller's last finished run, to compare with."""

    id: int
    billed_until: date
    sums: Sums

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "billed_until": self.billed_until.isoformat(), "sums": self.sums.as_json()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> LastRun:
        return cls(stored["id"], date.fromisoformat(stored["billed_until"]), Sums.from_json(stored["sums"]))


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything a run would do. ``parked_reasons`` counts customers by the code of what parks them."""

    seen: SeenBefore
    by_product: tuple[tuple[str, Decimal], ...]
    largest: tuple[CustomerSum, ...]
    parked_reasons: Mapping[str, int]
    warnings: tuple[Warned, ...]
    last_run: LastRun | None = None
    changed_from: SeenBefore | None = None

    @property
    def sums(self) -> Sums:
        return self.seen.sums

    def as_json(self) -> dict[str, Any]:
        return {
            "seen": self.seen.as_json(),
            "by_product": [[name, str(sum_)] for name, sum_ in self.by_product],
            "largest": [customer.as_json() for customer in self.largest],
            "parked_reasons": dict(self.parked_reasons),
            "warnings": [warned.as_json() for warned in self.warnings],
            "last_run": self.last_run and self.last_run.as_json(),
            "changed_from": self.changed_from and self.changed_from.as_json(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Preview:
        last, changed = stored["last_run"], stored["changed_from"]
        return cls(
            SeenBefore.from_json(stored["seen"]),
            tuple((name, Decimal(sum_)) for name, sum_ in stored["by_product"]),
            tuple(map(CustomerSum.from_json, stored["largest"])),
            stored["parked_reasons"],
            tuple(map(Warned.from_json, stored["warnings"])),
            last and LastRun.from_json(last),
            changed and SeenBefore.from_json(changed),
        )


def sums_in(stored: Mapping[str, Any]) -> Sums:
    """The sums of a stored preview, without reading the rest."""
    return Sums.from_json(stored["seen"]["sums"])
