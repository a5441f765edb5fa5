"""A file for somebody who waits. The worker makes it, in places of its own; here only time passes, and little of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import BoundedSemaphore
from typing import TypeVar

from django.db import connection

from kundenkontor.documents.commands import note_damage
from kundenkontor.documents.models import DamagedFile, StoredFile
from kundenkontor.documents.queries import verify_file
from kundenkontor.events.actor import Actor
from kundenkontor.jobs.queries import is_asked
from kundenkontor.kernel import limits
from kundenkontor.papers.errors import DocumentDamaged, DocumentNotMade, DocumentNotReady, PaperNotReady
from kundenkontor.papers.jobs import make_unstored, render_for_reader, render_for_readers
from kundenkontor.papers.kinds import Frozen, Paper, PaperKind
from kundenkontor.papers.models import RenderFailure
from kundenkontor.papers.queries import find_file
from kundenkontor.papers.unstored_commands import ask_unstored, read_unstored
from kundenkontor.printing.errors import InvalidLogo, RenderingError
from kundenkontor.printing.logo import sample_of

STEP_SECONDS = 0.15
T = TypeVar("T")
_PLACES = BoundedSemaphore(limits.RENDER_WAITS)


def file_for_reader(paper: Paper, name: str = "pdf", *, actor: Actor) -> StoredFile:
    """The PDF or XML of a paper, every byte as it was written. What is not there is asked of the worker, before all
    bulk work, and waited for a few seconds.

    Raises DocumentNotReady, DocumentNotMade, DocumentDamaged. The caller has checked who may read the paper.
    """
    found = _look(paper, name)
    if found is None:
        if not is_asked(render_for_reader, kind=paper.kind, id_=paper.id, name=name):
            render_for_reader.defer(paper.kind, paper.id, name, actor)
        found = wait_for(lambda: _look(paper, name))
    if found is None:
        raise DocumentNotReady(number=paper.number)
    return found


def ask_for_papers(kind: PaperKind, ids: Sequence[int], *, actor: Actor) -> None:
    """The same for several papers that somebody waits for; who asked tells by himself whether they are there."""
    if not is_asked(render_for_readers, kind=kind.code, ids=list(ids)):
        render_for_readers.defer(kind.code, list(ids), actor)


def render_unstored(paper: Frozen) -> bytes:
    """The PDF of what is no paper yet, or never will be; nothing of it is kept beyond an hour.

    Raises PaperNotReady where the worker needs longer, or a RenderingError.
    """
    return _wait_for_unstored(paper.to_json())


def try_logo(logo: bytes) -> None:
    """Set a sample page with a seller's picture, before it stands on documents. Raises InvalidLogo, PaperNotReady."""
    try:
        _wait_for_unstored(sample_of(logo))
    except RenderingError as error:
        raise InvalidLogo("not_rendered") from error


def _wait_for_unstored(document: str) -> bytes:
    asked = ask_unstored(document)
    found = read_unstored(asked.pk)
    if found is None:
        if not is_asked(make_unstored, id_=asked.pk):
            make_unstored.defer(asked.pk)
        found = wait_for(lambda: read_unstored(asked.pk))
    if found is None:
        raise PaperNotReady()
    return found


def wait_for(look: Callable[[], T | None]) -> T | None:
    """Look again and again until there is something, for a bounded time and by few at once; None where there is not.

    Never within a transaction: what was asked in it is known to nobody before it ends.
    """
    if connection.in_atomic_block or not _PLACES.acquire(blocking=False):
        return None
    try:
        until = time.monotonic() + limits.RENDER_WAIT_SECONDS
        while time.monotonic() < until:
            time.sleep(STEP_SECONDS)
            if (found := look()) is not None:
                return found
        return None
    finally:
        _PLACES.release()


def _look(paper: Paper, name: str) -> StoredFile | None:
    """The file, if it is there and whole; None while it may still come. Raises DocumentNotMade, DocumentDamaged."""
    file = find_file(paper, name)
    if file is None:
        if RenderFailure.objects.filter(paper_kind=paper.kind, paper_id=paper.id).exists():
            raise DocumentNotMade(number=paper.number)
        return None
    if verify_file(file):
        return file
    note_damage([file.sha256])
    if DamagedFile.objects.filter(file=file).exclude(last_error="").exists():
        raise DocumentDamaged(number=paper.number)
    return None
