"""Who imports whom in the source, read from the files without running them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3] / "src" / "kundenkontor"
Graph = Mapping[str, set[str]]


def modules(source: Path = SOURCE) -> dict[str, Path]:
    """Dotted name below ``kundenkontor`` -> file; a package goes by the name of its folder."""
    found = {}
    for file in source.rglob("*.py"):
        if "migrations" not in file.parts:
            parts = file.relative_to(source).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imports_of(file: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """The modules of the product that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "kundenkontor":
            base = node.module.partition(".")[2]
            for alias in node.names:
                whole = f"{base}.{alias.name}".lstrip(".")
                yield whole if whole in known else base


def graph_of(source: Path = SOURCE) -> dict[str, set[str]]:
    """Every module with the modules it imports."""
    known = modules(source)
    return {name: {one for one in imports_of(file, known) if one in known} - {name} for name, file in known.items()}


def circle_in(graph: Graph) -> list[str]:
    """One circle, from its first name to the same name again; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return []


def between_folders(graph: Graph, parent: str) -> dict[str, set[str]]:
    """The folders and files directly below ``parent`` ("" = the top), and which of their neighbours they import.

    What stands in ``parent`` itself beside its folders (models, queries, jobs) counts as a neighbour of its own.
    """
    prefix = f"{parent}." if parent else ""
    found: dict[str, set[str]] = {}
    for name, imported in graph.items():
        if name.startswith(prefix) and name != parent:
            room = name.removeprefix(prefix).split(".")[0]
            rooms = {one.removeprefix(prefix).split(".")[0] for one in imported if one.startswith(prefix)}
            found.setdefault(room, set()).update(rooms - {room})
    return found
