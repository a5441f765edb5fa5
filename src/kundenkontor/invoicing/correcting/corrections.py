"""What a correction takes back, line by line and cent by cent. Pure.

Several corrections of one document share its cents cumulatively: VAT and rounding of each are the rounded sum over all
corrections so far less what earlier ones took back. So together they never exceed the original, and a
full cancellation brings every rate to exactly nothing (I-D3, I-T5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from kundenkontor.invoicing.errors import CorrectionsExceedDocument, CorrectionTooLarge, NothingToCorrect
from kundenkontor.invoicing.issuing.lines import (
    ONE,
    DraftLine,
    Item,
    Measure,
    ServicePeriod,
    Source,
    Tax,
    taxed_amounts,
)
from kundenkontor.invoicing.issuing.totals import (
    HUNDRED,
    Totals,
    VatGroup,
    calculate_totals,
    line_allowance,
    line_net_amount,
)
from kundenkontor.kernel.money import ZERO, round_cents

if TYPE_CHECKING:
    from kundenkontor.invoicing.models import Invoice, InvoiceLine, VatBreakdown

GroupKey = tuple[str, Decimal]


@dataclass(frozen=True, slots=True)
class LineCorrection:
    """How much of a line is taken back: by net amount, or by days of its period, or by its quantity. Exactly one."""

    position: int
    net_amount: Decimal | None = None
    days: int | None = None
    quantity: Decimal | None = None


@dataclass(slots=True)
class TakenBack:
    """What earlier corrections took back: net by position, (taxable, tax) by category and rate, and BT-114."""

    net: dict[int, Decimal] = field(default_factory=dict)
    groups: dict[GroupKey, tuple[Decimal, Decimal]] = field(default_factory=dict)
    rounding_amount: Decimal = ZERO

    def of_group(self, key: GroupKey) -> tuple[Decimal, Decimal]:
        return self.groups.get(key, (ZERO, ZERO))

    @property
    def amount(self) -> Decimal:
        """What all earlier corrections come to (BT-115)."""
        return sum((base + tax for base, tax in self.groups.values()), self.rounding_amount)


def rest_lines(lines: Sequence[InvoiceLine], breakdown: Sequence[VatBreakdown], taken: TakenBack) -> list[DraftLine]:
    """Everything that is left of each line, one line per original line."""
    found = []
    for line in lines:
        rest = line.net_amount - taken.net.get(line.position, ZERO)
        if line.position not in taken.net:
            found.append(_copy(line, breakdown))
        elif rest:
            found.append(_amount_line(line, rest, breakdown))
    return found


def part_lines(
    lines: Sequence[InvoiceLine],
    breakdown: Sequence[VatBreakdown],
    taken: TakenBack,
    parts: Iterable[LineCorrection],
) -> list[DraftLine]:
    """The chosen part of each chosen line. Raises CorrectionTooLarge and NothingToCorrect."""
    by_position = {line.position: line for line in lines}
    found: dict[int, DraftLine] = {}
    for part in parts:
        line = by_position.get(part.position)
        if line is None or part.position in found:
            raise NothingToCorrect()
        rest = line.net_amount - taken.net.get(line.position, ZERO)
        draft = _part(line, part, breakdown, is_untouched=line.position not in taken.net)
        net = draft.measure.net_amount
        if not net or (net > 0) != (line.net_amount > 0):
            raise NothingToCorrect()
        if abs(net) > abs(rest):
            raise CorrectionTooLarge(position=line.position, available=rest)
        found[part.position] = draft
    if not found:
        raise NothingToCorrect()
    return list(found.values())


def _part(
    line: InvoiceLine, part: LineCorrection, breakdown: Sequence[VatBreakdown], *, is_untouched: bool
) -> DraftLine:
    if [part.net_amount, part.days, part.quantity].count(None) != 2:
        raise NothingToCorrect()
    if part.net_amount is not None:
        if part.net_amount == line.net_amount and is_untouched:
            return _copy(line, breakdown)
        return _amount_line(line, part.net_amount, breakdown)
    if part.days is not None:
        days = (line.period_end - line.period_start).days + 1
        _refuse_outside(line, Decimal(part.days), Decimal(days))
        return _by_days(line, part.days, days, breakdown)
    assert part.quantity is not None
    if not part.quantity or abs(part.quantity) > abs(line.quantity) or (part.quantity > 0) != (line.quantity > 0):
        raise CorrectionTooLarge(position=line.position, available=line.quantity.normalize())
    return _measured(line, part.quantity, line.base_quantity, line.unit, breakdown)


def _refuse_outside(line: InvoiceLine, wanted: Decimal, whole: Decimal) -> None:
    if wanted <= 0:
        raise NothingToCorrect()
    if wanted > whole:
        raise CorrectionTooLarge(position=line.position, available=whole)


def _by_days(line: InvoiceLine, days: int, of_days: int, breakdown: Sequence[VatBreakdown]) -> DraftLine:
    """Days of the line's period: a cut line already counts days, a whole period is divided by its days."""
    if days == of_days:
        return _copy(line, breakdown)
    if line.base_quantity != 1 and line.quantity % of_days == 0:
        return _measured(line, line.quantity / of_days * days, line.base_quantity, "DAY", breakdown)
    return _measured(line, line.quantity * days, line.base_quantity * of_days, "DAY", breakdown)


def _measured(
    line: InvoiceLine, quantity: Decimal, base_quantity: Decimal, unit: str, breakdown: Sequence[VatBreakdown]
) -> DraftLine:
    net = line_net_amount(quantity, line.net_price, line.discount_percent, base_quantity)
    allowance = line_allowance(quantity, line.net_price, line.discount_percent, base_quantity)
    measure = Measure(
        quantity, base_quantity, line.net_price, net, line.discount_percent, allowance_amount=allowance, unit=unit
    )
    return _copy(line, breakdown)._replace(measure=measure)


def _amount_line(line: InvoiceLine, net_amount: Decimal, breakdown: Sequence[VatBreakdown]) -> DraftLine:
    """A sum without a measure: once the amount (a negative amount is a negative quantity, prices never are)."""
    amount = round_cents(net_amount)
    measure = Measure(ONE if amount >= 0 else -ONE, ONE, abs(amount), amount)
    return _copy(line, breakdown)._replace(measure=measure)


def _copy(line: InvoiceLine, breakdown: Sequence[VatBreakdown]) -> DraftLine:
    """The line as it was issued, with its original rate and the texts of its category."""
    group = next(row for row in breakdown if (row.category, row.rate) == (line.vat_category, line.vat_rate))
    return DraftLine(
        Item(line.item_name, line.article_number, line.description, line.identifier, line.cost_centre),
        Measure(
            line.quantity,
            line.base_quantity,
            line.net_price,
            line.net_amount,
            line.discount_percent,
            line.allowance_amount,
            line.agreed_gross,
            line.unit,
        ),
        Tax(line.vat_category, line.vat_rate, group.country, group.exemption_code, group.exemption_reason),
        ServicePeriod(line.period_start, line.period_end),
        Source(
            line.kind,
            line.contract_id,
            line.contract_number,
            corrected_position=line.position,
            account_role=line.account_role,
        ),
    )


def correction_sums(
    original: Invoice,
    lines: Sequence[InvoiceLine],
    breakdown: Sequence[VatBreakdown],
    taken: TakenBack,
    drafted: Sequence[DraftLine],
) -> tuple[Totals, Decimal]:
    """Totals and payable amount of a correction.

    Raises CorrectionTooLarge; CorrectionsExceedDocument where lines are taken back, but not the negative ones of
    another rate that made the document smaller; NothingToCorrect where only such lines are taken back.
    """
    totals = correction_totals(drafted, breakdown, taken)
    payable = totals.total_with_vat + rounding_of(lines, drafted, taken, original.rounding_amount)
    if payable < ZERO:
        raise NothingToCorrect()
    excess = taken.amount + payable - original.amount_due
    if excess > ZERO:
        raise CorrectionsExceedDocument(number=original.number, excess=excess)
    return totals, payable


def correction_totals(drafted: Sequence[DraftLine], breakdown: Sequence[VatBreakdown], taken: TakenBack) -> Totals:
    """The sums of a correction. Raises CorrectionTooLarge where a category would be exceeded.

    VAT of a category is the rounded VAT of all corrections so far less that of the earlier ones: it differs from the
    rate on this document's base by at most a cent, which EN 16931's BR-CO-17 lets pass.
    """
    groups = []
    for plain in calculate_totals(taxed_amounts(drafted)).vat_breakdown:
        key = (plain.category, plain.rate)
        original = next(row for row in breakdown if (row.category, row.rate) == key)
        base_before, tax_before = taken.of_group(key)
        base = base_before + plain.taxable_amount
        if abs(base) > abs(original.taxable_amount) or base * original.taxable_amount < 0:
            position = next(line.source.corrected_position for line in drafted if line.tax.category == plain.category)
            raise CorrectionTooLarge(position=position, available=original.taxable_amount - base_before)
        tax = round_cents(base * plain.rate / HUNDRED) - tax_before
        groups.append(VatGroup(plain.category, plain.rate, plain.taxable_amount, tax))
    net = sum((group.taxable_amount for group in groups), ZERO)
    vat = sum((group.tax_amount for group in groups), ZERO)
    return Totals(tuple(groups), net, vat, net + vat)


def rounding_of(
    lines: Sequence[InvoiceLine], drafted: Sequence[DraftLine], taken: TakenBack, original_rounding: Decimal
) -> Decimal:
    """BT-114 of a correction of gross prices: what was agreed with VAT goes back in proportion, to the cent."""
    cumulative = dict(taken.net)
    for draft in drafted:
        position = draft.source.corrected_position
        assert position is not None
        cumulative[position] = cumulative.get(position, ZERO) + draft.measure.net_amount
    if all(cumulative.get(line.position, ZERO) == line.net_amount for line in lines):
        return original_rounding - taken.rounding_amount
    gross, by_rate = ZERO, dict[Decimal, Decimal]()
    for line in lines:
        net = cumulative.get(line.position, ZERO)
        if line.agreed_gross is not None and net:
            gross += round_cents(line.agreed_gross * net / line.net_amount)
            by_rate[line.vat_rate] = by_rate.get(line.vat_rate, ZERO) + net
    computed = sum((net + round_cents(net * rate / HUNDRED) for rate, net in by_rate.items()), ZERO)
    return gross - computed - taken.rounding_amount


def is_all_taken(lines: Iterable[InvoiceLine], taken: Mapping[int, Decimal], drafted: Sequence[DraftLine]) -> bool:
    """Whether nothing of the original is left after this correction."""
    now = {line.source.corrected_position: line.measure.net_amount for line in drafted}
    return all(line.net_amount == taken.get(line.position, ZERO) + now.get(line.position, ZERO) for line in lines)
