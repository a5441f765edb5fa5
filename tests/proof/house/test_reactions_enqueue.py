"""What follows stands in ``reactions``: no screen and no command enqueues a job, and none is named by a string."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3] / "src" / "kundenkontor"
DEFERS = {
    "reactions.py": "the table of what follows",
    "messaging/commands.py": "a queued mail is its own job",
    "web/sign_in/views.py": "the wish of a stranger is no event",
    "web/jobs.py": "enqueues nothing: it names the job of sign-in where the worker looks for jobs",
}
SHOWS_THE_QUEUE = {"office/home.py", "office/control/system.py", "billing/queries.py"}
RUNS_THE_QUEUE = {"office/control/commands.py", "jobs/declaring.py", "jobs/upkeep.py", "cli/worker.py"}


def files() -> Iterator[tuple[str, ast.Module]]:
    for file in SOURCE.rglob("*.py"):
        if "migrations" not in file.parts:
            yield str(file.relative_to(SOURCE)), ast.parse(file.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> set[str]:
    return {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def test_only_reactions_enqueue_jobs() -> None:
    found = {
        place
        for place, tree in files()
        if any(name.startswith("kundenkontor.") and name.endswith(".jobs") for name in imported(tree))
    }
    assert found - DEFERS.keys() == set()
    assert DEFERS.keys() - found == set()


def test_no_job_is_enqueued_past_its_function() -> None:
    found = {place for place, tree in files() if any(name.startswith("procrastinate") for name in imported(tree))}
    assert found == SHOWS_THE_QUEUE | RUNS_THE_QUEUE
