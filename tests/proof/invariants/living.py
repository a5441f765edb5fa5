"""A living database: three months of the demo's provider, rendered (by stand-ins), mailed, paid, corrected, sealed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import connection

from kundenkontor import demo
from kundenkontor.access.models import User
from kundenkontor.delivery.commands import deliver_waiting, plan_deliveries
from kundenkontor.delivery.models import Delivery
from kundenkontor.delivery.reminders import send_reminders
from kundenkontor.documents.commands import store_file
from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.queries import business_date
from kundenkontor.integrity import keep_evidence
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.papers.kind import INVOICE
from kundenkontor.invoicing.search import index_invoices
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.commands import send_letter
from kundenkontor.messaging.letters.email_changed import EmailChanged
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.papers.commands import _store
from kundenkontor.papers.models import RenderFailure
from kundenkontor.parties.commands import change_customer_data
from kundenkontor.parties.models import Contact, Customer, Seller
from kundenkontor.payments.commands import offset_balance, refund_balance, reverse_payment, undo_allocation
from kundenkontor.payments.models import Allocation
from kundenkontor.printing.pool import Rendered
from kundenkontor.receivables.claims import IS_OWED, IS_OWED_BACK
from kundenkontor.receivables.models import OpenItem
from tests.support.builders import CLARA
from tests.support.money import pay


def live() -> None:
    """Fill an empty database with what a provider has after three months, and leave no job waiting."""
    demo.fill(lambda step: None)
    today = business_date()
    seller = Seller.objects.get()
    ids = list(Invoice.objects.order_by("pk").values_list("pk", flat=True))
    render_stand_ins(ids[:-1])
    fail_to_render(ids[-1])
    index_invoices(ids)
    send(seller, ids, today)
    move_money(seller, today)
    customer = seller.customers.order_by("pk").first()
    assert customer is not None
    change_customer_data(
        customer, {"street": "Neue Gasse 1", "postal_code": "1010", "city": "Wien"}, on=today, actor=CLARA
    )
    send_letter(EmailChanged(username="clara", home="https://x.example"), to="clara@demo.example", language="de")
    store_file(b"%PDF-1.7 an attachment", "application/pdf")
    later = list(Invoice.objects.exclude(pk__in=ids).values_list("pk", flat=True))
    render_stand_ins(later)
    index_invoices(later)
    OutgoingMail.objects.update(state="done", next_attempt_at=None, sent_at=utc_now())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    keep_evidence(0)


def render_stand_ins(ids: list[int]) -> None:
    """Files of documents, without rendering them."""
    stand_ins = [Rendered(str(id_), f"%PDF-1.7 {id_}".encode(), f"<xml>{id_}</xml>".encode()) for id_ in ids]
    _store(INVOICE, stand_ins, on=business_date(), actor=SYSTEM)


def fail_to_render(id_: int) -> None:
    (paper,) = INVOICE.find([id_])
    RenderFailure.objects.create(
        paper_kind=paper.kind, paper_id=id_, customer_id=paper.customer_id, number=paper.number, attempts=1,
        next_attempt_at=utc_now() + timedelta(days=1), last_error="no such letter",
    )  # fmt: skip


def send(seller: Seller, ids: list[int], today: date) -> None:
    """Nearly all are mailed; one waits for its PDF, one has no recipient; what is overdue is reminded of."""
    nobody = Invoice.objects.get(pk=ids[-2]).customer_id
    Contact.objects.filter(customer=nobody).delete()
    Customer.objects.filter(pk=nobody).update(email="")
    Delivery.objects.filter(customer=nobody).delete()
    plan_deliveries(INVOICE.find(ids), on=today, actor=CLARA)
    deliver_waiting(INVOICE, ids, on=today, actor=CLARA)
    states = set(Delivery.objects.values_list("state", flat=True))
    assert states == {"queued", "waiting", "parked"}
    Seller.objects.filter(pk=seller.pk).update(reminds_after_days=5, payments_booked_until=today - timedelta(days=1))
    seller.refresh_from_db()
    assert send_reminders(seller, on=today, actor=SYSTEM)


def move_money(seller: Seller, today: date) -> None:
    """Two payments of one customer, one that waits, an allocation and a payment undone, an offset, and refunds."""
    owed = OpenItem.objects.filter(IS_OWED, seller_id=seller.pk, open_amount__gt=5).order_by("pk")
    items = list(owed.filter(invoice__corrections=None)[:4])
    customer = items[0].customer
    for amount in ("1.00", "2.00"):
        pay(customer, amount, today, on=today, allocations=[(items[0].pk, Decimal(amount))])
    pay(customer, "77.00", today, on=today, allocations=[])
    pay(items[1].customer, "3.00", today, on=today, is_waiting=True)
    mistaken = pay(items[2].customer, "4.00", today, on=today, allocations=[(items[2].pk, Decimal("4.00"))])
    undo_allocation(Allocation.objects.get(payment=mistaken), reason="wrong document", on=today, actor=CLARA)
    reverse_payment(pay(items[3].customer, "1.50", today, on=today), reason="returned", on=today, actor=CLARA)
    balance = OpenItem.objects.filter(IS_OWED_BACK, customer=customer, open_amount__gte=77).get()
    offset_balance(balance, items[0], Decimal("1.00"), on=today, actor=CLARA)
    refund_balance(balance, Decimal("10.00"), reference="IBAN of the customer", on=today, actor=CLARA)
    assert User.objects.filter(staff_role="clerk").exists()
