"""Reading the files of papers."""

from __future__ import annotations

from django.db.models import QuerySet

from kundenkontor.documents.models import StoredFile
from kundenkontor.papers.kinds import Paper
from kundenkontor.papers.models import PaperFile


def files_of(paper: Paper) -> QuerySet[PaperFile]:
    """What is stored of a paper."""
    return PaperFile.objects.filter(paper_kind=paper.kind, paper_id=paper.id)


def find_file(paper: Paper, name: str) -> StoredFile | None:
    """The stored PDF or XML of a paper, if it is rendered."""
    link = files_of(paper).select_related("file").filter(kind=name).first()
    return None if link is None else link.file
