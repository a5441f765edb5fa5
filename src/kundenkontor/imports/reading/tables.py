"""From a file's bytes to its rows with their physical lines: encoding, delimiter, quotes, line ends."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kundenkontor.imports.errors import (
    ColumnMissing,
    ColumnTwice,
    EncodingMixed,
    EncodingUnknown,
    FileEmpty,
    FileIsWorkbook,
    FileTooLarge,
    TooManyRows,
)
from kundenkontor.imports.reading.columns import Column, fold, names_by_head, names_by_other_head

MAX_BYTES = 100 * 1024 * 1024
MAX_ROWS = 1_000_000
DELIMITERS = (";", "\t", ",")
ARCHIVE_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")


@dataclass(frozen=True, slots=True)
class RawRow:
    """``cells`` follow the head; None where the quotes are wrong. ``line`` is the row's first physical line."""

    line: int
    cells: list[str] | None


@dataclass(frozen=True, slots=True)
class Table:
    """A file whose head was understood. ``positions`` says where each known column is."""

    rows: list[RawRow]
    width: int
    positions: dict[str, int]
    ignored: tuple[str, ...]
    head_line: int


def read_table(content: bytes, columns: tuple[Column, ...]) -> Table:
    """Read a file whose first line names the columns. Raises UnusableFile for what concerns the file as a whole."""
    lines = list(io.StringIO(decode(content), newline=""))
    delimiter, skip = find_delimiter(lines)
    rows = iterate_rows(lines, delimiter, skip)
    head = next(rows, None)
    if head is None or head.cells is None:
        raise FileEmpty()
    positions, ignored = understand_head(head.cells, columns)
    return Table(list(_limited(rows)), len(head.cells), positions, ignored, head.line)


def decode(content: bytes) -> str:
    """UTF-8 with or without BOM, UTF-16 with BOM, else Windows-1252, which German exports still use.

    A file that is UTF-8 for the most part is not read as Windows-1252 for a stray byte: every umlaut would be wrong.
    """
    if len(content) > MAX_BYTES:
        raise FileTooLarge(size=len(content) // 1024 // 1024 + 1, limit=MAX_BYTES // 1024 // 1024)
    if content.startswith(ARCHIVE_STARTS):
        raise FileIsWorkbook()
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            if encoding.startswith("utf-8") and _is_mostly_utf8(content):
                raise EncodingMixed(line=content.count(b"\n", 0, error.start) + 1) from error
            continue
        if "\x00" in text:
            break
        return text
    raise EncodingUnknown()


def _is_mostly_utf8(content: bytes) -> bool:
    """Whether more letters beyond ASCII are valid UTF-8 than are not."""
    text = content.decode("utf-8", errors="replace")
    wrong = text.count("\ufffd")
    return len(text) - len(text.encode("ascii", errors="ignore")) - wrong > wrong


def _encodings(content: bytes) -> tuple[str, ...]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if content.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    return ("utf-8", "cp1252")


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
    start = skip
    while start < len(lines):
        rest = (lines[index] for index in range(start, len(lines)))
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        done = 0
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield RawRow(start + done + 1, cells)
                done = reader.line_num
            return
        except csv.Error:
            yield RawRow(start + done + 1, None)
            start += done + 1


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
