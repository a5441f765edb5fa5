"""What follows stands in ``reactions``: no screen and no command enqueues a job, and none is named by a string."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.proof.house.test_http_in_faces_only import imported_modules

SOURCE = Path(__file__).resolve().parents[3] / "src" / "kundenkontor"
DEFERS = {
    "reactions.py": "the table of what follows",
    "messaging/commands.py": "a queued mail is its own job",
    "papers/waiting.py": "whoever waits for a file is no event",
    "web/sign_in/views.py": "the wish of a stranger is no event",
    "web/jobs.py": "enqueues nothing: it names the job of sign-in where the worker looks for jobs",
}
SHOWS_THE_QUEUE = {"office/home.py", "office/control/system.py", "billing/queries.py", "jobs/queries.py"}
RUNS_THE_QUEUE = {"office/control/commands.py", "jobs/declaring.py", "jobs/upkeep.py", "cli/worker.py"}


def files_that_import(is_meant: Callable[[str], bool]) -> set[str]:
    """Wherever in the file, and however it is spelled: a module, or a name out of its package."""
    return {
        str(file.relative_to(SOURCE))
        for file in SOURCE.rglob("*.py")
        if "migrations" not in file.parts and any(map(is_meant, imported_modules(file)))
    }


def is_jobs(name: str) -> bool:
    """A module of jobs, a job in it, or a package's ``jobs``."""
    package, *rest = name.split(".")
    return package == "kundenkontor" and rest[:1] != ["jobs"] and "jobs" in rest


def test_only_reactions_enqueue_jobs() -> None:
    found = files_that_import(is_jobs)
    assert found - DEFERS.keys() == set()
    assert DEFERS.keys() - found == set()


def test_no_job_is_enqueued_past_its_function() -> None:
    found = files_that_import(lambda name: name.startswith("procrastinate"))
    assert found == SHOWS_THE_QUEUE | RUNS_THE_QUEUE


def test_a_job_is_seen_however_it_is_imported(tmp_path: Path) -> None:
    spellings = (
        "from kundenkontor.delivery import jobs",
        "from kundenkontor.delivery.jobs import deliver",
        "import kundenkontor.delivery.jobs",
        "def later():\n    from kundenkontor.delivery import jobs as work",
    )
    for text in spellings:
        (tmp_path / "screen.py").write_text(text)
        assert any(map(is_jobs, imported_modules(tmp_path / "screen.py"))), text
    (tmp_path / "screen.py").write_text("from kundenkontor.jobs.declaring import job")
    assert not any(map(is_jobs, imported_modules(tmp_path / "screen.py")))
