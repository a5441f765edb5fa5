"""What records an event does so in one transaction with what it changed: half of a command never stays."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.proof.house.imports import modules

RECORDING = {"record_events", "record_row"}
# these write one event and nothing else, or belong to a command that has locked what they change
NO_TRANSACTION = {
    "access.commands.ask_for_access",
    "access.password_commands.record_password_set",
    "cli.seal_key.begin_key",
    "integrity.ask_for_check",
    "integrity.check_integrity",
    "payments.commands.receiving.record_row",
    "payments.commands.undoing.undo_offset",
}
Functions = Mapping[str, ast.FunctionDef]


def test_every_command_that_records_is_one_transaction() -> None:
    """Private functions are part of the command that calls them, unless they are a transaction of their own."""
    found = {
        f"{module}.{name}"
        for module, file in modules().items()
        for name in _loose(_functions(file))
        if not name.startswith("_")
    }

    assert found == NO_TRANSACTION


def _functions(file: Path) -> Functions:
    return {node.name: node for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)}


def _loose(functions: Functions) -> set[str]:
    """Functions that record, themselves or through private ones of their module, outside any transaction of theirs."""
    found: set[str] = set()
    while True:
        wanted = RECORDING | {name for name in found if name.startswith("_")}
        more = {name for name, node in functions.items() if not _is_atomic(node) and wanted & set(_called(node))}
        if more == found:
            return found
        found = more


def _is_atomic(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(one).startswith("transaction.atomic") for one in node.decorator_list)


def _called(node: ast.AST) -> Iterator[str]:
    """What is called outside ``with transaction.atomic()``."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.With) and any("transaction.atomic" in ast.unparse(one) for one in child.items):
            continue
        if isinstance(child, ast.Call):
            yield ast.unparse(child.func).split(".")[-1]
        yield from _called(child)
