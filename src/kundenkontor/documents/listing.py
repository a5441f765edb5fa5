"""The files of an archive as one text: a choice is frozen in it, and read again without asking for each file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from kundenkontor.documents.queries import StoredBytes


class ChosenFile(NamedTuple):
    """A stored file and what it is called in the archive; ``name`` is plain ASCII without blanks."""

    name: str
    day: date
    stored: StoredBytes


def write_listing(files: Iterable[ChosenFile]) -> str:
    """A line per file: SHA-256, size, CRC-32, day, name."""
    return "\n".join(
        f"{file.stored.sha256} {file.stored.size} {file.stored.crc32} {file.day} {file.name}" for file in files
    )


def read_listing(text: str) -> Iterator[ChosenFile]:
    for line in text.splitlines():
        sha256, size, crc32, day, name = line.split(" ")
        yield ChosenFile(name, _day(day), StoredBytes(sha256, int(size), int(crc32)))


_day = lru_cache(maxsize=1000)(date.fromisoformat)
