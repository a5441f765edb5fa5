"""The two faces of Source Sans that documents use, and what they can write.

Never the system's fonts: the same input must give the same bytes on every machine.
"""

from __future__ import annotations

import os
import re
import struct
import unicodedata
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import font_source_sans_pro
import typst

MISSING = "\u2610"  # an empty box, which both faces have
_FACES = ("SourceSansPro-Regular.ttf", "SourceSansPro-Semibold.ttf")
_LONG_WORD = re.compile(r"\S{28,}")
_ZERO_WIDTH_SPACE = "\u200b"


def font_files() -> tuple[Path, ...]:
    directory = Path(font_source_sans_pro.__file__).parent / "files"
    return tuple(directory / name for name in _FACES)


@lru_cache(maxsize=1)
def shared_fonts() -> typst.Fonts:
    """Exactly two files: the package also holds the OTF twins, and which one wins depends on the file system."""
    with TemporaryDirectory() as directory:
        for path in font_files():
            os.symlink(path, Path(directory) / path.name)
        return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[directory])


def printable(text: str) -> str:
    """The text in characters that both faces have; PDF/A refuses all others.

    What is missing becomes a visible empty box. Control, direction and joining
    characters vanish: they print nothing and can turn a line around.
    """
    composed = unicodedata.normalize("NFC", text)
    if composed.isascii() and composed.isprintable():
        return _breakable(composed)
    return _breakable("".join(map(_printable_character, composed)))


def _printable_character(character: str) -> str:
    if character in "\t\n\r\u2028\u2029":
        return "\n" if character == "\n" else " "
    if unicodedata.category(character) in ("Cc", "Cf", "Cs") or "\ufe00" <= character <= "\ufe0f":
        return ""
    return character if ord(character) in _characters() else MISSING


def _breakable(text: str) -> str:
    """Give words longer than a column places to break, or they would run into the next one."""
    return _LONG_WORD.sub(_break_word, text)


def _break_word(match: re.Match[str]) -> str:
    return re.sub(r"(.{22}|[-./@_](?=.))", rf"\1{_ZERO_WIDTH_SPACE}", match.group())


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    first, *others = (characters_in(path.read_bytes()) for path in font_files())
    return first.intersection(*others)


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
