"""Tables of the audit trail and the business clock."""

from __future__ import annotations

from typing import cast

from django.db import models
from django.db.models import Q

from kundenkontor.events.actor import Actor, ActorKind
from kundenkontor.kernel.tables import OF_NO_CUSTOMER, TableFacts, of_customer

RESTORATION_CAUSES = ["backup", "anchors"]


class Event(models.Model):
    """Something that happened, and who did it. Insert-only.

    ``document_hash`` holds the SHA-256 of the rows that the event is about, over the columns of ``hash_version``, so
    that the sealed chain covers them too (I-D5); see ``hashing``.
    """

    facts = TableFacts(of_customer(), insert_only=True, checks=("events_are_chained",))

    name = models.CharField(max_length=60)
    occurred_at = models.DateTimeField()
    business_date = models.DateField()
    actor_kind = models.CharField(max_length=10)
    actor_label = models.CharField(max_length=150)
    actor_user_id = models.BigIntegerField(null=True)
    seller_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    subject_id = models.BigIntegerField(null=True)
    reference = models.CharField(max_length=80, blank=True)
    payload = models.JSONField(default=dict)
    document_hash = models.BinaryField(null=True, max_length=32)
    hash_version = models.SmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(document_hash__isnull=True, hash_version__isnull=True)
                | Q(document_hash__isnull=False, hash_version__isnull=False),
                name="a_hash_says_its_version",
            ),
        ]
        indexes = [
            models.Index(fields=["reference", "-id"], name="batches_of_rows", condition=Q(name="rows.sealed")),
            models.Index(
                fields=["customer_id", "-id"], name="events_of_a_customer", condition=Q(customer_id__isnull=False)
            ),
        ]

    @property
    def actor(self) -> Actor:
        """Who did it, for what follows from it."""
        return Actor(cast(ActorKind, self.actor_kind), self.actor_label, self.actor_user_id)

    def __str__(self) -> str:
        return f"{self.name} {self.reference}".strip()


class EventSeal(models.Model):
    """One link of the hash chain: hash = HMAC-SHA-256 with a key over previous hash + canonical event. Insert-only.

    ``key_id`` names the key, which lies outside the database (``keys.py``).
    """

    facts = TableFacts(OF_NO_CUSTOMER, insert_only=True, checks=("events_are_chained",))

    sequence = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, models.PROTECT, related_name="seal", db_constraint=False)
    key_id = models.CharField(max_length=16)
    hash = models.BinaryField(max_length=32)


class SealAnchor(models.Model):
    """The chain's end at a moment, with the last numbers given by then. Insert-only.

    It is also written outside the database, so that a rewritten chain and a restored database show.
    """

    facts = TableFacts(OF_NO_CUSTOMER, insert_only=True, checks=("anchors_are_written_twice",))

    sequence = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField(max_length=32)
    anchored_at = models.DateTimeField()
    numbers = models.JSONField(default=dict)  # the last place by series, as ``<seller id>/<kind>/<year>``


class Restoration(models.Model):
    """That the database is of an older state: from a backup, or found behind its anchors. Insert-only.

    Nothing is issued until somebody said which numbers were sent last (``invoicing``). ``sequence`` was the last seal;
    later ones that were anchored before are lost and excused.
    """

    facts = TableFacts(OF_NO_CUSTOMER, insert_only=True, checks=("restorations_are_as_recorded",))

    noted_at = models.DateTimeField()
    cause = models.CharField(max_length=10)
    sequence = models.BigIntegerField()
    numbers = models.JSONField(default=dict)  # the last ones known of from outside, as in an anchor

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cause__in=RESTORATION_CAUSES), name="a_restoration_has_a_cause"),
        ]


class BusinessClock(models.Model):
    """One row: how many days the business date is ahead of the calendar. Forward only; demo and test mode only."""

    facts = TableFacts(OF_NO_CUSTOMER, portal=True)

    singleton = models.BooleanField(primary_key=True, default=True)
    offset_days = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(singleton=True), name="there_is_one_business_clock")]


class DayMark(models.Model):
    """That something which happens once a business day (or month, by its first day) was begun."""

    facts = TableFacts(OF_NO_CUSTOMER)

    task = models.CharField(max_length=60)
    day = models.DateField()
    marked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("task", "day", name="a_daily_task_begins_once_a_day")]
