"""A frozen choice of files as an archive: how long it is, and its entries."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

from kundenkontor.documents.commands import note_damage
from kundenkontor.documents.errors import FileDamaged
from kundenkontor.documents.listing import read_listing
from kundenkontor.documents.models import DownloadSelection
from kundenkontor.documents.queries import StoredBytes, open_checked
from kundenkontor.documents.zipping import ZipEntry, ZipSummary


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
    """The texts, then the files; the list of them is read inside ``reading()``, not before the first bytes are out."""
    chosen_on, checked_at = selection.created_at.date(), selection.created_at.timestamp()
    for name, content in zip(selection.text_names, map(bytes, selection.texts), strict=True):
        yield ZipEntry(name, len(content), zlib.crc32(content), chosen_on, partial(_file_of, name, content))
    with reading():
        selection.refresh_from_db(fields=["listing"])
    for name, day, file in read_listing(selection.listing):
        yield ZipEntry(name, file.size, file.crc32, day, partial(_open, file, checked_at))


def _file_of(name: str, content: bytes) -> int:
    """In memory, but with a descriptor of its own: the kernel sends it as it sends others."""
    number = os.memfd_create(name)
    with os.fdopen(number, "wb", closefd=False) as file:
        file.write(content)
        file.seek(0)
    return number


def _open(file: StoredBytes, checked_at: float) -> int:
    """What was damaged after it was chosen ends the archive: its length and its CRC are promised."""
    try:
        return open_checked(file, checked_at)
    except FileDamaged:
        note_damage([file.sha256])
        raise
