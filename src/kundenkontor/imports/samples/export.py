"""Typed rows as the two CSV files of the import, in English or as German office programs write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from kundenkontor.imports.reading.columns import CONTRACT_COLUMNS, CUSTOMER_COLUMNS, Column
from kundenkontor.imports.reading.rows import ContractRow, CustomerRow
from kundenkontor.imports.reading.values import PERIOD_NAMES


@dataclass(frozen=True, slots=True)
class FileStyle:
    """How values and heads are written. ``encoding`` may lose letters it does not have ("č" in CP1252)."""

    is_german: bool
    delimiter: str
    encoding: str


ENGLISH = FileStyle(False, ",", "utf-8")
GERMAN = FileStyle(True, ";", "cp1252")


def customers_csv(rows: Iterable[CustomerRow], style: FileStyle = ENGLISH) -> bytes:
    """The customers file with its head."""
    return _file(CUSTOMER_COLUMNS, (_customer_cells(row) for row in rows), style)


def contracts_csv(rows: Iterable[ContractRow], style: FileStyle = ENGLISH) -> bytes:
    """The contracts file with its head."""
    return _file(CONTRACT_COLUMNS, (_contract_cells(row, style) for row in rows), style)


def _file(columns: Sequence[Column], rows: Iterable[Sequence[Any]], style: FileStyle) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=style.delimiter, lineterminator="\r\n")
    writer.writerow([column.german if style.is_german else column.name for column in columns])
    for row in rows:
        writer.writerow([_cell(value, style) for value in row])
    return text.getvalue().encode(style.encoding, errors="replace")


def _cell(value: Any, style: FileStyle) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return {(True, True): "ja", (True, False): "nein", (False, True): "yes", (False, False): "no"}[
            style.is_german, value
        ]
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",") if style.is_german else f"{value:f}"
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y") if style.is_german else value.isoformat()
    return str(value)


def _customer_cells(row: CustomerRow) -> tuple[Any, ...]:
    return (
        row.number,
        row.company,
        row.first_name,
        row.last_name,
        row.email,
        row.street,
        row.postal_code,
        row.city,
        row.country,
        row.vat_id,
        row.language,
        row.is_collective,
        row.payment_terms_days,
    )


def _contract_cells(row: ContractRow, style: FileStyle) -> tuple[Any, ...]:
    return (
        row.number,
        row.customer_number,
        row.product_code,
        row.product_name,
        row.description,
        row.identifier,
        row.net_price,
        "EUR",
        PERIOD_NAMES[row.period_months][1 if style.is_german else 0],
        row.start_date,
        row.end_date,
        row.discount_percent or None,
        row.discount_until,
    )
