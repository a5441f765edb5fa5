"""The semantic invoice of EN 16931-1: business terms (BT) and groups (BG) as plain values.

Amounts are Decimal with two places, unit prices up to six, rates in percent. Nothing
here knows how the invoice was made or where it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """BG-5, BG-8: a postal address. ``country`` is ISO 3166-1 alpha-2."""

    line_one: str = ""  # BT-35 / BT-50
    line_two: str = ""  # BT-36 / BT-51
    line_three: str = ""  # BT-162 / BT-163
    city: str = ""  # BT-37 / BT-52
    postal_code: str = ""  # BT-38 / BT-53
    country: str = ""  # BT-40 / BT-55


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """BG-4 seller or BG-7 buyer."""

    name: str  # BT-27 / BT-44
    address: Address
    vat_id: str = ""  # BT-31 / BT-48
    tax_number: str = ""  # BT-32 (seller only)
    identifier: str = ""  # BT-29 / BT-46, the customer number for a buyer
    registration: str = ""  # BT-30 / BT-47, register number
    additional_legal_information: str = ""  # BT-33
    electronic_address: str = ""  # BT-34 / BT-49
    electronic_address_scheme: str = ""
    contact_name: str = ""  # BT-41 / BT-56
    contact_phone: str = ""  # BT-42 / BT-57
    contact_email: str = ""  # BT-43 / BT-58


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTransfer:
    """BG-17: where to pay. ``iban`` without blanks."""

    iban: str  # BT-84
    account_name: str = ""  # BT-85
    bic: str = ""  # BT-86


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecedingInvoice:
    """BG-3: a document that this one refers to, for example what it corrects."""

    number: str  # BT-25
    issue_date: date  # BT-26


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """BG-25. ``net_amount`` = round(quantity * net_price / base_quantity, 2) - allowance_amount."""

    id: str  # BT-126
    name: str  # BT-153
    quantity: Decimal  # BT-129
    unit: str  # BT-130, UN/ECE Rec 20
    net_price: Decimal  # BT-146
    net_amount: Decimal  # BT-131
    vat_category: str  # BT-151
    vat_rate: Decimal  # BT-152
    base_quantity: Decimal = Decimal(1)  # BT-149
    description: str = ""  # BT-154
    article_number: str = ""  # BT-155
    note: str = ""  # BT-127
    period_start: date | None = None  # BT-134
    period_end: date | None = None  # BT-135
    cost_centre: str = ""  # BT-133
    object_identifier: str = ""  # BT-128, the contract number
    allowance_amount: Decimal = Decimal("0.00")  # BT-136
    allowance_percent: Decimal | None = None  # BT-138
    allowance_reason: str = ""  # BT-139


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentAllowance:
    """BG-20 or, with ``is_charge``, BG-21: an amount taken off or added to the whole document."""

    amount: Decimal  # BT-92 / BT-99
    vat_category: str  # BT-95 / BT-102
    vat_rate: Decimal  # BT-96 / BT-103
    base_amount: Decimal | None = None  # BT-93 / BT-100
    percent: Decimal | None = None  # BT-94 / BT-101
    reason: str = ""  # BT-97 / BT-104
    is_charge: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VatBreakdown:
    """BG-23: one row per category and rate."""

    category: str  # BT-118
    rate: Decimal  # BT-119
    taxable_amount: Decimal  # BT-116
    tax_amount: Decimal  # BT-117
    exemption_code: str = ""  # BT-121, VATEX
    exemption_reason: str = ""  # BT-120


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """One issued document. ``kernel.kinds`` has the type codes that are issued; the norm has more."""

    number: str  # BT-1
    issue_date: date  # BT-2
    type_code: str  # BT-3
    currency: str  # BT-5
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    vat_breakdown: tuple[VatBreakdown, ...]
    total_line_amount: Decimal  # BT-106
    total_without_vat: Decimal  # BT-109
    total_vat: Decimal  # BT-110
    total_with_vat: Decimal  # BT-112
    amount_due: Decimal  # BT-115
    paid_amount: Decimal = Decimal("0.00")  # BT-113
    rounding_amount: Decimal = Decimal("0.00")  # BT-114
    due_date: date | None = None  # BT-9
    buyer_reference: str = ""  # BT-10
    order_number: str = ""  # BT-13
    contract_number: str = ""  # BT-12
    cost_centre: str = ""  # BT-19
    notes: tuple[str, ...] = ()  # BT-22
    payment_terms: str = ""  # BT-20
    period_start: date | None = None  # BT-73
    period_end: date | None = None  # BT-74
    delivery_date: date | None = None  # BT-72
    allowances: tuple[DocumentAllowance, ...] = ()
    preceding_invoices: tuple[PrecedingInvoice, ...] = ()
    payment_means_code: str = "58"  # BT-81
    payment_reference: str = ""  # BT-83
    credit_transfers: tuple[CreditTransfer, ...] = field(default=())
    specification: str = "urn:cen.eu:en16931:2017"  # BT-24
    business_process: str = ""  # BT-23

    @property
    def allowance_total(self) -> Decimal:
        """BT-107, derived."""
        return sum((row.amount for row in self.allowances if not row.is_charge), Decimal("0.00"))

    @property
    def charge_total(self) -> Decimal:
        """BT-108, derived."""
        return sum((row.amount for row in self.allowances if row.is_charge), Decimal("0.00"))
