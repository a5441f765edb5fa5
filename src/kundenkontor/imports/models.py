"""What was imported, when and by whom; and files that were uploaded and not taken in yet."""

from __future__ import annotations

from typing import Any

from django.db import models

from kundenkontor.kernel.errors import DomainError
from kundenkontor.kernel.tables import OF_NO_CUSTOMER, TableFacts
from kundenkontor.parties.models import Seller

UPLOAD_STATES = ["previewed", "waiting", "done", "failed"]


class ImportRun(models.Model):
    """One import of customers and contracts with its line-by-line report."""

    facts = TableFacts(OF_NO_CUSTOMER)

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="imports")
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=150)
    cut_over_date = models.DateField(null=True)
    files = models.JSONField(default=list)  # [[name, sha256], …]
    report = models.JSONField(default=dict)


class ImportUpload(models.Model):
    """Two CSV files between upload and import: previewed, then taken in by a job. The bytes go when that is done.

    ``progress`` is [step, rows done, rows in all]; it is written beside the import's own transaction.
    """

    facts = TableFacts(OF_NO_CUSTOMER)

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    customers_file = models.BinaryField(null=True)
    contracts_file = models.BinaryField(null=True)
    customers_name = models.CharField(max_length=200, blank=True)
    contracts_name = models.CharField(max_length=200, blank=True)
    cut_over_date = models.DateField(null=True, blank=True)
    next_numbers = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="previewed")
    progress = models.JSONField(default=list)
    refusal = models.JSONField(null=True)  # why it failed
    run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField()
    uploaded_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=UPLOAD_STATES), name="an_upload_is_in_a_state")
        ]

    @property
    def error(self) -> str:
        """Why it failed, in the reader's language; empty where it did not."""
        return str(DomainError.restore(**self.refusal)) if self.refusal else ""

    @property
    def contents(self) -> tuple[bytes | None, bytes | None]:
        """Customers and contracts, as ``import_files`` takes them."""
        return _bytes(self.customers_file), _bytes(self.contracts_file)


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)
