"""Where the desks show a paper."""

from __future__ import annotations

from kundenkontor.papers.kinds import kind_of
from kundenkontor.papers.models import OfPaper
from kundenkontor.web.addresses import address_of


def paper_url(row: OfPaper) -> str:
    """The page of the paper that a row belongs to."""
    return address_of(f"office:{kind_of(row.paper_kind).page}", row.paper_id)
