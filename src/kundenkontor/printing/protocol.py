"""Length-prefixed parts over a pipe."""

from __future__ import annotations

import struct
from typing import IO

_HEAD = struct.Struct(">I")
ALL_FILES, ONLY_XML = b"files", b"xml"  # what is wished of a paper: sent before it


def send(stream: IO[bytes], *parts: bytes) -> None:
    """Raise BrokenPipeError when the other side is gone."""
    for part in parts:
        stream.write(_HEAD.pack(len(part)))
        stream.write(part)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """One part, or None when the other side is gone."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    size: int = _HEAD.unpack(head)[0]
    part = stream.read(size)
    return part if len(part) == size else None
