"""A line of a draft (BG-25), composed of five frozen values. Lines that have a value alike may share it.

Amounts have two places, prices six, quantities four.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from kundenkontor.kernel.money import ZERO

ONE = Decimal(1)
ONE_UNIT, DAYS = "C62", "DAY"  # UN/ECE Recommendation 20: one, day


class Item(NamedTuple):
    """What was supplied: BT-153, BT-155, BT-154, BT-128, BT-133.

    ``order_number`` and ``buyer_reference`` are the contract's own, where the head of the document (BT-13, BT-10) says
    others.
    """

    name: str
    article_number: str = ""
    description: str = ""
    identifier: str = ""
    cost_centre: str = ""
    order_number: str = ""
    buyer_reference: str = ""


class Measure(NamedTuple):
    """How much at what price: BT-129, BT-149, BT-146, BT-131, BT-138, BT-136, BT-130.

    ``agreed_gross`` is the sum of the line where it was agreed with VAT.
    """

    quantity: Decimal
    base_quantity: Decimal
    net_price: Decimal
    net_amount: Decimal
    discount_percent: Decimal = ZERO
    allowance_amount: Decimal = ZERO
    agreed_gross: Decimal | None = None
    unit: str = ONE_UNIT


class Tax(NamedTuple):
    """VAT of a line: BT-151, BT-152, whose VAT it is, VATEX code and the reason in the customer's language."""

    category: str
    rate: Decimal
    country: str
    exemption_code: str = ""
    exemption_reason: str = ""


class ServicePeriod(NamedTuple):
    """BG-26: first and last day of what was supplied."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


def pieces_of(quantity: Decimal, unit: str, days: int) -> Decimal | None:
    """Of a cut line, whose quantity is pieces x days: the pieces; None where it measures no days."""
    pieces = quantity / days
    return pieces if unit == DAYS and pieces == round(pieces, 4) else None


class Source(NamedTuple):
    """Where a line comes from: contract, the charge that is billed again, the line that is taken back, if any.

    ``account_role``: the account that its net amount is booked to.
    """

    kind: str = "manual"
    contract_id: int | None = None
    contract_number: str = ""
    charge_id: int | None = None
    corrected_position: int | None = None
    account_role: str = "revenue"


BY_HAND = Source()


class DraftLine(NamedTuple):
    """One line, priced and taxed."""

    item: Item
    measure: Measure
    tax: Tax
    period: ServicePeriod
    source: Source = BY_HAND


def taxed_amounts(lines: Sequence[DraftLine]) -> list[tuple[Decimal, str, Decimal]]:
    """What the totals need of each line: net amount, VAT category, rate."""
    return [(measure.net_amount, tax.category, tax.rate) for _, measure, tax, _, _ in lines]
