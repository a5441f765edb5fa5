"""CSV files people open in a spreadsheet: streamed, and never run as formulas."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.http import StreamingHttpResponse

from kundenkontor.kernel.formats import is_german, plain_day, plain_number

FORMULA_STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)
# behind the end of a cell, as any delimiter makes one: a start of a formula, but not a number alone
INNER_START = re.compile(
    r"""([;,\t\r\n][ \u00a0\ufeff"]*)(?=[=@\uff1d\uff20\uff0b\uff0d]|[+-](?!\d*(?:[.,]\d+)*\s*(?:[;,\t\r\n]|$)))"""
)
Cell = str | int | Decimal | date | datetime | None


class _Echo:
    """A file that returns what is written to it, so that csv can stream."""

    def write(self, value: str) -> str:
        return value


def safe_text(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula (OWASP: CSV injection).

    Inside the text too, behind whatever ends a cell somewhere: a spreadsheet that is set to the other delimiter
    than ours begins a cell there, and does not know our quotes.
    """
    text = INNER_START.sub(r"\1'", text)
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(FORMULA_STARTS) else text


def format_cell(value: Cell, language: str) -> str:
    """Write one cell: German decimal comma and day.month.year, English point and ISO date. Numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain_number(value, language)
    if isinstance(value, datetime):
        return f"{plain_day(value.date(), language)} {value:%H:%M:%S}"
    if isinstance(value, date):
        return plain_day(value, language)
    if isinstance(value, int):
        return str(value)
    return safe_text(value)


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[Cell]], language: str) -> Iterator[str]:
    """Yield the lines of a CSV file: BOM, then ``;`` between cells in German, ``,`` in English, CRLF ends."""
    writer = csv.writer(_Echo(), delimiter=";" if is_german(language) else ",", lineterminator="\r\n")
    yield "\ufeff" + str(writer.writerow([safe_text(cell) for cell in head]))
    for row in rows:
        yield str(writer.writerow([format_cell(cell, language) for cell in row]))


def csv_response(
    file_name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]], language: str
) -> StreamingHttpResponse:
    """Stream a CSV download. Under row-level security ``rows`` opens its own transaction per page."""
    response = StreamingHttpResponse(csv_lines(head, rows, language), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response
