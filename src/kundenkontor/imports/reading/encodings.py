"""From a file's bytes to its text: which encoding it was saved in, as far as that can be told, and what looks wrong.

Exports of old programs come in Windows-1252, in code page 850 (DOS) or as UTF-8 that was encoded twice. All of them can
be read by the wrong table without an error; then letters stand inside words that cannot stand there.
"""

from __future__ import annotations

import codecs
import re
from itertools import islice
from typing import Literal

from kundenkontor.imports.errors import EncodingMixed, EncodingUnknown, FileIsWorkbook, FileTooLarge

Encoding = Literal["utf-8", "utf-8-twice", "utf-16", "cp1252", "cp850", "mac_roman"]

MAX_BYTES = 100 * 1024 * 1024
ARCHIVE_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")
OTHERS: tuple[Encoding, ...] = ("cp850", "mac_roman")
LOOKED_AT = 20_000  # words; a file tells its encoding long before

# begins only where a word does: looked for at each of its letters, a line of 400 kB without a blank takes an hour
_FOREIGN_WORD = re.compile(r'(?<![^\s;,"])[^\s;,"\x80-\U0010ffff]*+[^\x00-\x7f\s;,"][^\s;,"]*')
_TWICE = "[\u00c2\u00c3][^\\x00-\\x7f]|\u00e2[\u20ac\u201a\u201e\u2026\u0080-\u009f]"
_MAY_STAND = "\u2019\u2018\u2013\u2014\u00b7\u00b4\u2010\u2011\u0300-\u036f"  # apostrophes, dashes, dots, accents
_SIGN = f"[^\\w\\s\\x00-\\x7f{_MAY_STAND}]|[\u00b2\u00b3\u00b9\u00bc-\u00be]"
_LETTER = r"[^\W\d_]"
_SMALL, _CAPITAL = "[a-z\u00df-\u00f6\u00f8-\u00ff]", "[\u00c0-\u00d6\u00d8-\u00de\u0160\u017d\u0178\u0152]"
_ODD = re.compile(
    f"{_TWICE}|(?<={_LETTER})(?:{_SIGN})(?={_LETTER})|(?<={_SMALL}){_CAPITAL}(?={_SMALL})|[\\x80-\\x9f\ufffd]"
)
_USUAL = frozenset("äöüÄÖÜßéèêëáàâåæçíîïñóòôøúùûÉÈÀÇ")


def odd_letters(text: str) -> str:
    """The first letters of a text that cannot stand where they stand, "" where all can: ``JÃ¤ger``, ``J„ger``."""
    found = None if text.isascii() else _ODD.search(text)
    return found.group() if found else ""


def decode(content: bytes) -> tuple[str, Encoding]:
    """The text and how it was read: UTF-8 (once or twice) or UTF-16, else the table that makes sense of its words.

    A file that is UTF-8 for the most part is not read as Windows-1252 for a stray byte: every umlaut would be wrong.
    Raises FileTooLarge, FileIsWorkbook, EncodingMixed, EncodingUnknown.
    """
    if len(content) > MAX_BYTES:
        raise FileTooLarge(size=len(content) // 1024 // 1024 + 1, limit=MAX_BYTES // 1024 // 1024)
    if content.startswith(ARCHIVE_STARTS):
        raise FileIsWorkbook()
    text, encoding = _read_unicode(content) or _read_table(content)
    if "\x00" in text:
        raise EncodingUnknown()
    return text, encoding


def _read_unicode(content: bytes) -> tuple[str, Encoding] | None:
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        if is_utf16:
            raise EncodingUnknown() from error
        if _is_mostly_utf8(content):
            raise EncodingMixed(line=content.count(b"\n", 0, error.start) + 1) from error
        return None
    if is_utf16:
        return text, "utf-16"
    once = _decoded_again(text)
    return (text, "utf-8") if once is None else (once, "utf-8-twice")


def _decoded_again(text: str) -> str | None:
    """The text before it was encoded a second time, or None where it was not."""
    if text.isascii() or not re.search(_TWICE, text):
        return None
    try:
        return b"".join(map(_byte_of, text)).decode("utf-8")
    except UnicodeError:
        return None


def _byte_of(char: str) -> bytes:
    """As Windows-1252 writes it; the five bytes that it leaves undefined stand for themselves."""
    try:
        return char.encode("cp1252")
    except UnicodeEncodeError:
        return char.encode("latin-1")


def _is_mostly_utf8(content: bytes) -> bool:
    """Whether more letters beyond ASCII are valid UTF-8 than are not."""
    text = content.decode("utf-8", errors="replace")
    wrong = text.count("\ufffd")
    return len(text) - len(text.encode("ascii", errors="ignore")) - wrong > wrong


def _read_table(content: bytes) -> tuple[str, Encoding]:
    """Windows-1252, unless its words make no sense and those of another table do."""
    try:
        usual = content.decode("cp1252")
        if not _is_odd(usual):
            return usual, "cp1252"
    except UnicodeDecodeError:
        usual = ""
    for encoding in OTHERS:
        text = content.decode(encoding)
        if not _is_odd(text) and _is_usual(text):
            return text, encoding
    if not usual:
        raise EncodingUnknown()
    return usual, "cp1252"


def _is_odd(text: str) -> bool:
    """Whether one of the first words with letters beyond ASCII cannot be a word."""
    return any(odd_letters(match.group()) for match in islice(_FOREIGN_WORD.finditer(text), LOOKED_AT))


def _is_usual(text: str) -> bool:
    """Whether nine of ten letters beyond ASCII are those of our part of Europe."""
    foreign = [char for char in text if char > "\x7f"]
    return sum(char in _USUAL for char in foreign) * 10 >= len(foreign) * 9
