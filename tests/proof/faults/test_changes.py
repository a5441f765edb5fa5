"""The script that plants faults: each kind of change is found where it can be made, and leaves readable Python."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.proof.faults.changes import faults_in
from tests.proof.faults.drawing import PROJECT, all_faults, draw
from tests.proof.faults.reaching import nearest_tests

FILE = Path("src/kundenkontor/example.py")
KINDS = {"sign", "comparison", "dropped call", "dropped filter", "swapped constant", "dropped not", "dropped decorator"}


def changed(source: str) -> set[tuple[str, str]]:
    """Kind and new text of every fault of a piece of code."""
    return {(one.kind, one.applied_to(source.encode()).decode()) for one in faults_in(FILE, source.encode())}


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("sign", "x = a + b", "x = a - b"),
        ("sign", "x -= b", "x += b"),
        ("sign", "x = -b", "x = b"),
        ("comparison", "x = a < b", "x = a <= b"),
        ("comparison", "x = ä <= b", "x = ä < b"),
        ("comparison", "x = a is not b", "x = a is b"),
        ("comparison", "rows.get(day__lte=end)", "rows.get(day__lt=end)"),
        ("comparison", "x = 'SELECT 1 WHERE a <= %s AND b'", "x = 'SELECT 1 WHERE a < %s AND b'"),
        ("dropped call", "if x:\n    lock(\n        a)", "if x:\n    pass"),
        ("dropped filter", "x = rows.filter(a=1).first()", "x = rows.first()"),
        ("dropped filter", "x = rows.filter(a=b, c=d)", "x = rows.filter(c=d)"),
        ("dropped filter", "x = rows.exclude(a=b, c=d)", "x = rows.exclude(a=b)"),
        ("dropped filter", "x = [y for y in z if y.good]", "x = [y for y in z if True]"),
        ("dropped filter", "x = 'SELECT 1 WHERE a = %s AND b'", "x = 'SELECT 1 WHERE a = %s'"),
        ("swapped constant", "x = 7", "x = 8"),
        ("swapped constant", "x = 7", "x = 6"),
        ("swapped constant", "x = True", "x = False"),
        ("swapped constant", "x = {'a': 'b', 'c': 'd'}", "x = {'a': 'd', 'c': 'd'}"),
        ("dropped not", "x = not (a and b)", "x =  (a and b)"),
        ("dropped decorator", "@transaction.atomic\ndef f(): ...", "\ndef f(): ..."),
    ],
)
def test_each_kind_of_change_is_found(kind: str, before: str, after: str) -> None:
    assert (kind, after) in changed(before)


@pytest.mark.parametrize(
    "source",
    [
        "assert a < b",
        "'''True'''",
        "x = 'a' + b",
        "x = models.Char(max_length=1)",
        "constraints = [A(b=True)]",
        "@property\ndef f(): ...",
    ],
)
def test_what_is_no_behaviour_is_left_alone(source: str) -> None:
    assert not changed(source)


def test_a_draw_is_even_over_packages_and_the_same_for_the_same_seed() -> None:
    """And every drawn fault can be read and has tests that come first."""
    drawn = draw(7, 60)

    assert draw(7, 60) == drawn
    assert {one.file.parts[2].removesuffix(".py") for one in drawn} == set(all_faults())
    assert {one.kind for one in drawn} == KINDS
    for fault in drawn:
        ast.parse(fault.applied_to((PROJECT / fault.file).read_bytes()))
        assert nearest_tests(fault), fault
