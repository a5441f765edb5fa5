"""Background entry of papers."""

from __future__ import annotations

from kundenkontor.events.actor import Actor
from kundenkontor.events.queries import business_date
from kundenkontor.jobs.declaring import job
from kundenkontor.papers.commands import render_papers
from kundenkontor.papers.kinds import kind_of


@job("render", queue="render")
def render(kind: str, ids: list[int], actor: Actor) -> None:
    """Make the files of up to 500 papers of a kind."""
    render_papers(kind_of(kind), ids, on=business_date(), actor=actor)
