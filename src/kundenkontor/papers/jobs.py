"""Background entries of papers."""

from __future__ import annotations

from kundenkontor.events.actor import SYSTEM, Actor
from kundenkontor.events.queries import business_date
from kundenkontor.jobs.declaring import job
from kundenkontor.papers.commands import render_papers
from kundenkontor.papers.kinds import kind_of
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
