"""Merges the German catalogue fragments and compiles them, without gettext's programs; ``make`` runs it.

Fragments are ``locale/fragments/*.po``: plain msgid/msgstr pairs, msgctxt and plurals as gettext has them.
"""

from __future__ import annotations

import ast
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

LOCALE_DIR = Path(__file__).resolve().parents[2] / "locale"
HEADER = (
    "Language: de\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
)
KEYWORDS = ("msgctxt", "msgid_plural", "msgid", "msgstr")


class BadCatalogue(Exception):
    """A fragment cannot be read, or two fragments translate one text differently."""


@dataclass
class Entry:
    context: str | None = None
    singular: str = ""
    plural: str | None = None
    translations: dict[int, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        text = self.singular if self.plural is None else f"{self.singular}\0{self.plural}"
        return text if self.context is None else f"{self.context}\x04{text}"

    @property
    def value(self) -> str:
        return "\0".join(self.translations[index] for index in sorted(self.translations))


def read_fragment(path: Path) -> list[Entry]:
    """The entries of one .po file; fuzzy and obsolete ones are left out."""
    entries: list[Entry] = []
    for block in path.read_text().replace("\r\n", "\n").split("\n\n"):
        entry, target, fuzzy = Entry(), "", False
        for number, raw in enumerate(block.splitlines(), 1):
            line = raw.strip()
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            if not line or line.startswith("#"):
                continue
            keyword, _, rest = line.partition(" ") if not line.startswith('"') else (target, "", line)
            try:
                if keyword.startswith("msgid") and keyword == "msgid" and entry.translations:
                    entries.append(entry)
                    entry = Entry()
                text = ast.literal_eval(rest)
                add_text(entry, keyword, text)
            except (ValueError, SyntaxError, KeyError) as error:
                raise BadCatalogue(f"{path.name}: cannot read {line!r} (line {number} of its block)") from error
            target = keyword
        if entry.singular and not fuzzy:
            entries.append(entry)
    return [entry for entry in entries if entry.singular and entry.value]


def add_text(entry: Entry, keyword: str, text: str) -> None:
    """Append a string to the part of the entry that ``keyword`` names."""
    if keyword == "msgctxt":
        entry.context = (entry.context or "") + text
    elif keyword == "msgid":
        entry.singular += text
    elif keyword == "msgid_plural":
        entry.plural = (entry.plural or "") + text
    elif keyword.startswith("msgstr"):
        index = int(keyword[7:-1]) if keyword.startswith("msgstr[") else 0
        entry.translations[index] = entry.translations.get(index, "") + text
    else:
        raise KeyError(keyword)


def merge_fragments(folder: Path) -> dict[str, str]:
    """All translations by key. Raises BadCatalogue where two differ."""
    merged: dict[str, str] = {}
    for path in sorted(folder.glob("*.po")):
        for entry in read_fragment(path):
            known = merged.setdefault(entry.key, entry.value)
            if known != entry.value:
                raise BadCatalogue(f"{path.name}: {entry.singular!r} is already translated as {known!r}")
    return merged


def mo_bytes(catalogue: dict[str, str]) -> bytes:
    """The binary catalogue: magic, counts, two tables of (length, offset), then the strings."""
    pairs = sorted((key.encode(), value.encode()) for key, value in {"": HEADER, **catalogue}.items())
    count, start = len(pairs), 7 * 4
    keys_at, values_at = start, start + 8 * count
    offset, tables, strings = start + 16 * count, [b"", b""], b""
    for column in (0, 1):
        for pair in pairs:
            tables[column] += struct.pack("<II", len(pair[column]), offset)
            strings += pair[column] + b"\0"
            offset += len(pair[column]) + 1
    return struct.pack("<IIIIIII", 0x950412DE, 0, count, keys_at, values_at, 0, 0) + b"".join(tables) + strings


def compile_messages(locale_dir: Path = LOCALE_DIR) -> int:
    """Write de/LC_MESSAGES/django.mo; return the number of translated texts."""
    catalogue = merge_fragments(locale_dir / "fragments")
    target = locale_dir / "de" / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(mo_bytes(catalogue))
    return len(catalogue)


if __name__ == "__main__":
    try:
        compile_messages()
    except BadCatalogue as error:
        sys.exit(str(error))
