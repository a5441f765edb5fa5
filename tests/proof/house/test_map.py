"""docs/architecture.md is true: its map names every package, desk and area, in the order in which they import."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tests.proof.house.imports import SOURCE

PROJECT = Path(__file__).resolve().parents[3]
ROW = re.compile(r"^\| (`\w+`(?: · `\w+`)*) \| (.*) \|$", re.M)
NAME = re.compile(r"`(\w+)`")


def rows() -> list[tuple[list[str], str]]:
    """Packages and explanation of each row of the map."""
    section = (PROJECT / "docs" / "architecture.md").read_text().split("## Map")[1].split("\n## ")[0]
    return [(NAME.findall(names), words) for names, words in ROW.findall(section)]


def test_the_map_names_the_layers_in_order() -> None:
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = [re.findall(r"\w+", layer) for layer in contracts[0]["layers"]]
    mapped = [names for names, _ in rows()]
    assert sorted(name for names in mapped for name in names) == sorted(name for layer in layers for name in layer)
    place = {name: number for number, layer in enumerate(layers) for name in layer}
    order = [place[name] for names in mapped for name in names]
    assert order == sorted(order)


def test_the_map_names_every_desk_and_area() -> None:
    for face in ("office", "portal"):
        (words,) = (words for names, words in rows() if names == [face])
        rooms = {path.parent.name for path in (SOURCE / face).glob("*/urls.py")}
        assert set(NAME.findall(words)) - {"desk"} == rooms, f"name them in the row of {face} in docs/architecture.md"
