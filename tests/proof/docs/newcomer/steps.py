"""The steps of a README: what is pressed, filled, typed into a terminal and seen, in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[4]
TOKEN = re.compile(
    r"\*\*(?P<press>.+?)\*\*"
    r"|\*(?P<field>[^*]+)\*(?:\s`(?P<value>[^`]+)`)?"
    r"|`(?P<type>\.venv/[^`]+)`"
    r"|[“„](?P<see>[^“”]+)[”“]",
)


@dataclass(frozen=True)
class Step:
    """``do``: press, fill, type or see. ``…`` in ``what`` stands for any words."""

    do: str
    what: str
    value: str = ""


def steps_of(document: str, heading: str) -> Iterator[Step]:
    """Of the numbered list below a heading. Raises ValueError for code that nobody would know where to type."""
    section = (PROJECT / document).read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    for _, item in re.findall(r"^(\d+)\. (.*?)(?=^\d+\. |^$)", section, re.M | re.S):
        words = " ".join(item.split())
        for token in TOKEN.finditer(words):
            found = {name: text for name, text in token.groupdict().items() if text is not None}
            if "field" in found:
                yield Step("fill", found["field"], found.get("value", ""))
            else:
                ((do, what),) = found.items()
                yield Step(do, what)
        if "`" in TOKEN.sub("", words):
            raise ValueError(f"typed where? {TOKEN.sub('', words)}")


def pattern_of(words: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in words.split("…")))
