"""Whatever changes the database stands in ``commands``, or in a file that commands are made of."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.proof.house.imports import SOURCE

WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete", "update"}
STATEMENTS = re.compile(r"^\s*(UPDATE|DELETE FROM) [a-z]|INSERT INTO [a-z]")
FACES = {"office", "portal", "web", "cli", "config"}
# files that write for the commands beside them, which no face calls, and what else may write, with the reason
PARTS = {
    "access/links.py": "one-time links, made and ended by the commands of access",
    "billing/runs/chunks.py": "a chunk of a run: one transaction, called by the commands of runs",
    "delivery/reminders.py": "the reminders of a day, called by its job",
    "demo.py": "makes what commands would refuse to make, for show",
    "events/anchors.py": "where the chain stood, written by its job",
    "events/seals.py": "the chain of seals, written by its job",
    "imports/writing/contract_changes.py": "a set-based part of an import",
    "imports/writing/writing.py": "a set-based part of an import",
    "invoicing/issuing/numbering.py": "the series of numbers, taken by issuing",
    "invoicing/papers/sampling.py": "what the rules say of a sample, called by its job",
    "invoicing/search.py": "the words of documents, written by a reaction",
    "jobs/attempts.py": "claims and their ends, called by the commands that work",
    "kernel/bulk.py": "COPY itself",
    "parties/snapshots.py": "freezes the state of a party",
    "web/jobs.py": "counts of tries whose time is over, in the cache table",
}


def writes(tree: ast.AST) -> Iterator[int]:
    """Lines that write rows: methods of models and querysets, COPY, and statements."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_of_rows(node):
            yield node.lineno
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENTS.search(node.value):
            yield node.lineno


def _is_of_rows(call: ast.Call) -> bool:
    """Not a dictionary's, a hash's or a progress bar's ``update``, nor a PDF's ``save``."""
    if not isinstance(call.func, ast.Attribute):
        return ast.unparse(call.func) == "copy_lines"
    name, whose = call.func.attr, ast.unparse(call.func.value)
    if name == "update":
        return bool(call.keywords) and not call.args and not whose.startswith("bar")
    return name in WRITES and not (name == "save" and call.args)


def offenders() -> dict[str, list[int]]:
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = str(path.relative_to(SOURCE))
        if "migrations" in path.parts or "commands" in path.parts or path.name.endswith("commands.py"):
            continue
        if lines := sorted(writes(ast.parse(path.read_text()))):
            found[name] = lines
    return found


def test_writes_stand_in_commands() -> None:
    found = offenders()
    assert {name: lines for name, lines in found.items() if name not in PARTS} == {}
    assert PARTS.keys() <= found.keys(), "take what writes no more out of the table"


def test_no_screen_writes() -> None:
    assert {name for name in PARTS if name.split("/")[0] in FACES} == {"web/jobs.py"}


def test_a_write_is_seen() -> None:
    for statement in (
        "User.objects.filter(pk=1).update(name='x')",
        "invoice.save()",
        "Invoice.objects.create(number='1')",
        "rows.delete()",
        "copy_lines('t', 'c', lines)",
        "cursor.execute('DELETE FROM cache')",
    ):
        assert list(writes(ast.parse(statement))), statement
    assert not list(writes(ast.parse("digest.update(piece)\nvalues.update({'a': 1})\n")))


def freezing(tree: ast.AST) -> Iterator[str]:
    """Functions that call one that freezes, and do not say so in their own name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("freeze_"):
            called = {ast.unparse(one.func) for one in ast.walk(node) if isinstance(one, ast.Call)}
            if any(name.split(".")[-1].startswith("freeze_") for name in called):
                yield node.name


def test_what_freezes_says_so_or_is_a_command() -> None:
    found = {
        str(path.relative_to(SOURCE)): names
        for path in SOURCE.rglob("*.py")
        if not path.name.endswith("commands.py") and "commands" not in path.parts
        if (names := list(freezing(ast.parse(path.read_text()))))
    }
    assert found == {"billing/runs/chunks.py": ["drafter_for", "_read_range"]}, "a chunk freezes what it bills"
