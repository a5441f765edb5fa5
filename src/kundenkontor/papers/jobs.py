"""Background entries of papers."""

from __future__ import annotations

from kundenkontor.documents.models import DamagedFile
from kundenkontor.events.actor import SYSTEM, Actor
from kundenkontor.events.queries import business_date
from kundenkontor.jobs.declaring import job
from kundenkontor.papers import unstored_commands as commands
from kundenkontor.papers.commands import mend_files, render_now, render_papers
from kundenkontor.papers.kinds import kind_of
from kundenkontor.papers.models import PaperFile
from kundenkontor.papers.queries import list_due_renderings

DUE_BATCH = 100


@job("render", queue="render")
def render(kind: str, ids: list[int], actor: Actor) -> None:
    """Make the files of up to 500 papers of a kind."""
    render_papers(kind_of(kind), ids, on=business_date(), actor=actor)


@job("render_due", queue="render", cron="* * * * *", only_one=True)
def render_due(timestamp: int) -> None:
    """Once a minute: what failed and whose pause is over, and what a worker died over."""
    for kind, ids in list_due_renderings(DUE_BATCH).items():
        render_papers(kind_of(kind), ids, on=business_date(), actor=SYSTEM)


@job("render_for_reader", queue="readers")
def render_for_reader(kind: str, id_: int, name: str, actor: Actor) -> None:
    """A file that somebody waits for: made if it does not exist yet, made again if its bytes are damaged."""
    on = business_date()
    render_now(kind_of(kind), id_, name, on=on, actor=actor)
    files = PaperFile.objects.filter(paper_kind=kind, paper_id=id_, kind=name).values("file_id")
    mend_files(DamagedFile.objects.filter(file_id__in=files), on=on, actor=actor)


@job("render_for_readers", queue="readers")
def render_for_readers(kind: str, ids: list[int], actor: Actor) -> None:
    """Files of several papers that somebody waits for."""
    render_papers(kind_of(kind), ids, on=business_date(), actor=actor)


@job("make_unstored", queue="readers")
def make_unstored(id_: int) -> None:
    """What somebody wants to look at without keeping it."""
    commands.make_unstored(id_)


@job("purge_unstored", queue="checks", cron="23 * * * *", only_one=True)
def purge_unstored(timestamp: int = 0) -> None:
    """Once an hour."""
    commands.purge_unstored()


@job("mend_due", queue="render", cron="* * * * *", only_one=True)
def mend_due(timestamp: int) -> None:
    """Once a minute: stored files that somebody found damaged, and nobody waits for."""
    mend_files(DamagedFile.objects.all(), on=business_date(), actor=SYSTEM)
