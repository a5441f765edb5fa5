"""The table of stored files."""

from __future__ import annotations

from django.db import models


class StoredFile(models.Model):
    """Bytes that were written once. ``crc32`` and ``size`` let a ZIP be streamed without reading ahead. Insert-only."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    crc32 = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    created_at = models.DateTimeField()
