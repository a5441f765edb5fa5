"""What a reader picked for a download."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kundenkontor.access.models import User
from kundenkontor.parties.models import Customer


class DownloadSelection(models.Model):
    """Documents that a login chose for a ZIP; the row is bound to the login, so that ranges resume the same bytes.

    The files are frozen with their sums: the length is known without reading them, and what is rendered
    later never slips between two ranges. ``file_ids`` are in the order of the archive.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    kinds = models.CharField(max_length=7)  # pdf, xml, pdf+xml
    invoice_ids = models.JSONField(null=True)  # chosen ones, or null: all of the period
    issued_from = models.DateField(null=True)
    issued_until = models.DateField(null=True)
    last_invoice_id = models.BigIntegerField()  # nothing issued later slips in
    overview_sha256 = models.CharField(max_length=64, blank=True)
    file_ids = ArrayField(models.BigIntegerField(), default=list)
    file_bytes = models.BigIntegerField(default=0)
    file_name_length = models.BigIntegerField(default=0)
    file_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
