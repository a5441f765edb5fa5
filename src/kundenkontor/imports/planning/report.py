"""The outcome of an import: what faces render and what is stored with the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from kundenkontor.imports.planning.plan import FileFacts, ImportPlan, Outcome, RowOutcome
from kundenkontor.imports.reading.problems import FileKind, RowProblem

STORED_PROBLEMS = 5_000


@dataclass(frozen=True, slots=True)
class ImportReport:
    """``outcomes`` gives every row of both files in order; ``problems`` are their errors and warnings.

    ``run_id`` is None for a preview.
    """

    run_id: int | None
    files: dict[FileKind, FileFacts]
    counts: dict[FileKind, dict[Outcome, int]]
    new_products: tuple[str, ...]
    problems: list[RowProblem]
    outcomes: Callable[[], list[RowOutcome]]
    needs_cut_over_date: bool

    @property
    def errors(self) -> list[RowProblem]:
        return [problem for problem in self.problems if not problem.is_warning]

    @property
    def warnings(self) -> list[RowProblem]:
        return [problem for problem in self.problems if problem.is_warning]

    def to_json(self) -> dict[str, Any]:
        """What is kept for ever: the counts, and the problems up to a bound that keeps the row small."""
        return {
            "counts": self.counts,
            "files": {kind: asdict(facts) for kind, facts in self.files.items()},
            "new_products": list(self.new_products[:STORED_PROBLEMS]),
            "errors": len(self.errors),
            "warnings": len(self.warnings),
            "problems": [problem.to_json() for problem in self.problems[:STORED_PROBLEMS]],
        }


def report_of(plan: ImportPlan, run_id: int | None = None) -> ImportReport:
    """The report of a plan, for a preview or after it was written."""
    return ImportReport(
        run_id=run_id,
        files=plan.files,
        counts=plan.counts(),
        new_products=tuple(product.name for product in plan.products),
        problems=plan.problems,
        outcomes=plan.outcomes,
        needs_cut_over_date=plan.needs_cut_over_date,
    )
