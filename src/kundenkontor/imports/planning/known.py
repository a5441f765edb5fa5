"""What the database already knows about the rows of a file; values without models, so that planning is pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from kundenkontor.imports.reading.rows import ContractFields, CustomerFields

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class KnownCustomer(CustomerFields):
    """``contact_*`` is the main contact, if there is one."""

    id: int
    contact_id: int | None
    contact_name: str
    contact_email: str


class KnownPrice(NamedTuple):
    """A price of a contract, for periods that begin on or after ``valid_from``."""

    id: int
    valid_from: date
    amount: Decimal
    is_gross: bool


@dataclass(frozen=True, slots=True)
class KnownContract(ContractFields):
    """``billed_until`` is the last billed day of service, if any. ``prices`` are in order.

    ``is_billed`` is derived from the charges and also true when only a set-up fee was billed. ``is_named_elsewhere``:
    by a one-off item, or a line written by hand, which belong to its customer. ``free_until``: what began until then
    and cost nothing has been free, as a run went over it.
    """

    id: int
    cut_over_date: date | None
    is_billed: bool
    billed_until: date | None
    is_named_elsewhere: bool
    free_until: date | None
    prices: tuple[KnownPrice, ...]

    @property
    def settled_until(self) -> date | None:
        """The last day that no new price reaches: billed, or gone by while the service was free (decision 0006)."""
        if self.billed_until is not None or self.free_until is None:
            return self.billed_until
        priced_from = next((price.valid_from for price in self._prices_to_bill() if price.amount), date.max)
        until = min(self.free_until, priced_from - DAY)
        return until if until >= self._first_day else None

    @property
    def price(self) -> KnownPrice | None:
        """The price of the next unbilled period."""
        day = self._first_day if self.settled_until is None else self.settled_until + DAY
        holding = [price for price in self.prices if price.valid_from <= day] or self.prices[:1]
        return holding[-1] if holding else None

    @property
    def gross_price(self) -> KnownPrice | None:
        """The price of the next unbilled period, where it was agreed gross: a file of net prices leaves it alone."""
        return self.price if self.price and self.price.is_gross else None

    def planned_price(self, start_date: date) -> KnownPrice | None:
        """The price that follows it, on a later day than the contract's (new) start."""
        day = max(self.price.valid_from, start_date) if self.price else start_date
        return next((price for price in self.prices if price.valid_from > day), None)

    @property
    def _first_day(self) -> date:
        return max(self.start_date, self.cut_over_date or self.start_date)

    def _prices_to_bill(self) -> tuple[KnownPrice, ...]:
        """Without those that were replaced before the first period billed here."""
        past = [price for price in self.prices if price.valid_from <= self._first_day]
        return self.prices[max(len(past) - 1, 0) :]


@dataclass(slots=True)
class Known:
    """By number. ``numbers_by_vat_id`` holds the customer numbers that use a VAT id of the file."""

    customers: dict[str, KnownCustomer] = field(default_factory=dict)
    contracts: dict[str, KnownContract] = field(default_factory=dict)
    product_ids: dict[str, int] = field(default_factory=dict)
    numbers_by_vat_id: dict[str, list[str]] = field(default_factory=dict)
