"""Reading and verifying stored files."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from io import FileIO
from typing import BinaryIO, NamedTuple, cast

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
    return cast(BinaryIO, FileIO(_open(file)[0]))


def _open(file: StoredFile | StoredBytes) -> tuple[int, os.stat_result]:
    try:
        number = storage().open(file.sha256)
    except FileNotFoundError as error:
        raise FileDamaged(sha256=file.sha256) from error
    found = os.fstat(number)
    if found.st_size != file.size:
        os.close(number)
        raise FileDamaged(sha256=file.sha256)
    return number, found


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


def open_checked(file: StoredBytes, checked_at: float) -> int:
    """A descriptor of a file whose CRC-32 agreed at that time, in seconds since 1970; whatever was touched since is
    asked again. Raises FileDamaged."""
    number, found = _open(file)
    if found.st_ctime > checked_at and not _agrees(number, file.crc32):
        os.close(number)
        raise FileDamaged(sha256=file.sha256)
    return number


def _agrees(number: int, crc32: int) -> bool:
    with FileIO(number, closefd=False) as file:
        found = zlib.crc32(file.read())
        file.seek(0)
    return found == crc32


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
