"""Comparing rows with what is known: new, changed, unchanged or refused. Pure; a preview is a plan not written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar

from kundenkontor.contracts.periods import add_months
from kundenkontor.imports.errors import CutOverDateNeeded
from kundenkontor.imports.planning.known import Known, KnownContract, KnownCustomer
from kundenkontor.imports.planning.products import NewProduct, new_product
from kundenkontor.imports.reading.encodings import Encoding
from kundenkontor.imports.reading.problems import FileKind, RowProblem
from kundenkontor.imports.reading.reading import Reading
from kundenkontor.imports.reading.rows import ContractRow, CustomerRow
from kundenkontor.kernel.money import ZERO
from kundenkontor.kernel.vat_ids import normal_vat_id

Outcome = Literal["new", "changed", "unchanged", "refused"]
FILE_KINDS: tuple[FileKind, ...] = ("customers", "contracts")
OUTCOMES: tuple[Outcome, ...] = ("new", "changed", "unchanged", "refused")
Row = TypeVar("Row", CustomerRow, ContractRow)
KnownRow = TypeVar("KnownRow", KnownCustomer, KnownContract)

# column -> attribute of both the row and what is known
CUSTOMER_FIELDS = {
    "company": "company",
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email",
    "street": "street",
    "postal_code": "postal_code",
    "city": "city",
    "country": "country",
    "vat_id": "vat_id",
    "language": "language",
    "collective_invoice": "is_collective",
    "payment_terms_days": "payment_terms_days",
}
CONTRACT_FIELDS = {
    "customer_number": "customer_number",
    "product_code": "product_code",
    "description": "description",
    "identifier": "identifier",
    "period": "period_months",
    "start_date": "start_date",
    "end_date": "end_date",
    "discount_percent": "discount_percent",
    "discount_until": "discount_until",
}
FIXED_WHEN_BILLED = {
    "customer_number": "billed_customer",
    "product_code": "billed_product",
    "period": "billed_period",
    "start_date": "billed_start",
}


@dataclass(frozen=True, slots=True)
class Change:
    """``field`` is the column's English name; ``before`` and ``after`` are the typed values."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Planned(Generic[Row, KnownRow]):
    """A row that comes in. ``known`` is None for a new one; no changes and known: unchanged."""

    row: Row
    known: KnownRow | None
    changes: tuple[Change, ...] = ()

    @property
    def outcome(self) -> Outcome:
        if self.known is None:
            return "new"
        return "changed" if self.changes else "unchanged"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What happens to one row, for the line-by-line report.

    Of a hundred thousand rows a page shows fifty: what a row says is put together when it is asked for.
    """

    file: FileKind
    line: int
    number: str
    outcome: Outcome
    planned: Planned[Any, Any] | None = None  # of a row that comes in

    @property
    def changes(self) -> tuple[Change, ...]:
        return self.planned.changes if self.planned else ()

    @property
    def name(self) -> str:
        if self.planned is None:
            return ""
        row = self.planned.row
        return str(row.name if self.file == "customers" else row.title)

    @property
    def values(self) -> tuple[tuple[str, Any], ...]:
        """Of a new row: column and typed value, those that say something."""
        if self.planned is None or self.planned.known is not None:
            return ()
        fields = CUSTOMER_FIELDS if self.file == "customers" else CONTRACT_FIELDS | {"net_price": "net_price"}
        said = ((column, getattr(self.planned.row, attribute)) for column, attribute in fields.items())
        return tuple((column, value) for column, value in said if value not in ("", None, False))


@dataclass(frozen=True, slots=True)
class FileFacts:
    """How a file was read: physical lines below its head that are not blank, and the rows found in them."""

    lines: int
    rows: int
    encoding: Encoding


@dataclass(slots=True)
class ImportPlan:
    """What an import would do. ``problems`` are ordered by file and line and hold errors and warnings."""

    customers: list[Planned[CustomerRow, KnownCustomer]] = field(default_factory=list)
    contracts: list[Planned[ContractRow, KnownContract]] = field(default_factory=list)
    products: list[NewProduct] = field(default_factory=list)
    product_ids: dict[str, int] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    refused: list[RowOutcome] = field(default_factory=list)
    repeated: list[RowOutcome] = field(default_factory=list)
    files: dict[FileKind, FileFacts] = field(default_factory=dict)
    customer_columns: frozenset[str] = frozenset()
    contract_columns: frozenset[str] = frozenset()
    cut_over_lines: list[int] = field(default_factory=list)
    on: date = date.min

    @property
    def errors(self) -> list[RowProblem]:
        return [problem for problem in self.problems if not problem.is_warning]

    @property
    def warnings(self) -> list[RowProblem]:
        return [problem for problem in self.problems if problem.is_warning]

    @property
    def needs_cut_over_date(self) -> bool:
        """Whether a new start lies more than one period back, so that past periods would be billed (again)."""
        return bool(self.cut_over_lines)

    def counts(self) -> dict[FileKind, dict[Outcome, int]]:
        """Rows per file and outcome; every outcome is there."""
        found = Counter((row.file, row.outcome) for row in (*self.refused, *self.repeated))
        found.update(("customers", planned.outcome) for planned in self.customers)
        found.update(("contracts", planned.outcome) for planned in self.contracts)
        return {kind: {name: found[kind, name] for name in OUTCOMES} for kind in FILE_KINDS}

    def outcomes(self) -> list[RowOutcome]:
        """Every row of both files in their order."""
        rows: list[RowOutcome] = [*self.refused, *self.repeated]
        rows += [_outcome("customers", planned) for planned in self.customers]
        rows += [_outcome("contracts", planned) for planned in self.contracts]
        return sorted(rows, key=lambda row: (row.file == "contracts", row.line))

    def refuse_without_cut_over_date(self, cut_over_date: date | None) -> None:
        """Raise CutOverDateNeeded where past periods would be billed."""
        if self.cut_over_lines and cut_over_date is None:
            raise CutOverDateNeeded(count=len(self.cut_over_lines), line=self.cut_over_lines[0])

    def cut_over_date_or_default(self, given: date | None) -> date | None:
        """What was given. Else the first of next month where a date is needed, none where nothing was billed yet."""
        return suggested_cut_over_date(self.on) if given is None and self.needs_cut_over_date else given

    def left_to_others(self, cut_over_date: date | None) -> tuple[int, Decimal]:
        """How many running contracts come in that begin before the cut-over date, and the net sum of one period of
        each: it is not billed here."""
        if cut_over_date is None:
            return 0, ZERO
        rows = [planned.row for planned in self.contracts if planned.known is None]
        rows = [row for row in rows if row.start_date < cut_over_date and (row.end_date or self.on) >= self.on]
        return len(rows), sum((row.net_price for row in rows), ZERO)


def _outcome(kind: FileKind, planned: Planned[Any, Any]) -> RowOutcome:
    return RowOutcome(kind, planned.row.line, planned.row.number, planned.outcome, planned)


def suggested_cut_over_date(on: date) -> date:
    """The first of next month: whatever begins until then was still billed by the old system."""
    return add_months(on.replace(day=1), 1)


def plan_import(
    customers: Reading[CustomerRow] | None, contracts: Reading[ContractRow] | None, known: Known, *, on: date
) -> ImportPlan:
    """Decide what happens to every row. ``on`` is the business date, from which past periods are counted."""
    plan = ImportPlan(on=on)
    if customers is not None:
        _take_reading(plan, "customers", customers)
        plan.customer_columns = customers.columns
        plan.customers = [_plan_customer(row, customers.columns, known) for row in customers.rows]
        plan.problems += shared_vat_ids(plan.customers, known)
    if contracts is not None:
        _take_reading(plan, "contracts", contracts)
        plan.contract_columns = contracts.columns
        refused = {row.number: row.line for row in (customers.refused if customers else [])}
        _plan_contracts(plan, contracts, known, refused, on)
    plan.product_ids = dict(known.product_ids)
    plan.problems.sort(key=lambda problem: (problem.file == "contracts", problem.line))
    return plan


def _take_reading(plan: ImportPlan, kind: FileKind, reading: Reading[Any]) -> None:
    plan.problems += reading.problems
    plan.files[kind] = FileFacts(reading.lines, reading.found, reading.encoding)
    plan.refused += [RowOutcome(kind, row.line, row.number, "refused") for row in reading.refused]
    plan.repeated += [RowOutcome(kind, line, number, "unchanged") for line, number in reading.repeated]


def _plan_customer(row: CustomerRow, columns: frozenset[str], known: Known) -> Planned[CustomerRow, KnownCustomer]:
    before = known.customers.get(row.number)
    if before is None:
        return Planned(row, None)
    changes = [*_changes(row, before, CUSTOMER_FIELDS, columns)]
    changed = {change.field for change in changes}
    if row.email and "email" not in changed and before.contact_email != row.email:
        changes.append(Change("email", before.contact_email, row.email))
    return Planned(row, before, tuple(changes))


def _changes(row: Any, before: Any, fields: dict[str, str], columns: frozenset[str]) -> Iterator[Change]:
    for column, attribute in fields.items():
        if column not in columns:
            continue
        old, new = getattr(before, attribute), getattr(row, attribute)
        if (normal_vat_id(old) if column == "vat_id" else old) != new:
            yield Change(column, old, new)


def shared_vat_ids(customers: Iterable[Planned[CustomerRow, KnownCustomer]], known: Known) -> Iterator[RowProblem]:
    """One warning per VAT id that several customers use, at the first row that has it."""
    first: dict[str, int] = {}
    numbers: dict[str, dict[str, None]] = {}
    rows = [planned.row for planned in customers]
    in_file = {row.number for row in rows}
    for row in rows:
        if row.vat_id:
            first.setdefault(row.vat_id, row.line)
            numbers.setdefault(row.vat_id, {})[row.number] = None
    for vat_id, line in first.items():
        others = [number for number in known.numbers_by_vat_id.get(vat_id, ()) if number not in in_file]
        sharing = [*numbers[vat_id], *others]
        if len(sharing) > 1:
            shown = ", ".join(sharing[:5]) + (" …" if len(sharing) > 5 else "")
            params = {"value": vat_id, "count": len(sharing), "numbers": shown}
            yield RowProblem("customers", line, "vat_id", "vat_id_shared", params, is_warning=True)


def _plan_contracts(
    plan: ImportPlan, contracts: Reading[ContractRow], known: Known, refused: dict[str, int], on: date
) -> None:
    present = known.customers.keys() | {planned.row.number for planned in plan.customers}
    for bad in contracts.refused:
        if bad.customer_number and bad.customer_number not in present:
            plan.problems.append(_customer_problem(bad.line, bad.customer_number, refused))
    products: dict[str, NewProduct] = {}
    for row in contracts.rows:
        planned = _plan_contract(row, contracts.columns, known)
        problems = list(_refusals(planned, present, refused))
        if problems:
            plan.problems += problems
            plan.refused.append(RowOutcome("contracts", row.line, row.number, "refused"))
            continue
        plan.contracts.append(planned)
        plan.problems += [*_end_warning(planned), *_planned_price_warning(planned), *_gross_price_warning(planned)]
        if row.product_code not in known.product_ids and row.product_code not in products:
            products[row.product_code] = new_product(row.product_code, row.product_name)
        if _reaches_back(planned, on):
            plan.cut_over_lines.append(row.line)
    plan.products = list(products.values())


def _plan_contract(row: ContractRow, columns: frozenset[str], known: Known) -> Planned[ContractRow, KnownContract]:
    before = known.contracts.get(row.number)
    if before is None:
        return Planned(row, None)
    changes = [*_changes(row, before, CONTRACT_FIELDS, columns)]
    price = before.price
    if price is None or (price.amount != row.net_price and not price.is_gross):
        changes.append(Change("net_price", price.amount if price else None, row.net_price))
    return Planned(row, before, tuple(changes))


def _refusals(
    planned: Planned[ContractRow, KnownContract], present: set[str], refused: dict[str, int]
) -> Iterator[RowProblem]:
    row, known = planned.row, planned.known
    if row.customer_number not in present:
        yield _customer_problem(row.line, row.customer_number, refused)
    if known is None:
        return
    for change in planned.changes:
        code = FIXED_WHEN_BILLED.get(change.field) if known.is_billed else None
        if code is None and change.field == "customer_number" and known.is_named_elsewhere:
            code = "linked_customer"
        if code is not None:
            yield RowProblem("contracts", row.line, change.field, code, {"value": _shown(change.after)})


def _shown(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _customer_problem(line: int, number: str, refused: dict[str, int]) -> RowProblem:
    if number in refused:
        params = {"value": number, "first": refused[number]}
        return RowProblem("contracts", line, "customer_number", "customer_refused", params)
    return RowProblem("contracts", line, "customer_number", "customer_unknown", {"value": number})


def _end_warning(planned: Planned[ContractRow, KnownContract]) -> Iterator[RowProblem]:
    """A service that ends before what was billed: staff has to credit the rest by hand."""
    end, known = planned.row.end_date, planned.known
    is_changed = any(change.field == "end_date" for change in planned.changes)
    if is_changed and end is not None and known is not None and known.billed_until and end < known.billed_until:
        params = {"value": end.isoformat(), "until": known.billed_until.isoformat()}
        yield RowProblem("contracts", planned.row.line, "end_date", "end_already_billed", params, is_warning=True)


def _planned_price_warning(planned: Planned[ContractRow, KnownContract]) -> Iterator[RowProblem]:
    """The file says what holds now. What staff planned for a later day stays; no import plans that far ahead."""
    later = planned.known.planned_price(planned.row.start_date) if planned.known else None
    changed = {change.field for change in planned.changes}
    if later is not None and "net_price" in changed and "customer_number" not in changed:
        params = {"value": f"{later.amount.normalize():f}", "day": later.valid_from.isoformat()}
        yield RowProblem("contracts", planned.row.line, "net_price", "price_planned", params, is_warning=True)


def _gross_price_warning(planned: Planned[ContractRow, KnownContract]) -> Iterator[RowProblem]:
    """What was agreed gross stays gross: net, the customer would pay the tax on top."""
    price = planned.known.gross_price if planned.known else None
    if price is not None and price.amount != planned.row.net_price:
        params = {"value": f"{price.amount.normalize():f}"}
        yield RowProblem("contracts", planned.row.line, "net_price", "price_gross", params, is_warning=True)


def _reaches_back(planned: Planned[ContractRow, KnownContract], on: date) -> bool:
    row, known = planned.row, planned.known
    if known is not None and (known.is_billed or known.start_date == row.start_date):
        return False
    return add_months(row.start_date, row.period_months) < on
