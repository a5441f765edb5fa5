"""Stored files, and choices of many of them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kundenkontor.jobs.attempts import Attempt
from kundenkontor.kernel.tables import OF_NO_CUSTOMER, TableFacts, of_customer


class StoredFile(models.Model):
    """Bytes that were written once. ``crc32`` and ``size`` let a ZIP be streamed without reading ahead. Insert-only."""

    facts = TableFacts(
        OF_NO_CUSTOMER,
        portal=True,
        insert_only=True,
        checks=("files_are_unchanged", "rows_are_as_sealed"),
        sealed=("id", "sha256", "size", "crc32", "media_type", "created_at"),
    )

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    crc32 = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    created_at = models.DateTimeField()


class DamagedFile(Attempt):
    """A stored file that somebody found missing or damaged: made again where that gives its hash, until staff has to
    look; gone once it is whole."""

    facts = TableFacts(OF_NO_CUSTOMER)

    file = models.OneToOneField(StoredFile, models.PROTECT, related_name="+")
    found_at = models.DateTimeField()

    class Meta(Attempt.Meta):
        pass


class DownloadSelection(models.Model):
    """Files that a login chose for a ZIP; the row is bound to the login, so that ranges resume the same bytes.

    The files are frozen in the order of the archive, a line each in ``listing`` (``documents/listing.py``), with their
    sums: the length is known without reading them, what is rendered later never slips between two ranges, and an
    archive asks the database once, not for each of its files. The texts in front of them (an overview,
    what is missing) are of this choice alone and go with it; stored files stay for ever.
    """

    facts = TableFacts(of_customer(), portal=True)

    user_id = models.BigIntegerField()
    customer_id = models.BigIntegerField()
    text_names = ArrayField(models.CharField(max_length=150))
    texts = ArrayField(models.BinaryField())
    listing = models.TextField()
    file_count = models.PositiveIntegerField()
    file_bytes = models.BigIntegerField()
    file_name_length = models.BigIntegerField()
    created_at = models.DateTimeField()
