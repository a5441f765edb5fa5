"""What a period of a contract costs. Pure and cached: few different prices recur in a run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, Protocol

from kundenkontor.contracts.periods import Period, anniversary_on
from kundenkontor.invoicing.issuing.lines import DAYS, ONE, ONE_UNIT, Measure
from kundenkontor.invoicing.issuing.totals import HUNDRED, MICRO, line_allowance, line_net_amount
from kundenkontor.kernel.money import ZERO


class PriceRow(NamedTuple):
    """A contract price from a day on, per whole period."""

    contract_id: int
    valid_from: date
    amount: Decimal
    is_gross: bool


class Discounted(Protocol):
    """A contract as far as the price of a period rests on it."""

    @property
    def quantity(self) -> Decimal: ...
    @property
    def discount_percent(self) -> Decimal: ...
    @property
    def discount_until(self) -> date | None: ...


def price_on(prices: Sequence[PriceRow], start: date) -> PriceRow | None:
    """The price of a period beginning on ``start``: a change counts for periods beginning on or after it."""
    found = None
    for price in prices:
        if found is not None and price.valid_from > start:
            break
        found = price
    return found


class Billed(Protocol):
    """A contract as far as its active price rests on it."""

    @property
    def id(self) -> int: ...
    @property
    def quantity(self) -> Decimal: ...
    @property
    def period_months(self) -> int: ...
    @property
    def start_date(self) -> date: ...
    @property
    def billed_to(self) -> date | None: ...


def active_price(contract: Billed, prices: Sequence[PriceRow]) -> Decimal:
    """The price of the last billed period if there is one: a price typed a hundredfold does not raise its own bound.

    That period was priced by its first day; a price that began within it counts only from now on.
    """
    day = contract.start_date
    if contract.billed_to is not None and len(prices) > 1:
        day = anniversary_on(contract.start_date, contract.period_months, contract.billed_to)
    price = price_on(prices, day)
    return contract.quantity * price.amount if price else ZERO


def discount_on(contract: Discounted, whole_start: date) -> Decimal:
    """A discount counts for a whole period whose first day is not after ``discount_until``."""
    if contract.discount_until is not None and whole_start > contract.discount_until:
        return ZERO
    return contract.discount_percent


@lru_cache(maxsize=200_000)
def price_line(
    quantity: Decimal,
    base_quantity: Decimal,
    amount: Decimal,
    discount: Decimal,
    is_gross: bool,
    rate: Decimal,
    unit: str = ONE_UNIT,
) -> Measure:
    """Price a line. Gross: the agreed sum is fixed to the cent, the net price derived from it with six places; its net
    amount is settled with the other lines of its document."""
    net_price = (amount * HUNDRED / (HUNDRED + rate)).quantize(MICRO) if is_gross else amount
    net = line_net_amount(quantity, net_price, discount, base_quantity)
    allowance = line_allowance(quantity, net_price, discount, base_quantity) if discount else ZERO
    gross = line_net_amount(quantity, amount, discount, base_quantity) if is_gross else None
    return Measure(quantity, base_quantity, net_price, net, discount, allowance, gross, unit)


class Measured(Protocol):
    """What a line was priced by: BT-129, BT-149, BT-146, BT-138."""

    @property
    def quantity(self) -> Decimal: ...
    @property
    def base_quantity(self) -> Decimal: ...
    @property
    def net_price(self) -> Decimal: ...
    @property
    def discount_percent(self) -> Decimal: ...


def price_again(
    line: Measured, agreed_gross: Decimal | None, rate_then: Decimal, rate: Decimal, unit: str = ONE_UNIT
) -> Measure:
    """Price a line that was billed before. What was agreed with VAT stays the sum to be paid: at another rate (the
    customer moved, say) its net price is derived anew, and days become a sum."""
    if agreed_gross is not None and rate != rate_then:
        unit_of_sum = unit if line.base_quantity == ONE else ONE_UNIT
        return price_line(ONE, ONE, agreed_gross, ZERO, True, rate, unit_of_sum)
    priced = price_line(line.quantity, line.base_quantity, line.net_price, line.discount_percent, False, rate, unit)
    return priced._replace(agreed_gross=agreed_gross)


@lru_cache(maxsize=200_000)
def quantity_of(contract_quantity: Decimal, days: int, whole_days: int) -> tuple[Decimal, Decimal]:
    """(BT-129, BT-149): a whole period is the contract's quantity; a cut one is days of the days of the whole."""
    if days == whole_days:
        return contract_quantity, ONE
    return contract_quantity * days, Decimal(whole_days)


def price_period(contract: Discounted, period: Period, price: PriceRow, rate: Decimal, unit: str) -> Measure:
    """Price one period; a cut one counts days and is rounded once. ``price`` is that of the day on which the whole
    period begins, ``unit`` that of a whole one."""
    quantity, base = quantity_of(contract.quantity, period.days, period.whole_days)
    discount = discount_on(contract, period.whole_start)
    counted = unit if period.days == period.whole_days else DAYS
    priced = price_line(quantity, base, price.amount, discount, price.is_gross, rate, counted)
    return priced if period.start == period.whole_start else _price_rest(priced, contract, period, price, rate)


def _price_rest(priced: Measure, contract: Discounted, period: Period, price: PriceRow, rate: Decimal) -> Measure:
    """The rest of a period after an end date was taken back: what the whole costs up to its last day less what it
    cost up to the day before, so that the parts sum exactly to the whole (I-T5).

    Where that is another cent than its days come to, the line is a sum.
    """

    def cost_of(days: int) -> Decimal:
        quantity, base = quantity_of(contract.quantity, days, period.whole_days)
        return line_net_amount(quantity, price.amount, priced.discount_percent, base)

    rest = cost_of(period.days_before + period.days) - cost_of(period.days_before)
    by_days = priced.agreed_gross if price.is_gross else priced.net_amount
    return priced if rest == by_days else price_line(ONE, ONE, rest, ZERO, price.is_gross, rate)
