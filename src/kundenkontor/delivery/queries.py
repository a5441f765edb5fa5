"""Who receives the documents of a customer."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from kundenkontor.delivery.models import Delivery
from kundenkontor.events.models import Event
from kundenkontor.events.names import PAPER_FORWARDED
from kundenkontor.papers.kinds import Paper
from kundenkontor.parties.models import Contact, Customer


def recipients_of(customer_ids: Iterable[int]) -> dict[int, str]:
    """The address of each customer: the contact that receives invoices, else the main contact, else its own.

    Customers without any address are missing.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.id, coalesce(
                (SELECT k.email FROM parties_contact k WHERE k.customer_id = c.id AND k.receives_invoices),
                (SELECT k.email FROM parties_contact k WHERE k.customer_id = c.id AND k."group" = 'main'),
                c.email)
            FROM parties_customer c WHERE c.id = ANY(%s)
            """,
            [sorted(set(customer_ids))],
        )
        return {id_: email for id_, email in cursor.fetchall() if email}


def stored_addresses(customer: Customer) -> list[str]:
    """Every address that documents of this customer may be forwarded to."""
    contacts = Contact.objects.filter(customer=customer).order_by("id").values_list("email", flat=True)
    return list(dict.fromkeys(filter(None, [*contacts, customer.email])))


def is_sent(paper: Paper) -> bool:
    """Whether a mail with it was written, to its recipient or to whom it was passed on."""
    mailed = Delivery.objects.filter(paper_kind=paper.kind, paper_id=paper.id, state="queued")
    forwarded = Event.objects.filter(customer_id=paper.customer_id, subject_id=paper.id, name=PAPER_FORWARDED.name)
    return mailed.exists() or forwarded.filter(payload__kind=paper.kind).exists()
