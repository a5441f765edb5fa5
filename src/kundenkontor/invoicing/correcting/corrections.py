"""What a correction takes back, line by line and cent by cent. Pure.

A correction is the sums of what was left of the document before it less those of what is left after it: VAT, and the
net amounts of prices agreed with VAT, are computed of what is left. So all corrections of a document add up to it, none
exceeds it, and a full cancellation negates what is stored (I-D3, I-T5). Of a price agreed with VAT the agreed sum is
tracked; its net amount may be a cent beside that of the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from kundenkontor.invoicing.errors import (
    CorrectionsExceedDocument,
    CorrectionTooLarge,
    DaysTakenBackAlready,
    NothingToCorrect,
)
from kundenkontor.invoicing.issuing.gross import GroupKey, agreed_by_rate, net_of, put_net, rounding_of
from kundenkontor.invoicing.issuing.lines import (
    DAYS,
    ONE,
    ONE_UNIT,
    DraftLine,
    Item,
    Measure,
    ServicePeriod,
    Source,
    Tax,
    pieces_of,
    taxed_amounts,
)
from kundenkontor.invoicing.issuing.totals import (
    Totals,
    VatGroup,
    calculate_totals,
    line_allowance,
    line_net_amount,
    vat_of,
)
from kundenkontor.kernel.money import ZERO, round_cents

if TYPE_CHECKING:
    from kundenkontor.invoicing.models import Invoice, InvoiceLine, VatBreakdown

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LineCorrection:
    """How much of a line is taken back: by net amount, or by days of its period, or by its quantity. Exactly one.

    Days count from ``first_day`` on; without it they are the last ones that no correction took back.
    """

    position: int
    net_amount: Decimal | None = None
    days: int | None = None
    quantity: Decimal | None = None
    first_day: date | None = None


@dataclass(slots=True)
class TakenBack:
    """What corrections took back: net, agreed gross and (first, last) of days by position, (taxable, tax) by category
    and rate, and BT-114."""

    net: dict[int, Decimal] = field(default_factory=dict)
    gross: dict[int, Decimal] = field(default_factory=dict)
    days: dict[int, list[ServicePeriod]] = field(default_factory=dict)
    groups: dict[GroupKey, tuple[Decimal, Decimal]] = field(default_factory=dict)
    rounding_amount: Decimal = ZERO

    def of_group(self, key: GroupKey) -> tuple[Decimal, Decimal]:
        return self.groups.get(key, (ZERO, ZERO))

    @property
    def amount(self) -> Decimal:
        """What all earlier corrections come to (BT-115)."""
        return sum((base + tax for base, tax in self.groups.values()), self.rounding_amount)

    def with_lines(self, drafted: Iterable[DraftLine]) -> TakenBack:
        """After these lines were taken back as well; net and gross alone."""
        net, gross = dict(self.net), dict(self.gross)
        for line in drafted:
            position, measure = line.source.corrected_position, line.measure
            assert position is not None
            net[position] = net.get(position, ZERO) + measure.net_amount
            if measure.agreed_gross is not None:
                gross[position] = gross.get(position, ZERO) + measure.agreed_gross
        return TakenBack(net, gross)


class Left(NamedTuple):
    """What corrections left of a line: net, and where its price was agreed with VAT, of what was agreed."""

    net: Decimal
    gross: Decimal | None

    @property
    def counted(self) -> Decimal:
        """What is kept account of: the agreed sum, if there is one."""
        return self.net if self.gross is None else self.gross

    @property
    def is_nothing(self) -> bool:
        return not self.counted


def left_of(line: InvoiceLine, taken: TakenBack) -> Left:
    """What is left of a line; net of an agreed sum is its share of the line's net amount."""
    agreed = line.agreed_gross
    if agreed is None:
        return Left(line.net_amount - taken.net.get(line.position, ZERO), None)
    gross = agreed - taken.gross.get(line.position, ZERO)
    return Left(round_cents(line.net_amount * gross / agreed) if agreed else ZERO, gross)


@dataclass(slots=True)
class Correctable:
    """An issued document that may be corrected, with what earlier corrections took back of it."""

    invoice: Invoice
    lines: Sequence[InvoiceLine]
    breakdown: Sequence[VatBreakdown]
    taken: TakenBack

    def rest_lines(self) -> list[DraftLine]:
        """Everything that is left of each line, one line per original line."""
        found = []
        for line in self.lines:
            if line.position not in self.taken.net:
                found.append(self._copy(line))
            elif not left_of(line, self.taken).is_nothing:
                found.append(self._rest_line(line))
        return self._settled(found)

    def part_lines(self, parts: Iterable[LineCorrection]) -> list[DraftLine]:
        """The chosen part of each chosen line. Raises CorrectionTooLarge and NothingToCorrect."""
        by_position = {line.position: line for line in self.lines}
        found: dict[int, DraftLine] = {}
        for part in parts:
            line = by_position.get(part.position)
            if line is None or part.position in found:
                raise NothingToCorrect()
            drafted = self._part(line, part)
            _refuse_beyond(line, left_of(line, self.taken), drafted.measure)
            found[part.position] = drafted
        if not found:
            raise NothingToCorrect()
        return self._settled(list(found.values()))

    def _part(self, line: InvoiceLine, part: LineCorrection) -> DraftLine:
        if [part.net_amount, part.days, part.quantity].count(None) != 2:
            raise NothingToCorrect()
        if part.net_amount is not None:
            left = left_of(line, self.taken)
            if part.net_amount != left.net:
                gross = _share(line, part.net_amount, line.net_amount)
                return self._amount_line(line, Left(round_cents(part.net_amount), gross))
            return self._rest_line(line) if line.position in self.taken.net else self._copy(line)
        if part.days is not None:
            period = _days_back(line, part.days, part.first_day, self.taken.days.get(line.position, []))
            return self._by_days(line, part.days)._replace(period=period)
        assert part.quantity is not None
        if not part.quantity or abs(part.quantity) > abs(line.quantity) or (part.quantity > 0) != (line.quantity > 0):
            raise CorrectionTooLarge(position=line.position, available=line.quantity.normalize())
        return self._measured(line, part.quantity, line.base_quantity, line.unit)

    def _by_days(self, line: InvoiceLine, days: int) -> DraftLine:
        """Days of the line's period: a cut line already counts days, a whole period is divided by its days."""
        of_days = _days_of(line)
        if days == of_days:
            return self._copy(line)
        if line.base_quantity == 1:
            return self._measured(line, line.quantity * days, Decimal(of_days), DAYS)
        if (pieces := pieces_of(line.quantity, line.unit, of_days)) is not None:
            return self._measured(line, pieces * days, line.base_quantity, DAYS)
        share = Decimal(days), Decimal(of_days)  # what no days can tell
        return self._amount_line(line, Left(round_cents(line.net_amount * share[0] / share[1]), _share(line, *share)))

    def _measured(self, line: InvoiceLine, quantity: Decimal, base_quantity: Decimal, unit: str) -> DraftLine:
        net = line_net_amount(quantity, line.net_price, line.discount_percent, base_quantity)
        allowance = line_allowance(quantity, line.net_price, line.discount_percent, base_quantity)
        gross = _share(line, quantity * line.base_quantity, line.quantity * base_quantity)
        measure = Measure(quantity, base_quantity, line.net_price, net, line.discount_percent, allowance, gross, unit)
        return self._copy(line)._replace(measure=measure)

    def _amount_line(self, line: InvoiceLine, amount: Left) -> DraftLine:
        """A sum without a measure: once the amount (a negative amount is a negative quantity, prices never are)."""
        sign = ONE.copy_sign(amount.counted)
        unit = line.unit if line.base_quantity == 1 else ONE_UNIT
        measure = Measure(sign, ONE, abs(amount.net), amount.net, agreed_gross=amount.gross, unit=unit)
        return self._copy(line)._replace(measure=measure)

    def _rest_line(self, line: InvoiceLine) -> DraftLine:
        """All that corrections left of a line, for the days that they left."""
        period = _days_left(line, self.taken.days.get(line.position, []))
        return self._amount_line(line, left_of(line, self.taken))._replace(period=period)

    def _copy(self, line: InvoiceLine) -> DraftLine:
        """The line as it was issued, with its original rate and the texts of its category."""
        group = self._group(_key(line))
        return DraftLine(
            Item(
                line.item_name,
                line.article_number,
                line.description,
                line.identifier,
                line.cost_centre,
                line.order_number,
                line.buyer_reference,
            ),
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

    def _group(self, key: GroupKey) -> VatBreakdown:
        return next(row for row in self.breakdown if (row.category, row.rate) == key)

    def _settled(self, drafted: list[DraftLine]) -> list[DraftLine]:
        """Agreed sums get the net amount that what was left of their rate loses with them."""
        for key, of_rate in agreed_by_rate(drafted).items():
            before, gross = self._left_agreed(key, self.taken)
            put_net(drafted, before - net_of(gross - sum([part for _, part in of_rate], ZERO), key[1]), of_rate, key[1])
        return drafted

    def _left_agreed(self, key: GroupKey, taken: TakenBack) -> tuple[Decimal, Decimal]:
        """Of the prices of one rate that were agreed with VAT: the net amount that is left, and the agreed sum."""
        net = gross = ZERO
        for line in self.lines:
            if line.agreed_gross is not None and _key(line) == key:
                net += line.net_amount - taken.net.get(line.position, ZERO)
                gross += line.agreed_gross - taken.gross.get(line.position, ZERO)
        return net, gross

    def sums_of(self, drafted: Sequence[DraftLine]) -> tuple[Totals, Decimal]:
        """Totals and payable amount of a correction.

        Raises CorrectionTooLarge; CorrectionsExceedDocument where lines are taken back, but not the negative ones of
        another rate that made the document smaller; NothingToCorrect where only such lines are taken back.
        """
        totals = self._totals(drafted)
        payable = totals.total_with_vat + self._rounding(drafted, totals)
        if payable < ZERO:
            raise NothingToCorrect()
        excess = self.taken.amount + payable - self.invoice.amount_due
        if excess > ZERO:
            raise CorrectionsExceedDocument(number=self.invoice.number, excess=excess)
        return totals, payable

    def _totals(self, drafted: Sequence[DraftLine]) -> Totals:
        """The sums of a correction. Raises CorrectionTooLarge where a category would be exceeded.

        VAT of a category is that of what was left before less that of what is left after: it differs from the rate on
        this document's base by at most a cent, which EN 16931's BR-CO-17 lets pass.
        """
        groups = []
        for category, rate, taxable, _ in calculate_totals(taxed_amounts(drafted)).vat_breakdown:
            original = self._group((category, rate))
            base_before, tax_before = self.taken.of_group((category, rate))
            base = base_before + taxable
            if abs(base) > abs(original.taxable_amount) or base * original.taxable_amount < 0:
                of_rate = (line for line in drafted if (line.tax.category, line.tax.rate) == (category, rate))
                position = next(line.source.corrected_position for line in of_rate)
                raise CorrectionTooLarge(position=position, available=original.taxable_amount - base_before)
            tax = original.tax_amount - tax_before - vat_of(original.taxable_amount - base, rate)
            groups.append(VatGroup(category, rate, taxable, tax))
        net = sum((group.taxable_amount for group in groups), ZERO)
        vat = sum((group.tax_amount for group in groups), ZERO)
        return Totals(tuple(groups), net, vat, net + vat)

    def _rounding(self, drafted: Sequence[DraftLine], totals: Totals) -> Decimal:
        """BT-114: of what was left before less that of what is left after."""
        after = self.taken.with_lines(drafted)
        now = {(group.category, group.rate): group.taxable_amount for group in totals.vat_breakdown}
        rounding = self.invoice.rounding_amount - self.taken.rounding_amount
        for key in {_key(line) for line in self.lines if line.agreed_gross is not None}:
            base = self._group(key).taxable_amount - self.taken.of_group(key)[0] - now.get(key, ZERO)
            rounding -= rounding_of(base, self._left_agreed(key, after)[1], key[1])
        return rounding

    def is_all_taken(self, drafted: Sequence[DraftLine]) -> bool:
        """Whether nothing of the original is left after this correction."""
        after = self.taken.with_lines(drafted)
        return all(left_of(line, after).is_nothing for line in self.lines)


def _key(line: InvoiceLine) -> GroupKey:
    return line.vat_category, line.vat_rate


def _share(line: InvoiceLine, part: Decimal, whole: Decimal) -> Decimal | None:
    """A part of what was agreed with VAT, if it was."""
    if line.agreed_gross is None:
        return None
    return round_cents(line.agreed_gross * part / whole) if whole else ZERO


def _days_of(line: InvoiceLine) -> int:
    return ServicePeriod(line.period_start, line.period_end).days


def _days_back(line: InvoiceLine, days: int, first: date | None, taken: Sequence[ServicePeriod]) -> ServicePeriod:
    """Which days are taken back. Raises NothingToCorrect, CorrectionTooLarge, DaysTakenBackAlready."""
    if days <= 0:
        raise NothingToCorrect()
    last = line.period_end
    for start, end in sorted(taken, reverse=True):
        if first is None and start <= last <= end:
            last = start - DAY
    if first is not None:
        last = first + DAY * (days - 1)
    found = ServicePeriod(last - DAY * (days - 1), last)
    if found.start < line.period_start or found.end > line.period_end:
        free = _days_of(line) - sum(one.days for one in taken)
        raise CorrectionTooLarge(position=line.position, available=Decimal(free))
    if any(start <= found.end and found.start <= end for start, end in taken):
        raise DaysTakenBackAlready(position=line.position, first=found.start, last=found.end)
    return found


def _days_left(line: InvoiceLine, taken: Sequence[ServicePeriod]) -> ServicePeriod:
    """From the first to the last day of a line that no correction took back; its own where none is left."""
    first, last = line.period_start, line.period_end
    for start, end in sorted(taken):
        first = end + DAY if start <= first <= end else first
    for start, end in sorted(taken, reverse=True):
        last = start - DAY if start <= last <= end else last
    return ServicePeriod(first, last) if first <= last else ServicePeriod(line.period_start, line.period_end)


def _refuse_beyond(line: InvoiceLine, left: Left, measure: Measure) -> None:
    """More than is left of a line, nothing, or what would add to it."""
    whole = Left(line.net_amount, line.agreed_gross).counted
    part = Left(measure.net_amount, measure.agreed_gross).counted
    if not part or (part > 0) != (whole > 0):
        raise NothingToCorrect()
    if abs(part) > abs(left.counted):
        raise CorrectionTooLarge(position=line.position, available=left.net)
