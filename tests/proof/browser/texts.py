"""Which sentences of a page are in the wrong language.

The source sentences are gathered from templates and code, their German from the catalogue.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from kundenkontor.config.build.messages import LOCALE_DIR, merge_fragments

SOURCE = Path(__file__).resolve().parents[3] / "src" / "kundenkontor"
TRANSLATE = re.compile(r"""{%\s*(?:translate|trans)\s+(?:"([^"]+)"|'([^']+)')""")
BLOCK = re.compile(r"{%\s*blocktrans(?:late)?\b(.*?)%}(.*?){%\s*endblocktrans(?:late)?\s*%}", re.DOTALL)
PLURAL = re.compile(r"{%\s*plural\s*%}")
VARIABLE = re.compile(r"{{\s*(\w+)[^}]*}}")
UNDERSCORED = ("_", "gettext", "gettext_lazy", "message", "gettext_noop", "pgettext")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")
# a sentence with placeholders is only recognised by this much text of its own
TELLING = 12
VISIBLE_TEXTS = """
() => {
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode, parent = one.parentElement;
    if (!parent || parent.closest("script, style, [lang], [translate=no], pre, textarea") !== null) continue;
    found.add(one.nodeValue.replace(/\\s+/g, " ").trim());
  }
  for (const name of ["aria-label", "title", "placeholder", "alt"])
    document.querySelectorAll(`body [${name}]`).forEach((one) => {
      if (!one.closest("[lang]:not(html)")) found.add(one.getAttribute(name).trim());
    });
  found.add(document.title.split(" · ")[0]);
  return [...found].filter((text) => /\\p{L}{2}/u.test(text));
}
""".replace("[lang], [translate=no]", "body [lang], [translate=no]")


def source_sentences() -> dict[str, str]:
    """Every English sentence that is marked for translation, with the file it stands in."""
    found: dict[str, str] = {}
    for path in sorted([*SOURCE.rglob("*.html"), *SOURCE.rglob("*.txt")]):
        for sentence in _of_template(path.read_text()):
            found.setdefault(sentence, str(path.relative_to(SOURCE)))
    for path in sorted(SOURCE.rglob("*.py")):
        for sentence in _of_code(path.read_text()):
            found.setdefault(sentence, str(path.relative_to(SOURCE)))
    return found


def _of_template(text: str) -> Iterator[str]:
    for match in TRANSLATE.finditer(text):
        yield match.group(1) or match.group(2)
    for match in BLOCK.finditer(text):
        for part in PLURAL.split(match.group(2)):
            sentence = VARIABLE.sub(r"%(\1)s", part.replace("%", "%%"))
            yield " ".join(sentence.split()) if "trimmed" in match.group(1) else sentence


def _of_code(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        first = node.args[0]
        if name in UNDERSCORED and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


@cache
def catalogue() -> dict[str, str]:
    """German by English, contexts and plural forms flattened."""
    flat: dict[str, str] = {}
    for key, value in merge_fragments(LOCALE_DIR / "fragments").items():
        english = key.split("\x04")[-1].split("\0")
        german = value.split("\0")
        flat |= dict(zip(english, german, strict=False))
    return flat


def untranslated() -> dict[str, str]:
    """Marked sentences without German, and where they stand."""
    known = catalogue()
    return {text: where for text, where in source_sentences().items() if text and text not in known}


@cache
def _patterns(language: str) -> tuple[frozenset[str], re.Pattern[str] | None]:
    """Sentences that must not stand on a page of ``language``: literal ones, and one pattern for the others."""
    german = catalogue()
    if language == "de":
        both = {text for english, text in german.items()} | {"Name", "Status"}
        foreign = [text for text in source_sentences() if german.get(text, "") != text and text not in both]
    else:
        english = set(source_sentences()) | set(german)
        foreign = [text for source, text in german.items() if source != text and text not in english]
    plain = frozenset(text for text in foreign if not PLACEHOLDER.search(text))
    filled = [text for text in foreign if PLACEHOLDER.search(text) and len(PLACEHOLDER.sub("", text)) >= TELLING]
    expressions = [".+?".join(re.escape(part) for part in PLACEHOLDER.split(text)) for text in filled]
    return plain, re.compile("|".join(expressions)) if expressions else None


def wrong_language(page: Page, language: str) -> list[str]:
    """Texts of the page that are sentences of the other language."""
    plain, filled = _patterns(language)
    lang = page.locator("html").get_attribute("lang")
    wrong = [] if lang == language else [f"lang is {lang}"]
    for text in page.evaluate(VISIBLE_TEXTS):
        if text in plain or (filled and filled.fullmatch(text)):
            wrong.append(f"{text[:60]!r}")
    return wrong
