"""Where the bytes are. A directory for now; anything that keeps this protocol may take its place."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from django.conf import settings

_SHA256 = re.compile("[0-9a-f]{64}")


class FileStorage(Protocol):
    """Bytes under their SHA-256 in hex. Written bytes survive a power cut once ``write`` returns."""

    def write(self, contents: Iterable[tuple[str, bytes]]) -> None: ...

    def open(self, sha256: str) -> int: ...


class DirectoryStorage:
    """``<root>/ab/cd/<sha256>``: temporary file, fsync, rename, fsync of the directories."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._prefix = f"{root}/"

    def path(self, sha256: str) -> Path:
        """Raise ValueError for anything but a hash: a path is never made of foreign text."""
        if _SHA256.fullmatch(sha256) is None:
            raise ValueError("not a SHA-256")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def write(self, contents: Iterable[tuple[str, bytes]]) -> None:
        """Write what is not there, or not as it was written; the directories are synced once for the whole batch."""
        changed: set[Path] = set()
        for sha256, content in contents:
            target = self.path(sha256)
            if target.exists() and target.read_bytes() == content:
                continue
            changed |= self._ensure_directory(target.parent)
            self._write_one(target, content)
            changed.add(target.parent)
        for directory in changed:
            _sync_directory(directory)

    def open(self, sha256: str) -> int:
        """A descriptor for reading, which the caller closes. Raises FileNotFoundError; ValueError for anything but a
        hash.

        A text, not a Path, and no file object: an archive opens thousands, and each of them costs more than opening.
        """
        if _SHA256.fullmatch(sha256) is None:
            raise ValueError("not a SHA-256")
        return os.open(f"{self._prefix}{sha256[:2]}/{sha256[2:4]}/{sha256}", os.O_RDONLY | os.O_CLOEXEC)

    def _ensure_directory(self, directory: Path) -> set[Path]:
        """Make it with its parents; return the directories that got a new entry."""
        missing = [place for place in (directory, *directory.parents) if not place.exists()]
        directory.mkdir(parents=True, exist_ok=True, mode=0o750)
        return {place.parent for place in missing}

    def _write_one(self, target: Path, content: bytes) -> None:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), 0o440)
                os.fsync(file.fileno())
            os.rename(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def storage() -> FileStorage:
    """The storage of this installation."""
    return _in_directory(settings.STORED_FILES_DIR)


@lru_cache(maxsize=10)
def _in_directory(root: Path | str) -> DirectoryStorage:
    return DirectoryStorage(Path(root))
