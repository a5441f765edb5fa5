"""From what is due to drafts: one per contract or one collective invoice, or the reasons why not. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from kundenkontor.billing.drafting.due import CancelledCharge, Due, DueContract, OneOff
from kundenkontor.billing.reasons import DataRequestOpen, LargeAmount, ManyPeriods, SafetyBound
from kundenkontor.contracts.periods import Period, periods_due
from kundenkontor.invoicing.drafting.pricing import (
    Billed,
    PriceRow,
    active_price,
    price_again,
    price_line,
    price_on,
    price_period,
)
from kundenkontor.invoicing.issuing import making
from kundenkontor.invoicing.issuing.drafts import InvoiceDraft
from kundenkontor.invoicing.issuing.lines import ONE, DraftLine, Item, ServicePeriod, Source, Tax
from kundenkontor.invoicing.issuing.reasons import TooManyLines, Unissuable
from kundenkontor.invoicing.issuing.refusals import find_refusals
from kundenkontor.kernel.money import ZERO, round_cents
from kundenkontor.parties.facts import BuyerFacts, SellerFacts

MAX_PERIODS = 3
MAX_TIMES_ACTIVE = 5


class ProductFacts(NamedTuple):
    """A product as a line shows it."""

    code: str
    name: str
    unit: str
    is_divisible: bool


class ChargeDraft(NamedTuple):
    """A charge to be written with its line; ``rebills`` names the cancelled charge and its correction instead."""

    kind: str
    contract_id: int | None
    one_off_item_id: int | None
    period_start: date
    period_end: date
    previous_end: date | None
    rebills: tuple[int, int] | None = None


@dataclass(slots=True)
class PlannedInvoice:
    """A draft with the charges of its lines, in the same order."""

    draft: InvoiceDraft
    charges: list[ChargeDraft] = field(default_factory=list)


@dataclass(slots=True)
class CustomerPlan:
    """What a run would do for one customer: invoices, or refusals that park it before numbers exist.

    Warnings park nobody; the preview shows them.
    """

    buyer: BuyerFacts
    invoices: list[PlannedInvoice] = field(default_factory=list)
    refusals: list[Unissuable] = field(default_factory=list)
    warnings: list[Unissuable] = field(default_factory=list)
    total_without_vat: Decimal = ZERO
    total_with_vat: Decimal = ZERO


@dataclass(slots=True)
class Drafter:
    """The fixed facts of one run. ``tax`` decides a line's VAT by the last day of its period, or raises Unissuable.

    ``active`` finds all active contracts of a customer, given those that are charged: asked only where what is charged
    exceeds the prices of the charged contracts. ``charge_ids``: of charges to be, so that their lines name them (ids
    have gaps, numbers have not). ``released``: up to what staff let a safety bound of a customer pass.
    """

    seller: SellerFacts
    products: dict[int, ProductFacts]
    billed_until: date
    tax: Callable[[BuyerFacts, date], Tax]
    active: Callable[[int, Collection[int]], Sequence[Billed]]
    charge_ids: Iterator[int]
    batch_id: int | None = None
    released: Mapping[tuple[int, str], Decimal] = field(default_factory=dict)

    def plan(self, buyer: BuyerFacts, due: Due) -> CustomerPlan:
        """Plan one customer. Anything that speaks against billing it is collected; nothing is written."""
        plan = CustomerPlan(buyer)
        if buyer.has_open_request:
            plan.refusals.append(DataRequestOpen())
        contracts = due.contracts.get(buyer.id, [])
        try:
            plan.invoices = self._invoices(buyer, contracts, due)
        except Unissuable as reason:  # a line that cannot be taxed; kept without its frames
            plan.refusals.append(reason.with_traceback(None))
            return plan
        for invoice in plan.invoices:
            self._complete(plan, invoice)
        plan.refusals += self._safety_bounds(plan, contracts, due.prices)
        return plan

    def _invoices(self, buyer: BuyerFacts, contracts: list[DueContract], due: Due) -> list[PlannedInvoice]:
        """Lines by invoice: per contract, or all together; never two countries' VAT on one document."""
        planned: dict[tuple[int | None, str, bool], PlannedInvoice] = {}
        for line, charge in self._lines(buyer, contracts, due):
            key = (None if buyer.is_collective else line.source.contract_id, line.tax.country, line.tax.category == "O")
            invoice = planned.get(key)
            if invoice is None:
                invoice = planned[key] = PlannedInvoice(self._draft(buyer))
            invoice.draft.lines.append(line)
            invoice.charges.append(charge)
        if (buyer.id, TooManyLines.code) in self.released:
            return [part for invoice in planned.values() for part in self._split(buyer, invoice)]
        return list(planned.values())

    def _split(self, buyer: BuyerFacts, whole: PlannedInvoice) -> list[PlannedInvoice]:
        """A collective invoice as several, each with all lines of its contracts."""
        if not buyer.is_collective or len(whole.charges) <= making.MOST_LINES:
            return [whole]
        by_contract: dict[object, list[tuple[DraftLine, ChargeDraft]]] = {}
        for number, pair in enumerate(zip(whole.draft.lines, whole.charges, strict=True)):
            by_contract.setdefault(pair[0].source.contract_id or (number,), []).append(pair)
        parts: list[PlannedInvoice] = []
        for pairs in by_contract.values():
            if not parts or len(parts[-1].charges) + len(pairs) > making.MOST_LINES:
                parts.append(PlannedInvoice(self._draft(buyer)))
            parts[-1].draft.lines += [line for line, _ in pairs]
            parts[-1].charges += [charge for _, charge in pairs]
        return parts

    def _lines(
        self, buyer: BuyerFacts, contracts: list[DueContract], due: Due
    ) -> Iterator[tuple[DraftLine, ChargeDraft]]:
        one_offs: dict[int | None, list[OneOff]] = {}
        for item in due.one_offs.get(buyer.id, ()):
            one_offs.setdefault(item.contract_id, []).append(item)
        for cancelled in due.cancelled.get(buyer.id, ()):
            yield self._cancelled_line(buyer, cancelled)
        for contract in contracts:
            yield from self._contract_lines(buyer, contract, due.prices.get(contract.id, []))
            for item in one_offs.pop(contract.id, ()):
                yield self._one_off_line(buyer, item)
        for items in one_offs.values():
            for item in items:
                yield self._one_off_line(buyer, item)

    def _contract_lines(
        self, buyer: BuyerFacts, contract: DueContract, prices: list[PriceRow]
    ) -> Iterator[tuple[DraftLine, ChargeDraft]]:
        product = self.products[contract.product_id]
        periods = self._periods(contract, product)
        if contract.owes_set_up:
            yield self._set_up_line(buyer, contract, product, _set_up_day(contract, periods, prices))
        item = _item(contract, product)
        previous = contract.billed_to
        for period, served in periods:
            price = price_on(prices, period.whole_start)
            if price is None or (not price.amount and previous is None):
                continue  # free until now: the chain of charges begins with the first priced period
            start, end = served
            tax = self.tax(buyer, end)
            measure = price_period(contract, period, price, tax.rate, product.unit)
            source = Source("recurring", contract.id, contract.number, next(self.charge_ids))
            yield (
                DraftLine(item, measure, tax, served, source),
                ChargeDraft("recurring", contract.id, None, start, end, previous),
            )
            previous = end

    def _periods(self, contract: DueContract, product: ProductFacts) -> tuple[tuple[Period, ServicePeriod], ...]:
        return _kept_periods(
            contract.start_date,
            contract.period_months,
            self.billed_until,
            contract.end_date,
            contract.cut_over_date,
            contract.billed_to,
            product.is_divisible,
        )

    def _set_up_line(
        self, buyer: BuyerFacts, contract: DueContract, product: ProductFacts, day: date
    ) -> tuple[DraftLine, ChargeDraft]:
        tax = self.tax(buyer, day)
        measure = price_line(ONE, ONE, contract.set_up_fee, ZERO, False, tax.rate)
        source = Source("set_up", contract.id, contract.number, next(self.charge_ids))
        line = DraftLine(_item(contract, product), measure, tax, ServicePeriod(day, day), source)
        return line, ChargeDraft("set_up", contract.id, None, day, day, None)

    def _one_off_line(self, buyer: BuyerFacts, one_off: OneOff) -> tuple[DraftLine, ChargeDraft]:
        period = ServicePeriod(one_off.service_start, one_off.service_end)
        tax = self.tax(buyer, period.end)
        quantity, discount = one_off.quantity, one_off.discount_percent
        measure = price_line(quantity, ONE, one_off.net_price, discount, False, tax.rate, one_off.unit)
        item = Item(
            one_off.name,
            one_off.product_code,
            one_off.description,
            order_number=one_off.order_number,
            buyer_reference=one_off.buyer_reference,
        )
        source = Source("one_off", one_off.contract_id, one_off.contract_number, next(self.charge_ids))
        # no contract: a one-off item is no link in the contract's chain of charges, its line names the contract
        charge = ChargeDraft("one_off", None, one_off.id, *period, None)
        return DraftLine(item, measure, tax, period, source), charge

    def _cancelled_line(self, buyer: BuyerFacts, then: CancelledCharge) -> tuple[DraftLine, ChargeDraft]:
        period = ServicePeriod(then.period_start, then.period_end)
        tax = self.tax(buyer, period.end)
        measure = price_again(then, then.agreed_gross, then.vat_rate, tax.rate, then.unit)
        item = Item(
            then.item_name,
            then.article_number,
            then.description,
            then.identifier,
            then.cost_centre,
            then.order_number,
            then.buyer_reference,
        )
        source = Source(then.kind, then.contract_id, then.contract_number, then.charge_id)
        rebills = (then.charge_id, then.correction_id)
        charge = ChargeDraft(then.kind, then.contract_id, None, *period, None, rebills)
        return DraftLine(item, measure, tax, period, source), charge

    def _draft(self, buyer: BuyerFacts) -> InvoiceDraft:
        return InvoiceDraft(
            self.seller,
            buyer,
            is_collective=buyer.is_collective,
            buyer_reference=buyer.buyer_reference,
            order_number=buyer.order_number,
            cost_centre=buyer.cost_centre,
            batch_id=self.batch_id,
        )

    def _complete(self, plan: CustomerPlan, invoice: PlannedInvoice) -> None:
        """Settle references and gross prices, sum up, and ask for refusals."""
        draft = invoice.draft
        draft.settle_references()
        draft.settle_gross_prices()
        totals = draft.totals
        plan.total_without_vat += totals.total_without_vat
        plan.total_with_vat += draft.payable
        for found in find_refusals(draft):
            (plan.warnings if found.is_warning else plan.refusals).append(found)

    def _safety_bounds(
        self, plan: CustomerPlan, contracts: list[DueContract], prices: dict[int, list[PriceRow]]
    ) -> Iterator[SafetyBound]:
        """I-B5: absurd amounts are looked at by a person before they are billed.

        Set-up fees and one-off items do not count: they are agreed one by one and have no price per period.
        """
        periods: dict[int, int] = {}
        recurring = ZERO
        for invoice in plan.invoices:
            for line, charge in zip(invoice.draft.lines, invoice.charges, strict=True):
                if charge.contract_id is not None and charge.kind == "recurring" and charge.rebills is None:
                    periods[charge.contract_id] = periods.get(charge.contract_id, 0) + 1
                    recurring += line.measure.net_amount
        most = max(periods.values(), default=0)
        if most > MAX_PERIODS and most > self._released(plan, ManyPeriods):
            number = next(each.number for each in contracts if periods.get(each.id) == most)
            yield ManyPeriods(contract=number, periods=most)
        charged = [_at_least(each) for each in contracts if each.id in periods]
        if recurring > MAX_TIMES_ACTIVE * _prices_of(charged, prices):
            bound = round_cents(MAX_TIMES_ACTIVE * _prices_of(self.active(plan.buyer.id, periods), prices))
            if recurring > bound and recurring > self._released(plan, LargeAmount):
                yield LargeAmount(total=recurring, bound=bound)

    def _released(self, plan: CustomerPlan, bound: type[SafetyBound]) -> Decimal:
        return self.released.get((plan.buyer.id, bound.code), ZERO)


def _at_least(contract: DueContract) -> DueContract:
    """With the quantity that it was last billed with at least: a larger one may have been typed since."""
    is_sure = contract.quantity <= ONE or contract.billed_to is None
    return contract if is_sure else contract._replace(quantity=ONE)


def _prices_of(contracts: Sequence[Billed], prices: dict[int, list[PriceRow]]) -> Decimal:
    return sum([active_price(each, prices.get(each.id, [])) for each in contracts], ZERO)


def _set_up_day(contract: DueContract, periods: Sequence[tuple[Period, ServicePeriod]], prices: list[PriceRow]) -> date:
    """A set-up fee is a service of the first period billed with it, however late it was entered; of a free contract,
    of the last period that is due."""
    for period, _ in periods:
        price = price_on(prices, period.whole_start)
        if contract.billed_to is not None or (price is not None and price.amount):
            return period.start
    return periods[-1][1].start if periods else contract.start_date


def _item(contract: DueContract, product: ProductFacts) -> Item:
    return Item(
        product.name,
        product.code,
        contract.description,
        contract.identifier,
        contract.cost_centre,
        contract.order_number,
        contract.buyer_reference,
    )


@lru_cache(maxsize=50_000)
def _kept_periods(
    start_date: date,
    months: int,
    billed_until: date,
    end_date: date | None,
    first_start: date | None,
    billed_to: date | None,
    is_divisible: bool,
) -> tuple[tuple[Period, ServicePeriod], ...]:
    """``periods_due`` and what a line says of each, kept: contracts due in the same month begin on few different
    days."""
    due = periods_due(
        start_date,
        months,
        billed_until=billed_until,
        end_date=end_date,
        first_start=first_start,
        billed_to=billed_to,
        is_divisible=is_divisible,
    )
    return tuple((period, ServicePeriod(period.start, period.end)) for period in due)
