"""From bytes to typed rows and named problems. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

from kundenkontor.imports.reading import values
from kundenkontor.imports.reading.columns import CONTRACT_COLUMNS, CUSTOMER_COLUMNS, Column
from kundenkontor.imports.reading.encodings import Encoding, odd_letters
from kundenkontor.imports.reading.problems import FileKind, RowProblem
from kundenkontor.imports.reading.rows import ContractRow, CustomerRow
from kundenkontor.imports.reading.tables import RawRow, Table, read_table
from kundenkontor.imports.reading.values import ValueProblem
from kundenkontor.kernel.money import ZERO, Style, is_ambiguous
from kundenkontor.kernel.texts import holds_controls, one_line

Row = TypeVar("Row", CustomerRow, ContractRow)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that stays out. ``customer_number`` is what it named, for looking further into it."""

    line: int
    number: str
    customer_number: str


@dataclass(slots=True)
class Reading(Generic[Row]):
    """What a file says. ``columns`` are those that are there; a missing one leaves known data alone.

    ``repeated`` are the lines of rows that say the same as an earlier one. ``lines``: physical lines below the head
    that are not blank; ``found``: rows in them.
    """

    rows: list[Row]
    columns: frozenset[str]
    problems: list[RowProblem] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    repeated: list[tuple[int, str]] = field(default_factory=list)
    lines: int = 0
    found: int = 0
    encoding: Encoding = "utf-8"


def read_customers(content: bytes) -> Reading[CustomerRow]:
    """Read a customers file. Raises UnusableFile."""
    table = read_table(content, CUSTOMER_COLUMNS)
    return _read(table, "customers", CUSTOMER_COLUMNS, None, _customer)


def read_contracts(content: bytes) -> Reading[ContractRow]:
    """Read a contracts file. Raises UnusableFile."""
    table = read_table(content, CONTRACT_COLUMNS)
    return _read(table, "contracts", CONTRACT_COLUMNS, decimal_style(table), _contract)


def decimal_style(table: Table) -> Style | None:
    """How the file writes decimals: as its first clear price does. None: none is clear ("1.234" may be 1234)."""
    position = table.positions["net_price"]
    for row in table.rows:
        text = row.cells[position].strip() if row.cells and len(row.cells) > position else ""
        point, comma = text.rfind("."), text.rfind(",")
        if point == comma or is_ambiguous(text):
            continue
        is_grouped = text.count("." if point > comma else ",") > 1  # 1.234.567
        return "en" if (point > comma) != is_grouped else "de"
    return None


def _read(
    table: Table,
    kind: FileKind,
    columns: tuple[Column, ...],
    style: Style | None,
    make: Callable[[_Cells], Row],
) -> Reading[Row]:
    result: Reading[Row] = Reading(
        [], frozenset(table.positions), lines=table.lines, found=len(table.rows), encoding=table.encoding
    )
    for head in table.ignored:
        problem = RowProblem(kind, table.head_line, "", "column_ignored", {"value": head}, is_warning=True)
        result.problems.append(problem)
    present = [(column, table.positions[column.name]) for column in columns if column.name in table.positions]
    seen: dict[str, tuple[int, dict[str, str]]] = {}
    for raw in table.rows:
        cells: _Cells = _Cells(kind, raw, present, table, style)
        row = None if cells.is_unreadable else make(cells)
        first = seen.setdefault(cells.number, (raw.line, cells.texts)) if cells.number else None
        if first is not None and first[0] != raw.line:
            if first[1] == cells.texts:
                result.repeated.append((raw.line, cells.number))
                continue
            cells.report(columns[0].name, "number_twice", value=cells.number, first=first[0])
        result.problems += [*cells.problems, *cells.warnings]
        if cells.problems or row is None:
            result.refused.append(RefusedRow(raw.line, cells.number, cells.texts.get("customer_number", "")))
        else:
            result.rows.append(row)
    return result


class _Cells:
    """One row while it is read: cleaned texts by column name, and the problems found so far."""

    __slots__ = ("is_unreadable", "kind", "line", "number", "problems", "style", "texts", "warnings")

    def __init__(
        self, kind: FileKind, raw: RawRow, present: Iterable[tuple[Column, int]], table: Table, style: Style | None
    ) -> None:
        self.kind = kind
        self.line = raw.line
        self.style = style
        self.problems: list[RowProblem] = []
        self.warnings: list[RowProblem] = []
        self.texts: dict[str, str] = {}
        self.number = ""
        cells = raw.cells
        self.is_unreadable = cells is None
        if cells is None:
            self.report("", "row_broken")
            return
        if len(cells) > table.width and any(cell.strip() for cell in cells[table.width :]):
            self.report("", "too_many_fields", found=len(cells), expected=table.width)
        if len(cells) < table.named:  # what is missing would empty what is known
            self.report("", "too_few_fields", found=len(cells), expected=table.named)
        if raw.last_line > raw.line:
            self.warn("", "runs_over_lines", first=raw.line, last=raw.last_line)
        for column, position in present:
            self.texts[column.name] = self._clean(column, cells[position]) if position < len(cells) else ""
        self.number = self.texts["customer_number" if kind == "customers" else "contract_number"]

    def _clean(self, column: Column, cell: str) -> str:
        """As every door cleans a line of text; controls in a file may mean that it was not read as it was written."""
        text = one_line(cell)
        if not (cell.isascii() and cell.isprintable()):  # most cells are, and there are millions
            self._warn_of_letters(column, cell, text)
        if len(text) > column.limit:
            self.report(column.name, "too_long", limit=column.limit)
            return text[: column.limit]
        if not text and column.is_required:
            self.report(column.name, "missing")
        return text

    def _warn_of_letters(self, column: Column, cell: str, text: str) -> None:
        if holds_controls(cell):
            self.warn(column.name, "control_character")
        if odd := odd_letters(text):
            self.warn(column.name, "letters_odd", value=values.shown(text), letters=odd)

    def report(self, column: str, code: str, **params: Any) -> None:
        self.problems.append(RowProblem(self.kind, self.line, column, code, params))

    def warn(self, column: str, code: str, **params: Any) -> None:
        self.warnings.append(RowProblem(self.kind, self.line, column, code, params, is_warning=True))

    def text(self, column: str) -> str:
        return self.texts.get(column, "")

    def value(self, column: str, parse: Callable[..., Value], *args: Any, default: Value) -> Value:
        """The parsed value, or the default after a problem was reported."""
        try:
            return parse(self.text(column), *args)
        except ValueProblem as problem:
            if not self._is_reported(column):
                self.report(column, problem.code, **problem.params)
            return default

    def _is_reported(self, column: str) -> bool:
        return any(problem.field == column for problem in self.problems)


def _customer(cells: _Cells) -> CustomerRow:
    if not cells.text("company") and not cells.text("last_name"):
        cells.report("company", "name_missing")
    country = cells.value("country", values.parse_country, default="")
    return CustomerRow(
        line=cells.line,
        number=cells.number,
        company=cells.text("company"),
        first_name=cells.text("first_name"),
        last_name=cells.text("last_name"),
        email=cells.value("email", values.parse_email, default=""),
        street=cells.text("street"),
        postal_code=cells.text("postal_code"),
        city=cells.text("city"),
        country=country,
        vat_id=cells.value("vat_id", values.parse_vat_id, country, default=""),
        language=cells.value("language", values.parse_language, default="de"),
        is_collective=cells.value("collective_invoice", values.parse_boolean, default=False),
        payment_terms_days=cells.value("payment_terms_days", values.parse_terms, default=None),
    )


def _contract(cells: _Cells) -> ContractRow:
    cells.value("currency", values.parse_currency, default="")
    start = cells.value("start_date", values.parse_date, default=date.min)
    end = cells.value("end_date", _optional_date, default=None)
    if end is not None and end < start:
        cells.report("end_date", "end_before_start")
    discount = cells.value("discount_percent", values.parse_discount, cells.style, default=ZERO)
    discount_until = cells.value("discount_until", _optional_date, default=None)
    says_none = not discount and "discount_percent" in cells.texts
    return ContractRow(
        line=cells.line,
        number=cells.number,
        customer_number=cells.text("customer_number"),
        product_code=cells.text("product_code"),
        product_name=cells.text("product_name"),
        description=cells.text("description"),
        identifier=cells.text("identifier"),
        net_price=cells.value("net_price", values.parse_price, cells.style, default=Decimal(0)),
        period_months=cells.value("period", values.parse_period, default=0),
        start_date=start,
        end_date=end,
        discount_percent=discount,
        discount_until=None if says_none else discount_until,
    )


def _optional_date(text: str) -> date | None:
    return values.parse_date(text) if text else None
