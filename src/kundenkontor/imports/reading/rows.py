"""One typed row of each file. Field names are the models' where they mean the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class CustomerFields:
    """What a file and the database both say of a customer.

    ``email`` and ``vat_id`` may be ""; ``payment_terms_days`` None leaves the term to the seller.
    """

    number: str
    company: str
    first_name: str
    last_name: str
    email: str
    street: str
    postal_code: str
    city: str
    country: str
    vat_id: str
    language: str
    is_collective: bool
    payment_terms_days: int | None


@dataclass(frozen=True, slots=True)
class CustomerRow(CustomerFields):
    """A row of the file of customers."""

    line: int

    @property
    def is_consumer(self) -> bool:
        """Neither company nor VAT id: nobody but a private person is known."""
        return not self.company and not self.vat_id

    @property
    def name(self) -> str:
        return self.company or self.contact_name

    @property
    def contact_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.company


@dataclass(frozen=True, slots=True)
class ContractFields:
    """What a file and the database both say of a contract; ``discount_percent`` 0 is none."""

    number: str
    customer_number: str
    product_code: str
    description: str
    identifier: str
    period_months: int
    start_date: date
    end_date: date | None
    discount_percent: Decimal
    discount_until: date | None


@dataclass(frozen=True, slots=True)
class ContractRow(ContractFields):
    """A row of the file of contracts; ``net_price`` is per whole period, in EUR, up to six places."""

    line: int
    product_name: str
    net_price: Decimal

    @property
    def title(self) -> str:
        """What it is about, as a list names it."""
        return " ".join(filter(None, (self.product_name or self.product_code, self.identifier)))
