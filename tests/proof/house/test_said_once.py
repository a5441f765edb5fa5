"""What the whole product needs is written in one place, and nobody writes it again."""

from __future__ import annotations

import ast
from collections.abc import Callable

from tests.proof.house.imports import SOURCE

Test = Callable[[ast.AST], bool]


def places_of(is_it: Test, *, below: str = "") -> set[str]:
    """The files in which something is written."""
    return {
        str(file.relative_to(SOURCE))
        for file in (SOURCE / below).rglob("*.py")
        if any(is_it(node) for node in ast.walk(ast.parse(file.read_text())))
    }


def calls(name: str, *arguments: str) -> Test:
    """A call of a method of this name, with these texts."""

    def is_it(node: ast.AST) -> bool:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != name:
            return False
        return [one.value for one in node.args if isinstance(one, ast.Constant)] == list(arguments)

    return is_it


def sets(*names: str) -> Test:
    """A name that is given a value."""
    return lambda node: isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in names


def test_a_number_from_an_address_is_read_by_one_function() -> None:
    """The length of a body is none: it may be larger than any id, and is refused then."""
    faces = [places_of(calls("isdigit"), below=face) for face in ("office", "portal", "web")]
    assert set.union(*faces) == {"web/forms.py", "web/gate/loads.py"}


def test_who_reads_german_is_decided_in_one_place() -> None:
    assert places_of(calls("startswith", "de")) == {"kernel/formats.py"}


def test_nought_and_cent_of_money_are_written_once() -> None:
    assert places_of(sets("ZERO", "_ZERO", "CENT", "_CENT")) == {"kernel/money.py"}


def test_crumbs_reach_the_frame_in_one_way() -> None:
    templates = {str(file.relative_to(SOURCE)): file.read_text() for file in SOURCE.rglob("*.html")}
    assert [name for name, text in templates.items() if "block breadcrumbs" in text] == [
        "web/templates/web/layout.html"
    ]
    assert [name for name, text in templates.items() if "about.crumbs" in text] == []
