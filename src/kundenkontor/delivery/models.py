"""The send ledger."""

from __future__ import annotations

from django.db import models

from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.errors import DomainError
from kundenkontor.kernel.tables import TableFacts, of_document
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.papers.models import OWNER_IS_ASKED, OfPaper

STATES = ["waiting", "queued", "parked"]
REMINDERS = ["upcoming", "overdue"]


class Delivery(OfPaper):
    """That a paper goes to a recipient over a channel: once, by constraint (I-D4), or why not."""

    facts = TableFacts(
        of_document("paper_id"),
        portal=True,
        checks=("papers_are_of_their_customer", "deliveries_are_mailed", "rows_are_as_sealed"),
        triggers=(OWNER_IS_ASKED,),
        sealed=("id", "paper_kind", "paper_id", "customer_id", "number", "channel", "created_at"),
    )

    number = models.CharField(max_length=40)  # the paper's, as people know it
    channel = models.CharField(max_length=10, default="email")
    recipient = models.CharField(max_length=320, blank=True)
    state = models.CharField(max_length=10)
    parked_reason = models.CharField(max_length=300, blank=True)
    mail = models.ForeignKey(OutgoingMail, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("paper_id", "paper_kind", "channel", name="a_document_is_sent_once_per_channel"),
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="a_delivery_is_in_a_state"),
        ]
        indexes = [
            models.Index(fields=["customer_id", "-id"], name="deliveries_of_a_customer"),
            models.Index(fields=["created_at"], name="deliveries_that_wait", condition=models.Q(state="waiting")),
        ]

    @property
    def reason(self) -> str:
        """Why it was put aside, in the reader's language; "" where it was not."""
        return str(DomainError.restore(self.parked_reason, {})) if self.parked_reason else ""


class Reminder(models.Model):
    """A reminder before or after the due date; never twice per invoice. Insert-only."""

    facts = TableFacts(of_document(), insert_only=True, checks=("reminders_are_as_recorded",))

    customer_id = models.BigIntegerField()
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=10)
    mail = models.ForeignKey(OutgoingMail, models.PROTECT, related_name="+")
    sent_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint("invoice", "kind", name="a_reminder_is_sent_once_per_invoice"),
            models.CheckConstraint(condition=models.Q(kind__in=REMINDERS), name="a_reminder_is_of_a_kind"),
        ]
