"""Merges the German fragments and compiles them; ``make`` runs it.

Fragments are the .po files below ``locale/fragments``: one for each desk, area and package. ``make texts`` keeps
every entry in the fragment of the place that uses it.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

LOCALE_DIR = Path(__file__).resolve().parents[2] / "locale"
LANGUAGE = "de"
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)  # the same fragments give the same bytes


class BadCatalogue(Exception):
    """A fragment cannot be read, or two fragments translate one text differently."""


def new_catalogue() -> Catalog:
    """Empty, with the plural forms of the language."""
    return Catalog(LANGUAGE, creation_date=UNDATED, revision_date=UNDATED)


def read_fragment(path: Path) -> Iterator[Message]:
    """The translated entries of one file; fuzzy ones are left out."""
    for block in path.read_text().split("\n\n"):  # one by one: of two entries for a text Babel would keep the first
        try:
            entries = list(read_po(io.StringIO(block), locale=LANGUAGE, abort_invalid=True))
        except PoFileError as error:
            raise BadCatalogue(f"{path.name}: {error}: {block}") from error
        yield from (entry for entry in entries if entry.id and _is_translated(entry) and not entry.fuzzy)


def _is_translated(entry: Message) -> bool:
    return bool(entry.string) if isinstance(entry.string, str) else all(entry.string or ())


def merge_fragments(folder: Path = LOCALE_DIR / "fragments") -> Catalog:
    """All translations. Raises BadCatalogue where two differ."""
    merged = new_catalogue()
    for path in sorted(folder.rglob("*.po")):
        for entry in read_fragment(path):
            known = merged.get(entry.id, entry.context)
            if known is not None and (known.id, known.string) != (entry.id, entry.string):
                raise BadCatalogue(f"{path.name}: {entry.id!r} is already translated as {known.string!r}")
            merged.add(entry.id, entry.string, context=entry.context)
    return merged


def compile_messages(locale_dir: Path = LOCALE_DIR) -> int:
    """Write de/LC_MESSAGES/django.mo; return the number of translated texts."""
    catalogue = merge_fragments(locale_dir / "fragments")
    target = locale_dir / LANGUAGE / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        write_mo(file, catalogue)
    return len(catalogue)


if __name__ == "__main__":
    try:
        compile_messages()
    except BadCatalogue as error:
        sys.exit(str(error))
