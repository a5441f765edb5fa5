"""``make texts``: finds every English text and keeps its German in the fragment of the place that uses it.

A text of one desk, area or package stands in its fragment; one that several packages use in that of the lowest of them;
one that only screens share in ``office/desk``, ``portal`` or ``web``. What nothing uses any more goes.
"""

from __future__ import annotations

import io
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po

from kundenkontor.config.build.messages import LOCALE_DIR, merge_fragments, new_catalogue

PROJECT = Path(__file__).resolve().parents[2]
SOURCE = PROJECT / "src" / "kundenkontor"
FRAGMENTS = LOCALE_DIR / "fragments"
PLURAL = (1, 2)
OPTIONS = {"newstyle_gettext": "true", "silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}  # of jinja2
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": PLURAL,
    "ngettext_lazy": PLURAL,
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
# ``message`` marks refusals where the file has it from the kernel; elsewhere it is a variable
MARKS_REFUSALS = re.compile(
    r"^from kundenkontor\.kernel\.errors import [^()\n]*(\([^)]*)?\bmessage\b|^def message", re.M
)


class Text(NamedTuple):
    """An English text: its singular and its context name it; the plural may be empty."""

    singular: str
    context: str
    plural: str = ""

    @property
    def id(self) -> str | tuple[str, str]:
        return (self.singular, self.plural) if self.plural else self.singular


@cache
def used_texts() -> dict[Text, set[Path]]:
    """Every text that code and templates mark, with the files it stands in, relative to the source folder."""
    found: dict[tuple[str, str], set[Path]] = defaultdict(set)
    plurals: dict[tuple[str, str], str] = {}
    for path in sorted(SOURCE.rglob("*")):
        for text in _texts_of(path):
            found[text[:2]].add(path.relative_to(SOURCE))
            plurals[text[:2]] = text.plural or plurals.get(text[:2], "")
    return {Text(*key, plurals[key]): paths for key, paths in found.items()}


def _texts_of(path: Path) -> Iterator[Text]:
    if path.suffix == ".py":
        code = path.read_text()
        keywords = KEYWORDS | {"message": None} if MARKS_REFUSALS.search(code) else KEYWORDS
        yield from _marked("python", code, keywords)
    elif path.suffix in (".html", ".txt") and "templates" in path.parts:
        yield from _marked("jinja2", path.read_text(), KEYWORDS)


def _marked(method: str, code: str, keywords: Mapping[str, Any]) -> Iterator[Text]:
    for _line, found, _comments, context in extract(method, io.BytesIO(code.encode()), keywords, options=OPTIONS):
        singular, plural = found if isinstance(found, tuple) else (found, "")
        yield Text(singular, context or "", plural)


@cache
def _height() -> dict[str, int]:
    """How far up a package stands in the map that the import contracts hold; 0 is the lowest."""
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = [re.findall(r"\w+", layer) for layer in reversed(contracts[0]["layers"])]
    return {package: height for height, layer in enumerate(layers) for package in layer}


def place_of(paths: Iterable[Path]) -> str:
    """The fragment of a text that stands in these files, as its path without the suffix."""
    places = {_place_of_file(path) for path in paths}
    if len(places) == 1:
        return places.pop()
    height = _height()
    packages = {place.split("/")[0] for place in places}
    below = [package for package in packages if height[package] < height["web"]]
    if below:
        return min(below, key=height.__getitem__)
    return {"office": "office/desk", "portal": "portal"}.get("".join(packages), "web")


def _place_of_file(path: Path) -> str:
    parts = path.with_suffix("").parts
    if parts[1:2] == ("templates",):
        parts = parts[2:]
    if parts[0] == "office":
        return f"office/{parts[1]}" if len(parts) > 2 else "office/desk"
    return "/".join(parts[:2]) if parts[0] == "portal" and len(parts) > 2 else parts[0]


def arranged() -> dict[Path, str]:
    """The fragments as they have to be: path and content."""
    known, fragments = merge_fragments(FRAGMENTS), defaultdict[str, Catalog](new_catalogue)
    for text, paths in used_texts().items():
        entry = known.get(text.singular, text.context or None)
        german = entry.string if entry is not None and entry.id == text.id else ""
        fragments[place_of(paths)].add(text.id, german, context=text.context or None)
    return {FRAGMENTS / f"{place}.po": _written(fragment) for place, fragment in fragments.items()}


def _written(fragment: Catalog) -> str:
    file = io.BytesIO()
    write_po(file, fragment, width=0, omit_header=True, sort_output=True)
    return file.getvalue().decode().strip() + "\n"


def untranslated() -> dict[Text, list[str]]:
    """Texts without German, and where they stand."""
    known = merge_fragments(FRAGMENTS)
    return {text: sorted(map(str, paths)) for text, paths in used_texts().items() if not _is_known(known, text)}


def _is_known(known: Catalog, text: Text) -> bool:
    entry = known.get(text.singular, text.context or None)
    return entry is not None and entry.id == text.id


def translations() -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """English and German of every entry: one form, or singular and plural."""
    for entry in merge_fragments(FRAGMENTS):
        if entry.id:
            yield _forms(entry.id), _forms(entry.string)


def _forms(text: str | Iterable[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def arrange() -> None:
    """Write the fragments; say what has no German yet."""
    wanted = arranged()
    for path in FRAGMENTS.rglob("*.po"):
        if path not in wanted:
            path.unlink()
    for path, content in wanted.items():
        if not path.exists() or path.read_text() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
    for text, paths in untranslated().items():
        print(f"no German: {text.singular!r} ({', '.join(paths)})", file=sys.stderr)


if __name__ == "__main__":
    arrange()
