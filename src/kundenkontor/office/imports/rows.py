"""Rows of an import report in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from kundenkontor.imports.planning.plan import RowOutcome
from kundenkontor.imports.reading.columns import label_of
from kundenkontor.imports.reading.problems import RowProblem
from kundenkontor.imports.words import FILES
from kundenkontor.web.forms import in_words

PAGE_SIZE = 50


class Said(NamedTuple):
    """A column in words with its value; ``before`` of one that changes."""

    label: str
    value: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row of a file: where it stands, whom it is about, what it says or would change, and what is wrong."""

    file: Any
    line: int
    number: str
    name: str
    says: Sequence[Said]
    problems: Sequence[RowProblem]


def shown_problem(problem: RowProblem) -> ShownRow:
    """A problem of a past import: the row's values are not kept."""
    return ShownRow(FILES[problem.file], problem.line, "", "", [], [problem])


def shown_outcome(row: RowOutcome, problems: Sequence[RowProblem]) -> ShownRow:
    """A row of a preview: a new one with all it says, a known one with what changes."""
    says = [Said(_(label_of(column)), in_words(value)) for column, value in row.values]
    says += [Said(_(label_of(one.field)), in_words(one.after), in_words(one.before)) for one in row.changes]
    return ShownRow(FILES[row.file], row.line, row.number, row.name, says, problems)
