"""Labels stand in the ``words.py`` of the package that owns the code, nowhere else."""

from __future__ import annotations

import ast
from pathlib import Path

import kundenkontor
from kundenkontor.kernel.tables import our_models

SOURCE = Path(kundenkontor.__file__).parent


def test_no_field_of_a_model_has_words() -> None:
    """Models know codes, which a CHECK holds; what a code is called differs by reader."""
    fields = [field for model in our_models() for field in model._meta.concrete_fields]
    assert [str(field) for field in fields if field.choices] == []


def too_early(tree: ast.Module) -> list[int]:
    """Lines that ask for a text in the reader's language while the module is loaded, when nobody reads yet."""
    now = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if not alias.name.endswith("_lazy")
    }
    waiting: list[ast.AST] = [tree]
    lines = []
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in now:
            lines.append(node.lineno)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting += [default for default in (*node.args.defaults, *node.args.kw_defaults) if default]
        else:
            waiting += ast.iter_child_nodes(node)
    return lines


def test_no_text_is_translated_while_a_module_is_loaded() -> None:
    found = {str(path.relative_to(SOURCE)): too_early(ast.parse(path.read_text())) for path in SOURCE.rglob("*.py")}
    assert {path: lines for path, lines in found.items() if lines} == {}, "use gettext_lazy there"
