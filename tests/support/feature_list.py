"""``python -m tests.support.feature_list``: lists in docs/features.md and docs/invariants.md the tests of each number.

Read from the markers in the source, without running anything; docs/ keeps the words, this module the lists below them.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENTS = {"feature": PROJECT / "docs" / "features.md", "invariant": PROJECT / "docs" / "invariants.md"}
HEAD = re.compile(r"^\*\*([A-Z][A-Z0-9-]*\d)\*\* ")
NONE_YET = "no test carries this number"


def carriers(kind: str) -> dict[str, list[str]]:
    """Number -> ``tests/file.py::test_name``, sorted, for ``feature`` or ``invariant`` markers."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((PROJECT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text())
        of_module = [number for node in tree.body if _is_pytestmark(node) for number in _numbers(node, kind)]
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not node.name.startswith("test_"):
                continue
            numbers = [number for decorator in node.decorator_list for number in _numbers(decorator, kind)]
            for number in [*of_module, *numbers]:
                found[number].add(f"{path.relative_to(PROJECT)}::{node.name}")
    return {number: sorted(tests) for number, tests in found.items()}


def _is_pytestmark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(
        isinstance(one, ast.Name) and one.id == "pytestmark" for one in node.targets
    )


def _numbers(tree: ast.AST, kind: str) -> Iterator[str]:
    """The arguments of ``pytest.mark.<kind>(…)`` anywhere below."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == kind:
            yield from (str(one.value) for one in node.args if isinstance(one, ast.Constant))


def with_lists(text: str, tests: dict[str, list[str]]) -> str:
    """The document with the list below each ``**number** words`` made anew."""
    out: list[str] = []
    number = ""
    for line in text.splitlines():
        if number and line.startswith("- "):
            continue
        if number:
            out += [f"- `{test}`" for test in tests.get(number, [])] or [f"- {NONE_YET}"]
            number = ""
        out.append(line)
        match = HEAD.match(line)
        number = match.group(1) if match else ""
    if number:
        out += [f"- `{test}`" for test in tests.get(number, [])] or [f"- {NONE_YET}"]
    return "\n".join(out) + "\n"


def numbers_in(text: str) -> list[str]:
    """The numbers that a document explains, in its order."""
    return [match.group(1) for line in text.splitlines() if (match := HEAD.match(line))]


if __name__ == "__main__":
    for document_kind, path in DOCUMENTS.items():
        path.write_text(with_lists(path.read_text(), carriers(document_kind)))
        print(f"{path.relative_to(PROJECT)}: {len(numbers_in(path.read_text()))} numbers")
