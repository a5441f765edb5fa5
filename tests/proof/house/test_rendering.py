"""Only the worker renders: whatever sets a paper is reached through a job, so no thread of the web process does."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.proof.house.imports import SOURCE

RENDERS = {"render_papers", "render_now", "render_pool", "mend_files"}
MAY_RENDER = {"papers/jobs.py": "what the worker runs", "papers/unstored_commands.py": "what it makes of drafts"}
POOLS = ("kundenkontor.printing.pool", "kundenkontor.printing.process")
HAVE_POOLS = {"papers/commands.py", "papers/unstored_commands.py", "printing/pool.py"}


def imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Module and name of every ``from … import``, wherever in the file, and modules with an empty name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


def renders(tree: ast.AST) -> bool:
    """Whether a file takes what renders from the papers, by name or with all that is in the module."""
    found = set(imported(tree))
    by_name = any(module == "kundenkontor.papers.commands" and name in RENDERS for module, name in found)
    return by_name or bool({("kundenkontor.papers", "commands"), ("kundenkontor.papers.commands", "")} & found)


def trees() -> Iterator[tuple[str, ast.AST]]:
    for file in SOURCE.rglob("*.py"):
        yield str(file.relative_to(SOURCE)), ast.parse(file.read_text())


def test_only_jobs_reach_what_renders() -> None:
    assert {name for name, tree in trees() if renders(tree)} == set(MAY_RENDER)


def test_only_the_papers_have_render_processes() -> None:
    found = {name for name, tree in trees() if any(module in POOLS for module, _ in imported(tree))}
    assert found == HAVE_POOLS


def test_it_is_seen_however_it_is_imported() -> None:
    for text in (
        "from kundenkontor.papers.commands import render_papers",
        "def later():\n    from kundenkontor.papers.commands import render_now",
        "from kundenkontor.papers import commands",
        "import kundenkontor.papers.commands",
    ):
        assert renders(ast.parse(text)), text
    assert not renders(ast.parse("from kundenkontor.papers.commands import ask_for_files"))
