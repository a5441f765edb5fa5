"""What a reader picked for a download."""

from __future__ import annotations

from django.db import models

from kundenkontor.access.models import User
from kundenkontor.parties.models import Customer


class DownloadSelection(models.Model):
    """Documents that a login chose for a ZIP; the row is bound to the login, so that ranges resume the same bytes."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    kinds = models.CharField(max_length=7)  # pdf, xml, pdf+xml
    invoice_ids = models.JSONField(null=True)  # chosen ones, or null: all of the period
    issued_from = models.DateField(null=True)
    issued_until = models.DateField(null=True)
    last_invoice_id = models.BigIntegerField()  # nothing issued later slips in
    overview_sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
