"""The ZIP stream against Python's own reader, and against promises about its length."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenkontor.documents import zipping
from kundenkontor.documents.errors import FileDamaged, RangeNotSatisfiable
from kundenkontor.documents.zipping import ZipEntry, ZipSummary, safe_name, stream_archive


def descriptor(content: bytes) -> int:
    number = os.memfd_create("entry")
    os.write(number, content)
    os.lseek(number, 0, os.SEEK_SET)
    return number


def entry(name: str, content: bytes) -> ZipEntry:
    return ZipEntry(name, len(content), zlib.crc32(content), date(2026, 11, 23), partial(descriptor, content))


def entries(*contents: bytes) -> list[ZipEntry]:
    return [entry(f"RE{number}.pdf", content) for number, content in enumerate(contents)]


def summarise(entries: list[ZipEntry]) -> ZipSummary:
    """What the database tells of an archive, of entries at hand."""
    return ZipSummary(len(entries), sum(entry.size for entry in entries), sum(len(entry.name) for entry in entries))


def archive(rows: list[ZipEntry]) -> bytes:
    return b"".join(stream_archive(rows, summarise(rows)))


@pytest.mark.feature("M34")
@given(st.lists(st.binary(max_size=2000), max_size=8))
def test_the_archive_holds_every_entry_and_has_the_promised_length(contents: list[bytes]) -> None:
    rows = entries(*contents)
    data = archive(rows)
    assert len(data) == summarise(rows).length
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        assert [opened.read(info) for info in opened.infolist()] == contents
        assert all(info.date_time[:3] == (2026, 11, 23) for info in opened.infolist())


@given(st.lists(st.binary(max_size=500), min_size=1, max_size=6), st.data())
def test_any_range_is_that_part_of_the_whole(contents: list[bytes], data: st.DataObject) -> None:
    rows = entries(*contents)
    whole, summary = archive(rows), summarise(rows)
    first = data.draw(st.integers(0, summary.length - 1))
    last = data.draw(st.integers(first, summary.length + 10))
    assert b"".join(stream_archive(rows, summary, first=first, last=last)) == whole[first : last + 1]


def test_a_range_behind_the_end_is_refused_before_the_first_byte() -> None:
    rows = entries(b"x")
    with pytest.raises(RangeNotSatisfiable):
        stream_archive(rows, summarise(rows), first=summarise(rows).length)


def test_large_archives_use_zip64_and_readers_open_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ZipSummary, "needs_zip64", property(lambda self: True))
    rows = entries(b"first", b"second" * 1000)
    data = archive(rows)
    assert len(data) == summarise(rows).length
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        assert opened.read("RE1.pdf") == b"second" * 1000


@pytest.mark.parametrize(
    ("count", "size", "expected"),
    [(20_000, 2**30, False), (65_535, 1, True), (1, 2**32, True), (1000, 2**32 - 50_000, True)],
)
def test_zip64_is_chosen_by_sums_alone(count: int, size: int, expected: bool) -> None:
    assert ZipSummary(count, size, 16 * count).needs_zip64 is expected


def test_pieces_are_large_and_no_entry_is_opened_before_its_turn() -> None:
    opened: list[int] = []

    def opening(number: int) -> ZipEntry:
        content = bytes(100_000)

        def open_() -> int:
            opened.append(number)
            return descriptor(content)

        return ZipEntry(f"{number}.pdf", len(content), zlib.crc32(content), date(2026, 1, 1), open_)

    rows = [opening(number) for number in range(20)]
    stream = stream_archive(rows, summarise(rows))
    assert len(next(stream)) >= zipping.PIECE
    assert len(opened) <= 4


def test_skipped_entries_are_not_read_when_a_download_resumes() -> None:
    def broken() -> int:
        raise AssertionError("read although skipped")

    rows = [ZipEntry("a.pdf", 1000, 0, date(2026, 1, 1), broken), entry("b.pdf", b"rest")]
    summary = summarise(rows)
    assert b"rest" in b"".join(stream_archive(rows, summary, first=1040))


def test_a_file_that_is_too_short_breaks_the_stream_instead_of_filling_it() -> None:
    rows = [ZipEntry("a.pdf", 10, 0, date(2026, 1, 1), partial(descriptor, b"short"))]
    with pytest.raises(FileDamaged):
        b"".join(stream_archive(rows, summarise(rows)))


@pytest.mark.security("path traversal in archives")
@pytest.mark.parametrize("text", ["../../etc/passwd", "/abs", "a\\b", ".hidden", "-rf", "ä\x00ö", "", "C:/x"])
def test_entry_names_never_leave_their_folder(text: str) -> None:
    name = safe_name(text)
    assert name.isascii()
    assert "/" not in name and "\\" not in name and not name.startswith((".", "-")) and name
