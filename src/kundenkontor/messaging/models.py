"""The outbox."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from kundenkontor.jobs.attempts import Attempt
from kundenkontor.kernel.tables import OF_NO_CUSTOMER, TableFacts, of_customer


class OutgoingMail(Attempt):
    """A mail that is to be sent, or was. The Message-ID is fixed when it is queued: a repeat is the same message.

    Unknown: the server may have taken it and did not say so. It goes again as the same message (I-D4).
    """

    facts = TableFacts(
        of_customer(),
        checks=("rows_are_as_sealed",),
        sealed=(
            "id", "kind", "message_id", "seller_id", "customer_id", "sender", "recipient", "subject", "body",
            "attachments", "related_id", "queued_at",
        ),
        sealed_where="NOT is_secret",
    )  # fmt: skip

    kind = models.CharField(max_length=40)
    message_id = models.CharField(max_length=200, unique=True)
    seller_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    sender = models.CharField(max_length=320)
    recipient = models.CharField(max_length=320)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    is_secret = models.BooleanField(default=False)  # its text is a key: blanked once it was sent, and never shown
    attachments = models.JSONField(default=list)  # [[stored file id, file name], …]
    related_id = models.BigIntegerField(null=True)
    caused_by = models.BigIntegerField(null=True)  # the customer's login that made us send it
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta(Attempt.Meta):
        indexes = [
            *Attempt.Meta.indexes,
            models.Index("id", name="failed_mails", condition=Q(state="failed")),
            models.Index(fields=["customer_id", "-id"], name="mails_of_a_customer"),
            models.Index(Lower("recipient"), "queued_at", name="mails_to_an_address"),
            models.Index("caused_by", "queued_at", name="mails_of_a_login", condition=Q(caused_by__isnull=False)),
        ]

    @property
    def is_restartable(self) -> bool:
        """Not where it held a key: that is gone, and a new one has to be asked for."""
        return super().is_restartable and not self.is_secret


class DemoMail(models.Model):
    """The demo's mailbox: what an SMTP server would have received, byte for byte. Never used in production."""

    facts = TableFacts(OF_NO_CUSTOMER)

    recipient = models.CharField(max_length=320)
    raw = models.BinaryField()
    received_at = models.DateTimeField()
