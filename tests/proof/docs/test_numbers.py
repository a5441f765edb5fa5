"""docs/features.md and docs/invariants.md name every binding number, and the tests that carry it."""

from __future__ import annotations

import re

import pytest

from tests.proof.docs.blocks import OPERATIONS
from tests.support.feature_list import DOCUMENTS, PROJECT, carriers, numbers_in, with_lists
from tests.support.numbers import EXPECTED

# set by the program for its own children, or by the desktop
INTERNAL = {"KUNDENKONTOR_PARENT", "KUNDENKONTOR_RULES", "XDG_RUNTIME_DIR", "DJANGO_SETTINGS_MODULE"}
READS = re.compile(r"""environ(?:\.get\(|\.setdefault\(|\[)\s*"(\w+)"|envvar="(\w+)\"""")


@pytest.mark.parametrize("kind", ["feature", "invariant"])
def test_the_document_explains_every_binding_number_once(kind: str) -> None:
    assert numbers_in(DOCUMENTS[kind].read_text()) == EXPECTED[kind]


@pytest.mark.parametrize("kind", ["feature", "invariant"])
def test_the_lists_of_tests_are_current(kind: str) -> None:
    text = DOCUMENTS[kind].read_text()

    assert text == with_lists(text, carriers(kind)), "stale: run .venv/bin/python -m tests.support.feature_list"


@pytest.mark.parametrize("kind", ["feature", "invariant"])
def test_every_binding_number_has_a_test_that_carries_it(kind: str) -> None:
    carried = carriers(kind)

    assert [number for number in EXPECTED[kind] if not carried.get(number)] == []


def test_the_settings_page_names_every_variable_the_program_reads() -> None:
    source = PROJECT / "src" / "kundenkontor"
    read = {a or b for path in source.rglob("*.py") for a, b in READS.findall(path.read_text())} - INTERNAL
    named = set(re.findall(r"^\| `([A-Z_]+)` \|", (OPERATIONS / "settings.md").read_text(), re.MULTILINE))

    assert named == read


def test_links_between_the_documents_lead_somewhere() -> None:
    documents = [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")]
    broken = [
        f"{path.relative_to(PROJECT)}: {target}"
        for path in documents
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text())
        if not (path.parent / target).exists()
    ]

    assert broken == []
