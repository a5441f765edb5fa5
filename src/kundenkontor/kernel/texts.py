"""One cleaning of text for every door through which somebody's words come in. Pure.

Paper, XML and database say the same because nothing is stored that one of them cannot hold. A control character, a
blank of another width or a mark that turns the direction of a line becomes a blank; what has no width and prints
nothing (soft hyphens, joiners, byte order marks) goes, so that a name is found as it is read; letters are composed
(NFC).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BLANKS = frozenset(" \u00a0\u202f")  # those that fonts have
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # they choose among pictures of a letter


def one_line(text: str) -> str:
    """The text as a field of one line stores it: a single blank wherever there is space of any kind."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(plain(text).split())


def many_lines(text: str) -> str:
    """The text as a field of several lines stores it, with ``\\n`` between them."""
    return "\n".join(line.rstrip() for line in plain(text).strip().split("\n"))


def plain(text: str) -> str:
    """The text in characters that XML 1.0 and PDF hold; line breaks are ``\\n``."""
    if text.isascii() and text.isprintable():
        return text
    composed = _SELECTORS.sub("", unicodedata.normalize("NFC", text))
    if composed.isprintable():
        return composed
    return "".join(map(_held, _BREAKS.sub("\n", composed)))


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """A word without what people vary: case, diacritics, "ae" for "ä", blanks, punctuation. Digits stay as they are."""
    spelt = text.casefold().replace("ß", "ss")
    bare = "".join(char for char in unicodedata.normalize("NFD", spelt) if char.isalnum())
    return bare.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def holds_controls(text: str) -> bool:
    """Whether something in it is neither a letter nor space: the text is perhaps not what somebody meant to write."""
    return not text.isprintable() and any(
        unicodedata.category(char) in ("Cc", "Cs") and not char.isspace() for char in text
    )


@lru_cache(maxsize=4096)
def _held(char: str) -> str:
    category = unicodedata.category(char)
    if char == "\n" or char in _BLANKS or char.isprintable():
        return char
    if category in ("Cc", "Cs", "Zs") or char in _DIRECTIONS or _is_no_character(ord(char)):
        return " "
    return "" if category == "Cf" else char


def _is_no_character(code: int) -> bool:
    """U+FFFE and the like, which Unicode keeps out of every text; XML 1.0 has no place for the first two."""
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
