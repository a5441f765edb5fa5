"""Storing bytes, and choices of many files."""

from __future__ import annotations

import hashlib
import logging
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from kundenkontor.documents.listing import ChosenFile, write_listing
from kundenkontor.documents.models import DamagedFile, DownloadSelection, StoredFile
from kundenkontor.documents.storage import storage
from kundenkontor.kernel import limits
from kundenkontor.kernel.clock import utc_now

logger = logging.getLogger(__name__)
SELECTIONS_KEPT = timedelta(days=7)


def store_file(content: bytes, media_type: str) -> StoredFile:
    """Store bytes once and return their row; the same bytes again are the same row."""
    return store_files([(content, media_type)])[0]


def store_files(contents: Sequence[tuple[bytes, str]]) -> list[StoredFile]:
    """Store (bytes, media type) pairs and return their rows in order.

    The bytes are on disk before their row exists, so a row never names a file that is not there; a crash in
    between leaves bytes without a row, which harm nobody.
    """
    hashes = [hashlib.sha256(content).hexdigest() for content, _ in contents]
    storage().write(zip(hashes, (content for content, _ in contents), strict=True))
    now = utc_now()
    rows = {
        sha256: StoredFile(
            sha256=sha256, size=len(content), crc32=zlib.crc32(content), media_type=media_type, created_at=now
        )
        for sha256, (content, media_type) in zip(hashes, contents, strict=True)
    }
    ordered = [rows[sha256] for sha256 in sorted(rows)]  # in order, so that two batches never deadlock
    StoredFile.objects.bulk_create(ordered, ignore_conflicts=True)
    stored = {row.sha256: row for row in StoredFile.objects.filter(sha256__in=list(rows))}
    return [stored[sha256] for sha256 in hashes]


def note_damage(hashes: Iterable[str]) -> None:
    """Whoever found stored files missing or damaged says so, once each: the worker makes them again (``papers``)."""
    for file in StoredFile.objects.filter(sha256__in=list(hashes)):
        _, is_new = DamagedFile.objects.get_or_create(file=file, defaults={"found_at": utc_now()})
        if is_new:
            logger.error("the stored file %s (%s) is missing or damaged", file.sha256, file.media_type)


def purge_selections() -> int:
    """Forget choices that nobody will resume any more; the documents stay. Returns how many."""
    gone, _ = DownloadSelection.objects.filter(created_at__lt=utc_now() - SELECTIONS_KEPT).delete()
    return gone


def freeze_selection(
    user_id: int, customer_id: int, texts: Mapping[str, bytes], files: Sequence[ChosenFile]
) -> DownloadSelection:
    """Keep which files a login chose for a customer, in this order, with texts by name in front.

    The oldest choices of the login go: nobody fills the disk by choosing.
    """
    selection = DownloadSelection.objects.create(
        user_id=user_id,
        customer_id=customer_id,
        text_names=list(texts),
        texts=list(texts.values()),
        listing=write_listing(files),
        file_count=len(files),
        file_bytes=sum(file.stored.size for file in files),
        file_name_length=sum(len(file.name) for file in files),
        created_at=utc_now(),
    )
    own = DownloadSelection.objects.filter(user_id=user_id)
    newest = own.order_by("-pk").values_list("pk", flat=True)[: limits.SELECTIONS_OF_A_LOGIN]
    own.exclude(pk__in=list(newest)).delete()
    return selection
