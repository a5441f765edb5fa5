"""The sums that go into the returns of a period: VAT return (UVA), ZM and OSS, and why they differ from the dates of
documents. Every part counts once: in its return, in a correction of it, or where it was declared before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar

from kundenkontor.invoicing.books.parts import Parts, Period, TaxPart, UnionPart, period_of, quarter_of
from kundenkontor.invoicing.books.receipts import NOTHING, Amounts
from kundenkontor.invoicing.books.returns import parts_of
from kundenkontor.parties.facts import TaxFacts, tax_facts


class VatSum(NamedTuple):
    """Of the VAT return of a month or quarter, or of its correction. ``country``: whose VAT."""

    month: date
    until: date
    category: str
    rate: Decimal
    country: str
    base: Decimal
    tax: Decimal


class UnionSum(NamedTuple):
    """Of ZM or OSS, in the return of a quarter; ``of_quarter``: the earlier one that is corrected, else the same."""

    quarter: date
    of_quarter: date
    vat_id: str
    category: str
    country: str
    rate: Decimal
    base: Decimal
    tax: Decimal


class Difference(NamedTuple):
    """VAT of the own country from the dates of documents to the VAT return, as base and VAT.

    ``dated`` - ``elsewhere`` - ``corrected`` + ``added`` + ``lost`` = ``counted``: of the documents dated in the period
    those parts that count in other months or when they are paid, and those that correct declared returns; what counts
    of other documents; and what was written off (negative).
    """

    dated: Amounts
    elsewhere: Amounts
    corrected: Amounts
    added: Amounts
    lost: Amounts
    counted: Amounts


class ReturnSums(NamedTuple):
    """All sums of the returns asked for. ``unregistered``: at the rate of a country where nobody is registered."""

    asked: Period
    vat: list[VatSum]
    corrections: list[VatSum]
    zm: list[UnionSum]
    oss: list[UnionSum]
    unregistered: list[UnionSum]
    difference: Difference


def return_sums(seller_id: int, country: str, since: date, until: date) -> ReturnSums:
    """The sums of the VAT returns from that of ``since`` to that of ``until``. ``country`` is the seller's."""
    facts = tax_facts(seller_id)
    return sums_of(parts_of(seller_id, country, facts, since, until), facts)


def sums_of(parts: Parts, facts: TaxFacts) -> ReturnSums:
    """Pure."""
    first, last = parts.asked
    vat = [part for part in parts.vat if not part.is_late and first <= part.month <= last]
    late = [part for part in parts.vat if part.is_late and (part.is_posted or first <= part.month <= last)]
    union = [part for part in parts.union if first <= part.month <= last]
    abroad = [part for part in union if part.category == "S"]
    return ReturnSums(
        parts.asked,
        _added(_vat_sum(part, facts) for part in vat),
        _added(_vat_sum(part, facts) for part in late),
        _added(_union_sum(part) for part in union if part.category == "AE"),
        _added(_union_sum(part) for part in abroad if part.is_registered),
        _added(_union_sum(part) for part in abroad if not part.is_registered),
        _difference(parts.dated, vat, [part for part in parts.vat if part.is_late and part.is_dated]),
    )


def _vat_sum(part: TaxPart, facts: TaxFacts) -> VatSum:
    return VatSum(*period_of(part.month, facts), part.category, part.rate, part.country, part.base, part.tax)


def _union_sum(part: UnionPart) -> UnionSum:
    quarter, performed = quarter_of(part.month), quarter_of(part.performed)
    vat_id = part.vat_id or ""
    return UnionSum(
        quarter, min(quarter, performed), vat_id, part.category, part.country, part.rate, part.base, part.tax
    )


Row = TypeVar("Row", VatSum, UnionSum)


def _added(rows: Iterable[Row]) -> list[Row]:
    """One row per key, without those that come to nothing; in order of the keys."""
    found: dict[object, Row] = {}
    for row in rows:
        before = found.get(row[:-2])
        found[row[:-2]] = row if before is None else row._replace(base=row.base + before.base, tax=row.tax + before.tax)
    return sorted(row for row in found.values() if row.base or row.tax)


def _difference(dated: Amounts, counted: Iterable[TaxPart], late: Iterable[TaxPart]) -> Difference:
    of_home = [part for part in counted if part.category == "S"]
    lost = _total(part for part in of_home if part.is_loss)
    at_home = [part for part in of_home if not part.is_loss]
    own = _total(part for part in at_home if part.is_dated)
    added = _total(part for part in at_home if not part.is_dated)
    corrected = _total(part for part in late if part.category == "S" and not part.is_loss)
    elsewhere = dated.minus(own).minus(corrected)
    return Difference(dated, elsewhere, corrected, added, lost, own.plus(added).plus(lost))


def _total(parts: Iterable[TaxPart]) -> Amounts:
    total = NOTHING
    for part in parts:
        total = total.plus(Amounts(part.base, part.tax))
    return total
