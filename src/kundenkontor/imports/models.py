"""What was imported, when and by whom."""

from __future__ import annotations

from django.db import models

from kundenkontor.parties.models import Seller


class ImportRun(models.Model):
    """One import of customers and contracts with its line-by-line report."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="imports")
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=150)
    cut_over_date = models.DateField(null=True)
    files = models.JSONField(default=list)  # [[name, sha256], …]
    report = models.JSONField(default=dict)
