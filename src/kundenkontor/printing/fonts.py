"""The two faces of Source Sans that documents use, and their texts in what they can write.

Never the system's fonts: the same input must give the same bytes on every machine.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from kundenkontor.kernel.texts import plain
from kundenkontor.printing.letters import drawable, font_files

MISSING = "\u2610"  # an empty box, which both faces have
_LONG_WORD = re.compile(r"\S{28,}")
_ZERO_WIDTH_SPACE = "\u200b"


@lru_cache(maxsize=1)
def shared_fonts() -> typst.Fonts:
    """Exactly two files: the package also holds the OTF twins, and which one wins depends on the file system."""
    with TemporaryDirectory() as directory:
        for path in font_files():
            os.symlink(path, Path(directory) / path.name)
        return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[directory])


def printable(text: str) -> str:
    """The text in characters that both faces have; PDF/A refuses all others.

    Texts come in clean (``kernel/texts.py``), and what no face has is refused before a number is drawn; in a document
    that is older than that, what is missing becomes a visible empty box.
    """
    composed = plain(text)
    if composed.isascii():
        return _breakable(composed)
    return _breakable("".join(char if char == "\n" or char in drawable() else MISSING for char in composed))


def _breakable(text: str) -> str:
    """Give words longer than a column places to break, or they would run into the next one."""
    return _LONG_WORD.sub(_break_word, text)


def _break_word(match: re.Match[str]) -> str:
    return re.sub(r"(.{22}|[-./@_](?=.))", rf"\1{_ZERO_WIDTH_SPACE}", match.group())
