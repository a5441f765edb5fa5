"""From a file's text to its rows with their physical lines: delimiter, quotes, line ends."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kundenkontor.imports.errors import (
    ColumnMissing,
    ColumnTwice,
    FileEmpty,
    LineTooLong,
    TooManyRows,
)
from kundenkontor.imports.reading.columns import Column, names_by_head, names_by_other_head
from kundenkontor.imports.reading.encodings import Encoding, decode
from kundenkontor.kernel.texts import fold

MAX_ROWS = 1_000_000
LONGEST_LINE = 200_000  # characters; a page or a dump in one line becomes millions of cells, and gigabytes
DELIMITERS = (";", "\t", ",")
_BREAKS = re.compile("\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class RawRow:
    """``cells`` follow the head; None where the quotes are wrong. ``line`` and ``last_line`` are physical lines."""

    line: int
    cells: list[str] | None
    last_line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A file whose head was understood. ``positions`` says where each known column is.

    ``width``: cells of the head, ``named`` of them up to its last one that is not blank. ``lines``: physical lines
    below the head that are not blank.
    """

    rows: list[RawRow]
    width: int
    named: int
    lines: int
    encoding: Encoding
    positions: dict[str, int]
    ignored: tuple[str, ...]
    head_line: int


def read_table(content: bytes, columns: tuple[Column, ...]) -> Table:
    """Read a file whose first line names the columns. Raises UnusableFile for what concerns the file as a whole."""
    text, encoding = decode(content)
    lines = list(io.StringIO(text, newline=""))
    _refuse_long(lines)
    delimiter, skip = find_delimiter(lines)
    rows = iterate_rows(lines, delimiter, skip)
    head = next(rows, None)
    if head is None or head.cells is None:
        raise FileEmpty()
    positions, ignored = understand_head(head.cells, columns)
    named = max(position for position, cell in enumerate(head.cells) if cell.strip()) + 1
    below = sum(1 for line in lines[head.last_line :] if line.strip())
    return Table(list(_limited(rows)), len(head.cells), named, below, encoding, positions, ignored, head.line)


def _refuse_long(lines: Sequence[str]) -> None:
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            raise LineTooLong(line=number, limit=LONGEST_LINE)


def find_delimiter(lines: Sequence[str]) -> tuple[str, int]:
    """The delimiter, and how many lines to skip before the head: spreadsheets may write "sep=;" first."""
    first = lines[0].strip("\r\n") if lines else ""
    if first.lower().startswith("sep=") and first[4:] in DELIMITERS:
        return first[4:], 1
    head = next((line for line in lines if line.strip()), "")
    return max(DELIMITERS, key=head.count), 0


def iterate_rows(lines: Sequence[str], delimiter: str, skip: int) -> Iterator[RawRow]:
    """Yield every row that is not blank.

    A row with wrong quotes is yielded without cells and costs itself only: reading goes on at the next physical line.
    """
    start, width = skip, 0
    while start < len(lines):
        rest = (lines[index] for index in range(start, len(lines)))
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        done = 0
        try:
            for cells in reader:
                width = width or len(cells)
                if reader.line_num - done > 1 and _swallows(cells, delimiter, width):
                    raise csv.Error("a quotation mark that was never meant to open a cell")
                if any(cell.strip() for cell in cells):
                    yield RawRow(start + done + 1, cells, start + reader.line_num)
                done = reader.line_num
            return
        except csv.Error:
            yield RawRow(start + done + 1, None, start + done + 1)
            start += done + 1


def _swallows(cells: Sequence[str], delimiter: str, width: int) -> bool:
    """Whether a cell that runs over lines holds rows: as many delimiters as they have, or the row is too short for it.

    So it is with ``"Zur Traube`` in one row and ``24"`` in a later one. An address over two lines has neither.
    """
    return len(cells) < width or any(
        breaks and cell.count(delimiter) >= breaks * (width - 1)
        for cell in cells
        if (breaks := len(_BREAKS.findall(cell))) and width > 1
    )


def _limited(rows: Iterator[RawRow]) -> Iterator[RawRow]:
    for count, row in enumerate(rows):
        if count >= MAX_ROWS:
            raise TooManyRows(limit=MAX_ROWS)
        yield row


def understand_head(cells: Sequence[str], columns: tuple[Column, ...]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Where each known column is, and the heads that nobody knows. One clear error for the first missing column."""
    folded = [fold(cell) for cell in cells]
    positions = _positions(cells, folded, names_by_head(columns))
    others = names_by_other_head(columns)
    for position, head in enumerate(folded):
        column = others.get(head)
        if column is not None and column.name not in positions:
            positions[column.name] = position
    for column in columns:
        if column.is_required and column.name not in positions:
            raise ColumnMissing(column=column.name, german=column.german)
    used = set(positions.values())
    ignored = [cell.strip()[:60] for position, cell in enumerate(cells) if position not in used and cell.strip()]
    return positions, tuple(ignored)


def _positions(cells: Sequence[str], folded: Sequence[str], known: dict[str, Column]) -> dict[str, int]:
    positions: dict[str, int] = {}
    for position, head in enumerate(folded):
        column = known.get(head)
        if column is None:
            continue
        if column.name in positions:
            first, second = cells[positions[column.name]], cells[position]
            raise ColumnTwice(column=column.name, first=first.strip()[:60], second=second.strip()[:60])
        positions[column.name] = position
    return positions
