"""Reading and verifying stored files."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import BinaryIO, NamedTuple

from kundenkontor.documents.errors import FileDamaged
from kundenkontor.documents.models import StoredFile
from kundenkontor.documents.storage import storage

PIECE = 256 * 1024
PAGE = 2000


class StoredBytes(NamedTuple):
    """What is needed of a StoredFile to open it: archives make thousands of these instead of model instances."""

    sha256: str
    size: int
    crc32: int


def open_file(file: StoredFile | StoredBytes) -> BinaryIO:
    """The bytes, unbuffered. Only the size is compared; whoever hands them out asked the hash before. Raises
    FileDamaged."""
    return _open(file)[0]


def _open(file: StoredFile | StoredBytes) -> tuple[BinaryIO, os.stat_result]:
    try:
        opened = storage().open(file.sha256)
    except FileNotFoundError as error:
        raise FileDamaged(sha256=file.sha256) from error
    found = os.fstat(opened.fileno())
    if found.st_size != file.size:
        opened.close()
        raise FileDamaged(sha256=file.sha256)
    return opened, found


def read_file(file: StoredFile) -> bytes:
    """All bytes, none of them unless their hash agrees. Raises FileDamaged."""
    with open_file(file) as opened:
        content = opened.read()
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise FileDamaged(sha256=file.sha256)
    return content


def has_crc(file: StoredBytes) -> bool:
    """Whether size and CRC-32 agree: what an archive promises, at half the price of the hash."""
    try:
        with open_file(file) as opened:
            return zlib.crc32(opened.read()) == file.crc32
    except FileDamaged:
        return False


def open_checked(file: StoredBytes, checked_at: datetime) -> BinaryIO:
    """The bytes of a file whose CRC-32 agreed at that time; whatever was touched since is asked again. Raises
    FileDamaged."""
    opened, found = _open(file)
    if found.st_ctime > checked_at.timestamp():
        if zlib.crc32(opened.read()) != file.crc32:
            opened.close()
            raise FileDamaged(sha256=file.sha256)
        opened.seek(0)
    return opened


def verify_file(file: StoredFile) -> bool:
    """Whether the stored bytes are still those that were written, and the row says of them what archives promise."""
    digest, crc32 = hashlib.sha256(), 0
    try:
        with open_file(file) as opened:
            while piece := opened.read(PIECE):
                digest.update(piece)
                crc32 = zlib.crc32(piece, crc32)
    except FileDamaged:
        return False
    return (digest.hexdigest(), crc32) == (file.sha256, file.crc32)


def verify_files(files: Iterable[StoredFile]) -> Iterator[StoredFile]:
    """Those of the files that are missing or damaged."""
    return (file for file in files if not verify_file(file))


def find_missing_files() -> Iterator[str]:
    """Where the bytes of a row should be and are not, or not all of them: paths in the data folder. Reads no bytes."""
    rows = StoredFile.objects.order_by("pk").values_list("sha256", "size", "crc32")
    for file in map(StoredBytes._make, rows.iterator(chunk_size=PAGE)):
        try:
            open_file(file).close()
        except FileDamaged:
            yield f"files/{file.sha256[:2]}/{file.sha256[2:4]}/{file.sha256}"
