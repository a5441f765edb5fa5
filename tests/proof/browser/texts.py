"""Which sentences of a page are in the wrong language.

The source sentences are gathered from templates and code, their German from the catalogue.
"""

from __future__ import annotations

import re
from functools import cache

from playwright.sync_api import Page

from tests.support.texts import translations, used_texts

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


@cache
def source_sentences() -> dict[str, str]:
    """Every English sentence that is marked for translation, with a file it stands in."""
    return {
        sentence: str(min(paths))
        for text, paths in used_texts().items()
        for sentence in (text.singular, text.plural)
        if sentence
    }


@cache
def catalogue() -> dict[str, str]:
    """German by English, contexts and plural forms flattened."""
    return {one: other for english, german in translations() for one, other in zip(english, german, strict=True)}


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
