"""What the database already knows about the rows of a file; values without models, so that planning is pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """Field names are those of ``CustomerRow``. ``contact_*`` is the main contact, if there is one."""

    id: int
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
    contact_id: int | None
    contact_name: str
    contact_email: str


@dataclass(frozen=True, slots=True)
class KnownContract:
    """``price`` is the one of the next unbilled period; ``billed_until`` the last billed day of service, if any.

    ``is_billed`` is derived from the charges and also true when only a set-up fee was billed.
    """

    id: int
    number: str
    customer_number: str
    product_code: str
    description: str
    identifier: str
    period_months: int
    start_date: date
    end_date: date | None
    cut_over_date: date | None
    discount_percent: Decimal
    discount_until: date | None
    is_billed: bool
    billed_until: date | None
    price_id: int | None
    price: Decimal | None
    price_from: date | None
    price_is_gross: bool
    has_one_off_items: bool


@dataclass(slots=True)
class Known:
    """By number. ``numbers_by_vat_id`` holds the customer numbers that use a VAT id of the file."""

    customers: dict[str, KnownCustomer] = field(default_factory=dict)
    contracts: dict[str, KnownContract] = field(default_factory=dict)
    product_ids: dict[str, int] = field(default_factory=dict)
    numbers_by_vat_id: dict[str, list[str]] = field(default_factory=dict)
