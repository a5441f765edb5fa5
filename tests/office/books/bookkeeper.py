"""Another bookkeeper: reads e-invoices and a list of what money did, and works out returns and accounts by the law.

Imports nothing of the product. Every rate of a document has one service period.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from lxml import etree

ZERO, CENT = Decimal(0), Decimal("0.01")
Amounts = tuple[Decimal, Decimal]  # net and VAT
Sums = dict[Any, Amounts]


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


class Case(NamedTuple):
    category: str
    rate: Decimal


@dataclass
class Document:
    """What stands in the XML; amounts of a correction negative."""

    number: str
    day: date
    corrects: str
    country: str
    vat_id: str
    cases: dict[Case, Amounts]
    ends: dict[Case, date]
    payable: Decimal
    rounding: Decimal


class Event(NamedTuple):
    """What money did to a document: paid, refunded, lost, regained; over how much, when."""

    kind: str
    number: str
    amount: Decimal
    day: date


def read(xml: bytes) -> Document:
    root: Any = etree.fromstring(xml)

    def texts(path: str, within: Any = root) -> list[str]:
        steps = "/".join(f"*[local-name()='{step}']" for step in path.split("/"))
        return [str(node.text) for node in within.xpath(f".//{steps}")]

    def nodes(name: str) -> list[Any]:
        return list(root.xpath(f".//*[local-name()='{name}']"))

    sign = -1 if texts("ExchangedDocument/TypeCode") == ["381"] else 1
    ends: dict[Case, date] = {}
    for line in nodes("IncludedSupplyChainTradeLineItem"):
        case = _case(texts, line)
        ends[case] = _day(texts("BillingSpecifiedPeriod/EndDateTime/DateTimeString", line)[0])
    cases: dict[Case, Amounts] = {}
    (settlement,) = nodes("ApplicableHeaderTradeSettlement")
    for row in settlement.xpath("./*[local-name()='ApplicableTradeTax']"):
        base, tax = texts("BasisAmount", row)[0], texts("CalculatedAmount", row)[0]
        cases[_case(texts, row)] = (sign * Decimal(base), sign * Decimal(tax))
    (buyer,) = nodes("BuyerTradeParty")
    return Document(
        texts("ExchangedDocument/ID")[0],
        _day(texts("ExchangedDocument/IssueDateTime/DateTimeString")[0]),
        next(iter(texts("InvoiceReferencedDocument/IssuerAssignedID", settlement)), "") if sign < 0 else "",
        texts("PostalTradeAddress/CountryID", buyer)[0],
        next(iter(texts("SpecifiedTaxRegistration/ID", buyer)), ""),
        cases,
        ends,
        sign * Decimal(texts("DuePayableAmount")[0]),
        sign * Decimal(next(iter(texts("RoundingAmount")), "0")),
    )


def _case(texts: Any, node: Any) -> Case:
    rate = next(iter(texts("RateApplicablePercent", node)), "0")
    return Case(texts("CategoryCode", node)[0], Decimal(rate).quantize(CENT))


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def month(day: date) -> date:
    return day.replace(day=1)


def next_month(day: date) -> date:
    return (month(day) + timedelta(days=32)).replace(day=1)


def quarter(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


@dataclass
class Bookkeeper:
    """Of one seller."""

    country: str
    is_cash: bool
    documents: Mapping[str, Document]
    events: Iterable[Event]

    def original(self, one: Document) -> Document:
        return self.documents[one.corrects] if one.corrects else one

    def is_home(self, one: Document, case: Case) -> bool:
        """Consumers abroad pay the rate of their country, whoever charges it."""
        return case.category == "S" and one.country == self.country

    def counts(self, one: Document, case: Case) -> date:
        """The month in which an invoice counts where VAT is owed by agreement."""
        ended, invoiced = month(one.ends[case]), month(one.day)
        if ended > invoiced and case.category != "AE":
            return invoiced
        if ended < invoiced and self.country == "AT" and case.category != "AE":
            return next_month(ended)
        return ended

    def vat_return(self) -> Sums:
        """Net and VAT by month and rate, at home."""
        found: Sums = defaultdict(lambda: (ZERO, ZERO))
        if self.is_cash:
            for one in self.documents.values():
                if not one.corrects and one.payable:
                    self._received(one, found)
        else:
            for one in self.documents.values():
                for case, amounts in one.cases.items():
                    if self.is_home(one, case):
                        _add(found, (self._month(one, case), case.rate), amounts)
            for one in self.documents.values():
                for day, case, amounts in self.losses(one):
                    if self.is_home(one, case):
                        _add(found, (max(month(day), self.counts(one, case)), case.rate), amounts)
        return without_nothing(found)

    def _month(self, one: Document, case: Case) -> date:
        of = self.counts(self.original(one), case)
        return max(of, month(one.day)) if one.corrects else of

    def _received(self, one: Document, found: Sums) -> None:
        """What is owed after all corrections is taxed in the share that was received; what a correction left over is
        taxed until it is paid back."""
        steps: list[tuple[date, int, str, Any]] = [
            (event.day, index, event.kind, event.amount)
            for index, event in enumerate(self.events)
            if event.number == one.number and event.kind in ("paid", "refunded", "corrected")
        ]
        corrections = {other.number: other for other in self.documents.values() if other.corrects == one.number}
        left, owed, held = dict(one.cases), one.payable, ZERO
        back: tuple[Decimal, dict[Case, Amounts]] = (ZERO, {})
        before: dict[Case, Amounts] = {}
        for day, _, kind, amount in steps:
            if kind == "corrected":
                correction = next(other for other in corrections.values() if other.payable == -amount)
                back = (amount, {case: (-base, -tax) for case, (base, tax) in correction.cases.items()})
                for case, (base, tax) in correction.cases.items():
                    left[case] = (left[case][0] + base, left[case][1] + tax)
                owed -= amount
            else:
                held += amount if kind == "paid" else -amount
            now = _taxed(left, owed, held, back)
            for case in one.cases:
                if self.is_home(one, case):
                    change = [now.get(case, (ZERO, ZERO))[n] - before.get(case, (ZERO, ZERO))[n] for n in (0, 1)]
                    _add(found, (month(day), case.rate), (change[0], change[1]))
            before = now

    def losses(self, one: Document) -> list[tuple[date, Case, Amounts]]:
        """What is lost of a document per case, negative: the rest of it after what was paid, in shares of the whole."""
        found: list[tuple[date, Case, Amounts]] = []
        settled = ZERO
        for event in self.events:
            if event.number != one.number:
                continue
            if event.kind == "paid":
                settled += event.amount
            if event.kind == "lost":
                for case, (base, tax) in one.cases.items():
                    kept = [cents(part * settled / one.payable) for part in (base, tax)]
                    found.append((event.day, case, (kept[0] - base, kept[1] - tax)))
        return found

    def zm(self) -> Sums:
        """Net by quarter and VAT id."""
        found: Sums = defaultdict(lambda: (ZERO, ZERO))
        for one in self.documents.values():
            for case, amounts in one.cases.items():
                if case.category == "AE":
                    first = self.original(one)
                    changed = month(one.day) if one.corrects else date.min
                    _add(found, (quarter(max(month(first.ends[case]), changed)), one.vat_id), amounts)
            for day, case, amounts in self.losses(one):
                if case.category == "AE":
                    _add(found, (quarter(max(month(one.ends[case]), month(day))), one.vat_id), amounts)
        return without_nothing(found)

    def oss(self) -> Sums:
        """Net and VAT by quarter, country and rate."""
        found: Sums = defaultdict(lambda: (ZERO, ZERO))
        for one in self.documents.values():
            for case, amounts in one.cases.items():
                if case.category == "S" and not self.is_home(one, case):
                    changed = month(one.day) if one.corrects else date.min
                    ended = month(self.original(one).ends[case])
                    _add(found, (quarter(max(ended, changed)), one.country, case.rate), amounts)
            for day, case, amounts in self.losses(one):
                if case.category == "S" and not self.is_home(one, case):
                    ended = month(one.ends[case])
                    _add(found, (quarter(max(ended, month(day))), one.country, case.rate), amounts)
        return without_nothing(found)

    def money(self) -> Decimal:
        """What came in less what was paid back."""
        signs = {"paid": 1, "refunded": -1}
        return sum((signs.get(event.kind, 0) * event.amount for event in self.events), ZERO)

    def book(self) -> tuple[Decimal, ...]:
        """Net, VAT, rounding and payable of all documents."""
        rows = [amounts for one in self.documents.values() for amounts in one.cases.values()]
        all_of = self.documents.values()
        return (
            sum((row[0] for row in rows), ZERO),
            sum((row[1] for row in rows), ZERO),
            sum((one.rounding for one in all_of), ZERO),
            sum((one.payable for one in all_of), ZERO),
        )


def _taxed(
    left: dict[Case, Amounts], owed: Decimal, held: Decimal, back: tuple[Decimal, dict[Case, Amounts]]
) -> dict[Case, Amounts]:
    """``back``: what the correction comes to, and its rows."""
    if held <= 0:
        return {}
    if held <= owed:
        return {case: (cents(base * held / owed), cents(tax * held / owed)) for case, (base, tax) in left.items()}
    payable, rows = back
    found: dict[Case, Amounts] = {}
    for case, (base, tax) in left.items():
        more_base, more_tax = rows.get(case, (ZERO, ZERO))
        more = held - owed
        found[case] = (cents(base + more_base * more / payable), cents(tax + more_tax * more / payable))
    return found


def _add(found: Sums, key: Any, amounts: Amounts) -> None:
    found[key] = (found[key][0] + amounts[0], found[key][1] + amounts[1])


def without_nothing(found: Sums) -> Sums:
    return {key: amounts for key, amounts in found.items() if any(amounts)}
