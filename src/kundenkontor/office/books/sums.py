"""The sums of a period as sections of a page and as a file: UVA with its corrections, ZM, OSS, and all documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kundenkontor.invoicing.books.queries import BookSums
from kundenkontor.invoicing.books.receipts import Amounts
from kundenkontor.invoicing.books.sums import Difference, ReturnSums, UnionSum, VatSum
from kundenkontor.office.desk.periods import period_name, quarter_name
from kundenkontor.taxes.boxes import box_of
from kundenkontor.taxes.words import VAT_CASES
from kundenkontor.web.lists.tables import Column


class SumRow(NamedTuple):
    """A sum and what it is for; rounding and payable amount only of all documents together."""

    what_for: str
    period: str
    vat_id: str
    case: str
    country: str
    rate: Decimal | None
    box: str
    base: Decimal
    tax: Decimal
    rounding_amount: Decimal | None = None
    amount_due: Decimal | None = None


class Section(NamedTuple):
    """A block of sums with its heading and what must be known of it."""

    title: str
    note: str
    rows: list[SumRow]


WHAT_FOR = Column(gettext_lazy("Sum for"), lambda row: row.what_for)
VAT_ID = Column(gettext_lazy("VAT id"), lambda row: row.vat_id)
SHOWN_SUMS = [
    Column(gettext_lazy("Return period"), lambda row: row.period),
    Column(gettext_lazy("Case"), lambda row: row.case),
    Column(gettext_lazy("Country"), lambda row: row.country),
    Column(gettext_lazy("Rate %"), lambda row: row.rate, "number"),
    Column(gettext_lazy("Box (hint)"), lambda row: row.box),
    Column(gettext_lazy("Net"), lambda row: row.base, "money"),
    Column(gettext_lazy("VAT"), lambda row: row.tax, "money"),
]
SUM_COLUMNS = [
    WHAT_FOR,
    SHOWN_SUMS[0],
    VAT_ID,
    *SHOWN_SUMS[1:],
    Column(gettext_lazy("Gross"), lambda row: row.base + row.tax, "money"),
    Column(gettext_lazy("Rounding"), lambda row: row.rounding_amount, "money"),
    Column(gettext_lazy("Payable"), lambda row: row.amount_due, "money"),
]


def sections(sums: ReturnSums, country: str) -> list[Section]:
    """Only those that hold something, but the VAT return always. ``country`` is the seller's."""
    vat = [_vat_row(row, country, _("VAT return (UVA)")) for row in sums.vat]
    title = _("VAT return (UVA) {period}").format(period=period_name(*sums.asked))
    found = [Section(title, "", vat), *_corrections(sums.corrections, country)]
    found += _union_sections(sums, country)
    return found[:1] + [section for section in found[1:] if section.rows]


def _corrections(rows: Iterable[VatSum], country: str) -> list[Section]:
    """A section per return that is corrected."""
    by_return: dict[str, list[SumRow]] = {}
    for row in rows:
        title = _("Correction of UVA {period}").format(period=period_name(row.month, row.until))
        by_return.setdefault(title, []).append(_vat_row(row, country, title))
    note = _("This return was declared already: it is to be corrected. These sums count in no other return.")
    return [Section(title, note, found) for title, found in by_return.items()]


def _union_sections(sums: ReturnSums, country: str) -> list[Section]:
    by_performance = _("By quarter of the service, whenever it was paid.")
    earlier = _("What changed or came too late for a quarter that is over; it is told apart in the later return.")
    needed = _("The rate of these countries holds, but the One-Stop-Shop was not used yet: register in the country.")
    zm, oss = _("Recapitulative statement (ZM)"), _("One-Stop-Shop (OSS)")
    registration = _("Registration in the country needed")
    return [
        Section(_("Recapitulative statement (ZM): reverse charge by VAT id"), by_performance,
                [_union_row(row, country, zm) for row in sums.zm if not _is_earlier(row)]),
        Section(_("ZM: corrections of earlier quarters"), earlier,
                [_union_row(row, country, zm) for row in sums.zm if _is_earlier(row)]),
        Section(_("One-Stop-Shop (OSS) by country and rate"), by_performance,
                [_union_row(row, country, oss) for row in sums.oss if not _is_earlier(row)]),
        Section(_("OSS: corrections of earlier quarters"), earlier,
                [_union_row(row, country, oss) for row in sums.oss if _is_earlier(row)]),
        Section(registration, needed, [_union_row(row, country, registration) for row in sums.unregistered]),
    ]  # fmt: skip


def _is_earlier(row: UnionSum) -> bool:
    return row.of_quarter < row.quarter


def _vat_row(row: VatSum, country: str, what_for: str) -> SumRow:
    case = str(VAT_CASES.get(row.category, row.category))
    box = box_of(country, row.category, row.rate, row.country)
    return SumRow(what_for, period_name(row.month, row.until), "", case, row.country, row.rate, box, row.base, row.tax)


def _union_row(row: UnionSum, country: str, what_for: str) -> SumRow:
    case, period = str(VAT_CASES.get(row.category, row.category)), quarter_name(row.quarter)
    if _is_earlier(row):
        what_for = _("{return_name}: correction of {quarter}").format(
            return_name=what_for, quarter=quarter_name(row.of_quarter)
        )
        period = _("{quarter} for {earlier}").format(quarter=period, earlier=quarter_name(row.of_quarter))
    box = box_of(country, row.category, row.rate, row.country)
    return SumRow(what_for, period, row.vat_id, case, row.country, row.rate, box, row.base, row.tax)


def sum_rows(sums: ReturnSums, book: BookSums, country: str) -> Iterator[SumRow]:
    """Section after section; all documents last."""
    for section in sections(sums, country):
        yield from section.rows
    yield SumRow(
        _("All documents"), "", "", "", "", None, "", book.taxable_amount, book.tax_amount, book.rounding_amount,
        book.amount_due,
    )  # fmt: skip


class DifferenceRow(NamedTuple):
    label: str
    amounts: Amounts


DIFFERENCE_COLUMNS = [
    Column(gettext_lazy("VAT of the own country"), lambda row: row.label),
    Column(gettext_lazy("Net"), lambda row: row.amounts.base, "money"),
    Column(gettext_lazy("VAT"), lambda row: row.amounts.tax, "money"),
]


def difference_rows(difference: Difference) -> list[DifferenceRow]:
    """From the dates of documents to the VAT return; without the steps that come to nothing."""

    def less(amounts: Amounts) -> Amounts:
        return Amounts(-amounts.base, -amounts.tax)

    steps = [
        DifferenceRow(_("less what counts in other months, or when it is paid"), less(difference.elsewhere)),
        DifferenceRow(_("less what corrects returns that were declared"), less(difference.corrected)),
        DifferenceRow(_("and of documents of other days what counts in this period"), difference.added),
        DifferenceRow(_("less what was written off, and what arrived of it after all"), difference.lost),
    ]
    return [
        DifferenceRow(_("Documents dated in this period"), difference.dated),
        *(step for step in steps if any(step.amounts)),
        DifferenceRow(_("In the VAT return"), difference.counted),
    ]
