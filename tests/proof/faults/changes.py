"""Every small change that could be a bug, found in the syntax tree and written as an edit of the text."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeGuard

SIGNS = {ast.Add: ("+", "-"), ast.Sub: ("-", "+")}
COMPARISONS = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
IN_STATEMENTS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
LOOKUPS = {"__lt": "__lte", "__lte": "__lt", "__gt": "__gte", "__gte": "__gt"}
FILTERS = {"filter", "exclude"}
# without these the module or the class is no longer what it is called: everything would fail at once
SHAPES = {
    "property",
    "cached_property",
    "classmethod",
    "staticmethod",
    "dataclass",
    "contextmanager",
    "overload",
    "final",
}
CACHES = {"cache", "lru_cache"}
CLAUSE = re.compile(r"\s(?:AND|OR)\s(?:(?!\b(?:AND|OR|ORDER|GROUP|LIMIT|FOR|RETURNING|THEN|WHEN|UNION)\b)[^()\"{}])+")
OPERATOR = re.compile(r"(?<= )(<=|>=|<|>)(?= )")
STATEMENT = re.compile(r"\b(SELECT|UPDATE|DELETE|INSERT|WHERE)\b")


@dataclass(frozen=True)
class Fault:
    """One edit: the bytes from ``start`` to ``end`` of a file become ``after``."""

    file: Path
    function: str
    kind: str
    line: int
    start: int
    end: int
    before: str
    after: str

    def applied_to(self, source: bytes) -> bytes:
        return source[: self.start] + self.after.encode() + source[self.end :]


class Text:
    """A source file with its tree; positions of nodes as offsets in its bytes."""

    def __init__(self, file: Path, source: bytes) -> None:
        self.file, self.source = file, source
        self.tree = ast.parse(source)
        lengths = (len(line) for line in source.splitlines(keepends=True))
        self.starts = [0, *itertools.accumulate(lengths)]

    def start(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        return self.starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self.starts[node.end_lineno - 1] + node.end_col_offset

    def fault(self, kind: str, start: int, end: int, after: str) -> Fault:
        line = self.source[:start].count(b"\n") + 1
        return Fault(self.file, "", kind, line, start, end, self.source[start:end].decode(), after)

    def between(self, kind: str, left: ast.expr, right: ast.expr, tokens: tuple[str, str]) -> Iterator[Fault]:
        """The operator that stands between two nodes, replaced."""
        start, end = self.end(left), self.start(right)
        found = re.search(rb"\s".join(map(re.escape, tokens[0].encode().split())), self.source[start:end])
        if found:
            yield self.fault(kind, start + found.start(), start + found.end(), tokens[1])


def faults_in(file: Path, source: bytes) -> list[Fault]:
    """All of a file, each with the function (or class, or ``<module>``) it stands in."""
    text = Text(file, source)
    return list(_below(text, text.tree, "<module>"))


def _below(text: Text, node: ast.AST, function: str) -> Iterator[Fault]:
    if isinstance(node, ast.Assert) or _is_not_behaviour(node):
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        function = node.name if function == "<module>" else f"{function}.{node.name}"
    yield from (replace(fault, function=function) for fault in _at(text, node))
    for child in ast.iter_child_nodes(node):
        yield from _below(text, child, function)


def _is_not_behaviour(node: ast.AST) -> bool:
    """Annotations' imports, docstrings, and columns and constraints of models, which the migrations hold."""
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign):
        return isinstance(node.targets[0], ast.Name) and node.targets[0].id in ("constraints", "indexes")
    return isinstance(node, ast.Call) and ast.unparse(node.func).startswith("models.")


def _at(text: Text, node: ast.AST) -> Iterator[Fault]:
    yield from _signs(text, node)
    yield from _comparisons(text, node)
    yield from _calls(text, node)
    yield from _filters(text, node)
    yield from _constants(text, node)
    yield from _nots(text, node)
    yield from _decorators(text, node)


def _signs(text: Text, node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.BinOp) and type(node.op) in SIGNS and not _is_text(node.left) and not _is_text(node.right):
        yield from text.between("sign", node.left, node.right, SIGNS[type(node.op)])
    elif isinstance(node, ast.AugAssign) and type(node.op) in SIGNS and not _is_text(node.value):
        before, after = SIGNS[type(node.op)]
        yield from text.between("sign", node.target, node.value, (f"{before}=", f"{after}="))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield text.fault("sign", text.start(node), text.start(node) + 1, "")


def _is_text(node: ast.expr) -> bool:
    """What can be put together, but not subtracted: every test of the place would see it."""
    if isinstance(node, ast.BinOp):
        return _is_text(node.left) or _is_text(node.right)
    return isinstance(node, ast.JoinedStr | ast.List | ast.Tuple) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )


def _comparisons(text: Text, node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, node.comparators, strict=False):
            yield from text.between("comparison", left, right, COMPARISONS[type(operator)])
    elif isinstance(node, ast.keyword) and node.arg:
        suffix = next((one for one in LOOKUPS if node.arg.endswith(one)), None)
        if suffix:
            end = text.start(node) + len(node.arg.encode())
            yield text.fault("comparison", end - len(suffix), end, LOOKUPS[suffix])
    elif _is_statement(node):
        yield from _operators(text, node)


def _operators(text: Text, node: ast.Constant) -> Iterator[Fault]:
    start = text.start(node)
    for found in OPERATOR.finditer(text.source[start : text.end(node)].decode()):
        at = start + len(found.string[: found.start()].encode())
        yield text.fault("comparison", at, at + len(found[0]), IN_STATEMENTS[found[0]])


def _is_statement(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(STATEMENT.search(node.value))


def _calls(text: Text, node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield text.fault("dropped call", text.start(node), text.end(node), "pass")


def _filters(text: Text, node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FILTERS:
        yield text.fault("dropped filter", text.end(node.func.value), text.end(node), "")
        conditions: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        for one, following in itertools.pairwise(conditions):
            yield text.fault("dropped filter", text.start(one), text.start(following), "")
        if len(conditions) > 1:
            yield text.fault("dropped filter", text.end(conditions[-2]), text.end(conditions[-1]), "")
    elif isinstance(node, ast.comprehension):
        for condition in node.ifs:
            yield text.fault("dropped filter", text.start(condition), text.end(condition), "True")
    elif _is_statement(node):
        yield from _clauses(text, node)


def _clauses(text: Text, node: ast.Constant) -> Iterator[Fault]:
    """The conditions of a statement in SQL, without the quote that ends the text."""
    start = text.start(node)
    statement = text.source[start : text.end(node) - 1].decode()
    for clause in CLAUSE.finditer(statement):
        if clause.group().count("'") % 2 == 0:
            at = start + len(statement[: clause.start()].encode())
            yield text.fault("dropped filter", at, at + len(clause.group().rstrip().encode()), "")


def _constants(text: Text, node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield text.fault("swapped constant", text.start(node), text.end(node), str(not node.value))
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        for step in (1, -1):
            yield text.fault("swapped constant", text.start(node), text.end(node), str(node.value + step))
    elif isinstance(node, ast.Dict):
        values: list[ast.expr] = [
            one for one in node.values if isinstance(one, ast.Constant) and type(one.value) is str
        ]
        for one, other in itertools.pairwise(values):
            yield text.fault("swapped constant", text.start(one), text.end(one), ast.unparse(other))


def _nots(text: Text, node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield text.fault("dropped not", text.start(node), text.start(node) + len("not"), "")


def _decorators(text: Text, node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        for decorator in node.decorator_list:
            name = ast.unparse(decorator).split("(")[0].split(".")[-1]
            if name not in SHAPES | CACHES and not ast.unparse(decorator).endswith(".setter"):
                start = text.source.rindex(b"@", 0, text.start(decorator))
                yield text.fault("dropped decorator", start, text.end(decorator), "")
