"""Reminders before and after the due date: off by default, without fee, never twice for a document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import DecimalField, Exists, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from kundenkontor.delivery.letters import reminder_letter
from kundenkontor.delivery.models import Reminder
from kundenkontor.delivery.queries import recipients_of
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import REMINDER_OVERDUE, REMINDER_UPCOMING
from kundenkontor.invoicing.models import Correction, Invoice
from kundenkontor.kernel.money import CENT, ZERO
from kundenkontor.messaging.commands import send_letter
from kundenkontor.parties.models import Seller
from kundenkontor.payments.queries import list_unbooked
from kundenkontor.receivables.claims import IS_OWED
from kundenkontor.receivables.commands import lock_items
from kundenkontor.receivables.models import CustomerTotals, OpenItem

MONEY = DecimalField(max_digits=14, decimal_places=2)
KINDS = {"upcoming": REMINDER_UPCOMING, "overdue": REMINDER_OVERDUE}


def may_remind(seller: Seller, kind: str, on: date) -> bool:
    """Whether a reminder is switched on and may go out on a day.

    The Zahlungserinnerung needs payments booked until the day before: nobody is reminded of what he has paid (I-R1).
    """
    if kind == "upcoming":
        return seller.reminds_before_days is not None
    booked = seller.payments_booked_until
    return seller.reminds_after_days is not None and booked is not None and booked >= on - timedelta(days=1)


def send_reminders(seller: Seller, *, on: date, actor: Actor) -> int:
    """Queue every reminder that is due on a business date; return how many mails. Doing it again sends nothing.

    One mail per customer and kind lists all documents. Customers without an address get none.
    """
    sent = 0
    for kind in KINDS:
        by_customer: dict[int, list[int]] = defaultdict(list)
        for item_id, customer_id in items_to_remind(seller, kind, on).values_list("pk", "customer_id"):
            by_customer[customer_id].append(item_id)
        addresses = recipients_of(by_customer)
        for customer_id, item_ids in by_customer.items():
            if customer_id in addresses:
                sent += _remind(seller, kind, item_ids, addresses[customer_id], on=on, actor=actor)
    return sent


def items_to_remind(seller: Seller, kind: str, on: date) -> QuerySet[OpenItem]:
    """Open invoices, not cancelled, not yet reminded; none while the reminder may not go out.

    The customer's whole account counts: what is due by then, less what we owe back, must be the seller's smallest sum
    at least. Whose money has arrived but is not booked yet is not reminded: it may be for these documents (I-R1).
    """
    if not may_remind(seller, kind, on):
        return OpenItem.objects.none()
    items = OpenItem.objects.filter(_due(seller, kind, on), seller_id=seller.pk, open_amount__gt=0, invoice__sign=1)
    items = items.filter(~Exists(list_unbooked().filter(customer=OuterRef("customer"))))
    smallest = max(seller.reminds_from_amount, CENT)
    items = items.annotate(owed=_owed_on_balance(seller, kind, on)).filter(owed__gte=smallest)
    reminded = Reminder.objects.filter(invoice=OuterRef("invoice"), kind=kind)
    cancelled = Correction.objects.filter(original=OuterRef("invoice"), is_full=True)
    return items.filter(~Exists(reminded), ~Exists(cancelled)).order_by("customer", "due_date")


def _owed_on_balance(seller: Seller, kind: str, on: date) -> CombinedExpression:
    """What the customer of an item owes by the day that a kind of reminder is about, less the customer's balances."""
    last_day = _last_day(seller, on) if kind == "upcoming" else on - timedelta(days=1)
    due = OpenItem.objects.filter(IS_OWED, customer=OuterRef("customer"), open_amount__gt=0, due_date__lte=last_day)
    owed = due.order_by().values("customer").annotate(sum=Sum("open_amount")).values("sum")
    balance = CustomerTotals.objects.filter(customer=OuterRef("customer")).values("balance_amount")
    return _amount(owed) - _amount(balance)


def _amount(row: QuerySet[Any, Any]) -> Coalesce:
    """The one value of a row, nought without one."""
    return Coalesce(Subquery(row, output_field=MONEY), Value(ZERO), output_field=MONEY)


def _last_day(seller: Seller, on: date) -> date:
    return on + timedelta(days=seller.reminds_before_days or 0)


def _due(seller: Seller, kind: str, on: date) -> Q:
    if kind == "upcoming":
        return Q(due_date__gt=on, due_date__lte=_last_day(seller, on), invoice__issue_date__lt=on)
    return Q(due_date__lt=on, due_date__lte=on - timedelta(days=seller.reminds_after_days or 0))


@transaction.atomic
def _remind(seller: Seller, kind: str, item_ids: Sequence[int], to: str, *, on: date, actor: Actor) -> int:
    """One mail. The items are locked and asked again: a payment in between wins, and so does another worker."""
    locked = lock_items(item_ids)
    still = items_to_remind(seller, kind, on).filter(pk__in=list(locked))
    open_amounts = {id_: locked[item_id].open_amount for id_, item_id in still.values_list("invoice", "pk")}
    if not open_amounts:
        return 0
    snapshots = Invoice.objects.select_related("seller_snapshot", "customer_snapshot")
    invoices = snapshots.filter(pk__in=list(open_amounts)).order_by("due_date", "pk")
    rows = [(invoice, open_amounts[invoice.pk]) for invoice in invoices]
    first = rows[0][0]
    balance = CustomerTotals.objects.values_list("balance_amount", flat=True).get(customer=first.customer_id)
    letter = reminder_letter(kind, rows, balance)
    mail = send_letter(letter, to=to, language=first.language, seller=seller, customer_id=first.customer_id)
    Reminder.objects.bulk_create(
        [
            Reminder(customer_id=invoice.customer_id, invoice=invoice, kind=kind, mail=mail, sent_on=on)
            for invoice, _ in rows
        ]
    )
    record_events(KINDS[kind], [_subject_of(invoice) for invoice, _ in rows], actor=actor, on=on)
    return 1


def _subject_of(invoice: Invoice) -> Subject:
    return Subject(invoice.pk, invoice.number, invoice.customer_id, invoice.seller_id)
