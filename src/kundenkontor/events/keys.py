"""The keys of the chain, in a file outside database and backup: whoever holds only those two cannot seal anew (I-D5).

A line per key: ``<id> <secret>``, both in hex, or ``<id> lost``. The id is the secret's fingerprint and stands in each
seal. The last key seals; rotation adds one below.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from kundenkontor.events.errors import SealKeyMissing

LOST = "lost"
SECRET_BYTES = 32


class SealKey(NamedTuple):
    """``secret`` is empty where somebody declared the key lost: its seals cannot be recomputed any more."""

    id: str
    secret: bytes


def key_file() -> Path:
    """``SEAL_KEYS``, or beside the other secrets of the data folder."""
    return Path(settings.SEAL_KEYS or Path(settings.VAR_DIR) / "secrets" / "seal_keys")


def read_keys(file: Path | None = None) -> list[SealKey]:
    """In the order in which they sealed; none where the file is not here. Raises SealKeyMissing for a damaged file."""
    file = file or key_file()
    if not file.exists():
        return []
    return [_read(line, file) for line in file.read_text("ascii", "replace").splitlines() if line.strip()]


def current_key(*, is_first: bool) -> SealKey:
    """The one that seals; the first one is made where nothing is sealed yet. Raises SealKeyMissing."""
    keys = read_keys()
    if not keys and is_first:
        return add_key()
    if not keys or not keys[-1].secret:
        raise SealKeyMissing(file=str(key_file()))
    return keys[-1]


def add_key(lost: Iterable[str] = ()) -> SealKey:
    """Begin a new key, on disk before it seals; ``lost`` are the ids of former ones that nobody has any more."""
    secret = secrets.token_bytes(SECRET_BYTES)
    key = SealKey(fingerprint(secret), secret)
    lines = [*(f"{id_} {LOST}" for id_ in lost), f"{key.id} {secret.hex()}"]
    key_file().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(key_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    return key


def fingerprint(secret: bytes) -> str:
    """What may be printed of a key, and tells it from any other."""
    return hashlib.sha256(secret).hexdigest()[:16]


def _read(line: str, file: Path) -> SealKey:
    id_, _, text = line.partition(" ")
    try:
        secret = b"" if text == LOST else bytes.fromhex(text)
    except ValueError:
        raise SealKeyMissing(file=str(file)) from None
    if text != LOST and fingerprint(secret) != id_:
        raise SealKeyMissing(file=str(file))
    return SealKey(id_, secret)
