"""Papers for one look: asked for, made by the worker, read and forgotten."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.errors import DomainError
from kundenkontor.papers.commands import render_pool
from kundenkontor.papers.models import UnstoredPaper
from kundenkontor.printing.errors import RenderingError
from kundenkontor.printing.pool import time_for

KEPT = timedelta(hours=1)


def ask_unstored(document: str) -> UnstoredPaper:
    """The row of this content, a new one where nobody looked at it within the hour."""
    sha256 = hashlib.sha256(document.encode()).hexdigest()
    asked = {"document": document, "asked_at": utc_now()}
    return UnstoredPaper.objects.get_or_create(sha256=sha256, defaults=asked)[0]


def make_unstored(id_: int) -> None:
    """Set it, before all bulk work; nothing happens where that was done, or nobody knows it any more."""
    row = UnstoredPaper.objects.filter(pk=id_, pdf__isnull=True, refusal__isnull=True).first()
    if row is None:
        return
    try:
        _xml, row.pdf = render_pool().render(row.document, timeout=2 * time_for(row.document))
    except RenderingError as error:
        row.refusal = error.as_json()
    row.save(update_fields=["pdf", "refusal"])


def read_unstored(id_: int) -> bytes | None:
    """Its PDF; None while it is being made. Raises what it was refused for, a RenderingError, once: who asks again has
    it tried again."""
    row = UnstoredPaper.objects.filter(pk=id_).first()
    if row is not None and row.refusal is not None:
        row.delete()
        raise DomainError.restore(**row.refusal)
    return None if row is None or row.pdf is None else bytes(row.pdf)


def purge_unstored() -> None:
    """Forget what was looked at: it names people."""
    UnstoredPaper.objects.filter(asked_at__lt=utc_now() - KEPT).delete()
