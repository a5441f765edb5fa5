"""The keys that make a submit happen once."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class IdempotencyKey(models.Model):
    """A submit of a login and its answer: in the command's transaction, so it exists exactly if the effect does."""

    login = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    location = models.CharField(max_length=500, blank=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["login", "key"], name="a_submit_of_a_login_happens_once")]
        indexes = [models.Index(fields=["created_at"], name="submits_by_age")]
