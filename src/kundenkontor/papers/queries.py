"""Reading the files of papers."""

from __future__ import annotations

from django.db.models import QuerySet

from kundenkontor.documents.models import StoredFile
from kundenkontor.kernel.clock import utc_now
from kundenkontor.papers.kinds import Paper, ids_by_kind
from kundenkontor.papers.models import PaperFile, RenderFailure


def files_of(paper: Paper) -> QuerySet[PaperFile]:
    """What is stored of a paper."""
    return PaperFile.objects.filter(paper_kind=paper.kind, paper_id=paper.id)


def find_file(paper: Paper, name: str) -> StoredFile | None:
    """The stored PDF or XML of a paper, if it is rendered."""
    link = files_of(paper).select_related("file").filter(kind=name).first()
    return None if link is None else link.file


def list_due_renderings(limit: int) -> dict[str, list[int]]:
    """What failed and is to be tried again now, the longest waiting first: ids by kind."""
    due = RenderFailure.objects.filter(next_attempt_at__lte=utc_now()).order_by("next_attempt_at")
    return ids_by_kind(due.values_list("paper_kind", "paper_id")[:limit])
