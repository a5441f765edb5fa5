"""Storing bytes."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence

from kundenkontor.documents.models import StoredFile
from kundenkontor.documents.storage import storage
from kundenkontor.kernel.clock import utc_now


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
