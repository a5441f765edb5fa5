"""Which tests are likely to see a fault, the nearest first: who names the function, who names those, and so on.

Names are followed through the source, the builders and the tests, from a file to those that import it; nothing is run.
Tests that come in by a URL name no function: they stand in the folder that mirrors the source.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.proof.faults.changes import Fault
from tests.proof.faults.drawing import PROJECT

NOT_BY_NAME = 6
MOST = 400
SLOW = ("browser", "benchmarks", "docs", "faults")
Place = tuple[str, str]


@dataclass
class Names:
    """What is defined where and who names it; a place is a module with a name of its top level."""

    defined: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    naming: dict[str, set[Place]] = field(default_factory=lambda: defaultdict(set))
    imports: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def _module(file: Path) -> str:
    parts = file.with_suffix("").parts
    return ".".join(parts[1:] if parts[0] == "src" else parts).removesuffix(".__init__")


@cache
def names() -> Names:
    """Of the whole tree, read once."""
    found = Names()
    for folder in ("src", "tests"):
        for file in sorted((PROJECT / folder).rglob("*.py")):
            if "migrations" not in file.parts and "data" not in file.parts:
                _read(file.relative_to(PROJECT), found)
    return found


def _read(file: Path, found: Names) -> None:
    module = _module(file)
    tree = ast.parse((PROJECT / file).read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.imports[module] |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
            for one in (one for one in node.names if one.asname):
                found.naming[one.name].add((module, str(one.asname)))
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        for own in _names_of(node):
            found.defined[module].add(own)
            for name in _used_in(node):
                found.naming[name].add((module, own))


def _names_of(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    return [one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)] or [
        "<module>"
    ]


def _used_in(node: ast.stmt) -> set[str]:
    used = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            used.add(one.id)
        elif isinstance(one, ast.Attribute):
            used.add(one.attr)
        elif isinstance(one, ast.arg):
            used.add(one.arg)  # a fixture
    return used


def distances(fault: Fault) -> dict[Place, int]:
    """Every place from which the fault is reached by names, with the number of steps."""
    known = names()
    module = _module(fault.file)
    level = {(module, name) for name in _first_names(fault, module)}
    found: dict[Place, int] = dict.fromkeys(level, 0)
    for steps in range(1, NOT_BY_NAME + 1):
        level = {place for one in level for place in _namers(one, known) if place not in found}
        found |= dict.fromkeys(level, steps)
    return found


def _first_names(fault: Fault, module: str) -> Iterable[str]:
    top = fault.function.split(".")[0]
    return [top] if top != "<module>" else _constants_at(fault) or names().defined[module]


def _constants_at(fault: Fault) -> list[str]:
    tree = ast.parse((PROJECT / fault.file).read_bytes())
    return [
        name for node in tree.body if node.lineno <= fault.line <= (node.end_lineno or 0) for name in _names_of(node)
    ]


def _namers(place: Place, known: Names) -> Iterator[Place]:
    module, name = place
    for other in known.naming[name]:
        if other[0] == module or known.imports[other[0]] & {module, f"{module}.{name}"} or ".conftest" in module:
            yield other


def nearest_tests(fault: Fault) -> list[str]:
    """Node ids, the nearest first: by names and by the mirrored folder, then those that import the module at all."""
    steps, importers = distances(fault), _importers(_module(fault.file))
    ranked = []
    for file in sorted((PROJECT / "tests").rglob("test_*.py")):
        path = file.relative_to(PROJECT)
        if not set(path.parts) & set(SLOW):
            far = _distance_of_folders(fault.file, path)
            for name in (one for one in names().defined[_module(path)] if one.startswith("test_")):
                step = steps.get((_module(path), name), NOT_BY_NAME + 1)
                if "house" in path.parts:
                    ranked.append((NOT_BY_NAME, 1, str(path), name))  # rules about all of the source
                elif step <= NOT_BY_NAME or far <= 1 or _module(path) in importers:
                    ranked.append((min(step, NOT_BY_NAME) + 2 * far, far, str(path), name))
    return [f"{path}::{name}" for _, _, path, name in sorted(ranked)[:MOST]]


def _importers(module: str) -> set[str]:
    """Modules that import it, and those that import them."""
    found = {module}
    for _ in range(2):
        found |= {other for other, imported in names().imports.items() if imported & found}
    return found


def _distance_of_folders(source: Path, test: Path) -> int:
    """0: the mirrored folder; 1: the same package; 2: another. The rights stand beside both faces."""
    own, other = source.parts[2:], test.parts[1:]
    if len(own) > 1 and own[:-1] == other[:-1]:
        return 0
    is_of_a_face = own[0] in ("office", "portal", "web")
    return 1 if own[0].removesuffix(".py") == other[0] or (is_of_a_face and "rights" in other) else 2
