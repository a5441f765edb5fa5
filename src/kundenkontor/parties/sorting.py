"""Order of names, computed because the database's collations differ between machines."""

from __future__ import annotations

import unicodedata

_SPELT_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d"}
)


def sort_key(name: str) -> str:
    """A name for sorting as in a directory of names (DIN 5007-2): lower case, umlauts spelt out, no diacritics."""
    spelt = unicodedata.normalize("NFC", name).lower().translate(_SPELT_OUT)
    bare = "".join(char for char in unicodedata.normalize("NFD", spelt) if not unicodedata.combining(char))
    words = "".join(char if char.isalnum() else " " for char in bare).split()
    return " ".join(words)[:200]
