"""Which letters documents can be written in: those that both faces of Source Sans have. PDF/A refuses all others."""

from __future__ import annotations

import re
import struct
from functools import lru_cache
from pathlib import Path

import font_source_sans_pro

_FACES = ("SourceSansPro-Regular.ttf", "SourceSansPro-Semibold.ttf")


def font_files() -> tuple[Path, ...]:
    directory = Path(font_source_sans_pro.__file__).parent / "files"
    return tuple(directory / name for name in _FACES)


@lru_cache(maxsize=1)
def drawable() -> frozenset[str]:
    """The characters that both faces have."""
    first, *others = (characters_in(path.read_bytes()) for path in font_files())
    return frozenset(map(chr, first.intersection(*others)))


@lru_cache(maxsize=1)
def _beyond() -> re.Pattern[str]:
    """One character that is no white space and not in both faces."""
    return re.compile(rf"[^\s{''.join(sorted(map(re.escape, drawable())))}]")


def undrawable(text: str) -> str:
    """The letters of a text that no document can show, each once, in their order; "" where all can be shown."""
    return "" if text.isascii() else "".join(dict.fromkeys(_beyond().findall(text)))


def characters_in(font: bytes) -> frozenset[int]:
    """The code points of a TrueType file's Unicode table (cmap format 12, OpenType 1.9)."""
    tables = struct.unpack_from(">H", font, 4)[0]
    records = (struct.unpack_from(">4sIII", font, 12 + 16 * index) for index in range(tables))
    cmap = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    for index in range(struct.unpack_from(">H", font, cmap + 2)[0]):
        subtable = cmap + struct.unpack_from(">HHI", font, cmap + 4 + 8 * index)[2]
        if struct.unpack_from(">H", font, subtable)[0] == 12:
            return _segments(font, subtable)
    raise ValueError("the font has no full Unicode table")


def _segments(font: bytes, subtable: int) -> frozenset[int]:
    count = struct.unpack_from(">I", font, subtable + 12)[0]
    groups = (struct.unpack_from(">III", font, subtable + 16 + 12 * index) for index in range(count))
    return frozenset(code for start, end, _ in groups for code in range(start, end + 1))
