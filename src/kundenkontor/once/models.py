"""The answers that were given."""

from __future__ import annotations

from django.db import models

from kundenkontor.kernel.tables import OF_NO_CUSTOMER, TableFacts


class GivenAnswer(models.Model):
    """A request of a principal and its answer: in the command's transaction, so it exists exactly if the effect does.

    ``digest`` is ``digest_of`` the request. Rows go after 30 days, and with them what was answered.
    """

    facts = TableFacts(OF_NO_CUSTOMER)

    principal = models.CharField(max_length=80)
    key = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("principal", "key", name="a_request_with_a_key_happens_once")]
        indexes = [models.Index("created_at", name="given_answers_by_age")]
