"""A frozen choice of files as an archive: how long it is, and its entries page by page."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from typing import BinaryIO

from django.db import connection

from kundenkontor.documents.commands import note_damage
from kundenkontor.documents.errors import FileDamaged
from kundenkontor.documents.models import DownloadSelection
from kundenkontor.documents.queries import StoredBytes, open_checked
from kundenkontor.documents.zipping import ZipEntry, ZipSummary

PAGE = 1000
PAGE_OF_FILES = """
SELECT stored.sha256, stored.size, stored.crc32
FROM unnest(%s::bigint[]) WITH ORDINALITY AS chosen (id, place)
JOIN documents_storedfile stored ON stored.id = chosen.id ORDER BY chosen.place
"""


def summary_of(selection: DownloadSelection) -> ZipSummary:
    """Count, bytes and length of names, as frozen; no file is looked at."""
    return ZipSummary(
        len(selection.texts) + selection.file_count,
        sum(map(len, selection.texts)) + selection.file_bytes,
        sum(map(len, selection.text_names)) + selection.file_name_length,
    )


def entries_of(
    selection: DownloadSelection, *, reading: Callable[[], AbstractContextManager[None]]
) -> Iterator[ZipEntry]:
    """The texts, then the files in pages of 1,000 rows, each read inside ``reading()``, a transaction of its own."""
    checked_at = selection.created_at
    for name, content in zip(selection.text_names, map(bytes, selection.texts), strict=True):
        yield ZipEntry(name, len(content), zlib.crc32(content), checked_at.date(), partial(_file_of, name, content))
    with reading():
        selection.refresh_from_db(fields=["file_ids", "file_names", "file_days"])  # not before the first bytes are out
    ids, names, days = selection.file_ids, selection.file_names, selection.file_days
    for start in range(0, len(ids), PAGE):
        part = slice(start, start + PAGE)
        with reading():
            page = _page(ids[part])
        for name, day, file in zip(names[part], days[part], page, strict=True):
            yield ZipEntry(name, file.size, file.crc32, day, partial(_open, file, checked_at))


def _file_of(name: str, content: bytes) -> BinaryIO:
    """In memory, but with a number of its own: the kernel sends it as it sends others."""
    file = os.fdopen(os.memfd_create(name), "w+b")
    file.write(content)
    file.seek(0)
    return file


def _open(file: StoredBytes, checked_at: datetime) -> BinaryIO:
    """What was damaged after it was chosen ends the archive: its length and its CRC are promised."""
    try:
        return open_checked(file, checked_at)
    except FileDamaged:
        note_damage([file.sha256])
        raise


def _page(ids: Sequence[int]) -> list[StoredBytes]:
    """In the order of the archive. One array: a placeholder per id costs more than the rows."""
    with connection.cursor() as cursor:
        cursor.execute(PAGE_OF_FILES, [list(ids)])
        return [StoredBytes._make(row) for row in cursor.fetchall()]
