"""Getting documents to people: planned once per document and channel, sent when the PDF is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import connection, transaction

from kundenkontor.delivery.errors import AddressNotStored, NoAddress, NothingToRetry
from kundenkontor.delivery.letters import document_letter, file_name, forwarded_document
from kundenkontor.delivery.models import Delivery
from kundenkontor.delivery.queries import recipients_of, stored_addresses
from kundenkontor.documents.models import StoredFile
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import DELIVERY_ASKED, DELIVERY_PARKED, INVOICE_DELIVERED, INVOICE_FORWARDED
from kundenkontor.invoicing.models import Correction, Invoice, InvoiceFile
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.commands import send_letter
from kundenkontor.messaging.letters.letter import Letter
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.parties.models import Seller

BATCH = 200
NO_ADDRESS = NoAddress.code


@transaction.atomic
def plan_deliveries(invoice_ids: Iterable[int], *, on: date, actor: Actor) -> int:
    """Plan the mail of each document that has none planned yet; return how many are new.

    Who has no address is parked with the reason, so that every issued document is sent or shows why not (I-D4).
    """
    heads = list(Invoice.objects.filter(pk__in=list(invoice_ids)).order_by("pk").values_list("pk", "customer_id"))
    addresses = recipients_of(customer_id for _, customer_id in heads)
    rows = [
        (customer_id, id_, addresses.get(customer_id, ""), "waiting" if customer_id in addresses else "parked")
        for id_, customer_id in heads
    ]
    if not rows:
        return 0
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO delivery_delivery"
            " (channel, created_at, customer_id, invoice_id, recipient, state, parked_reason)"
            " SELECT 'email', %s, c, i, r, s, CASE s WHEN 'parked' THEN %s ELSE '' END"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS u(c, i, r, s)"
            " ON CONFLICT DO NOTHING RETURNING invoice_id, customer_id, state",
            [utc_now(), NO_ADDRESS, *columns],
        )
        made = cursor.fetchall()
    parked = [Subject(id_, customer_id=customer_id) for id_, customer_id, state in made if state == "parked"]
    record_events(DELIVERY_PARKED, parked, actor=actor, on=on)
    return len(made)


def deliver_invoices(invoice_ids: Sequence[int], *, on: date, actor: Actor) -> int:
    """Mail those of the documents that are not mailed yet and whose PDF exists; the others wait for it.

    Returns how many mails were queued.
    """
    plan_deliveries(invoice_ids, on=on, actor=actor)
    return deliver_waiting(invoice_ids, on=on, actor=actor)


def deliver_waiting(invoice_ids: Sequence[int], *, on: date, actor: Actor) -> int:
    """Mail the planned documents whose PDF exists. Documents nobody planned to send stay unsent."""
    return sum(
        _deliver_batch(invoice_ids[start : start + BATCH], on=on, actor=actor)
        for start in range(0, len(invoice_ids), BATCH)
    )


@transaction.atomic
def _deliver_batch(invoice_ids: Sequence[int], *, on: date, actor: Actor) -> int:
    """The deliveries stay locked until commit, so that two workers never queue the same mail."""
    waiting = Delivery.objects.select_for_update(skip_locked=True).filter(invoice_id__in=invoice_ids, state="waiting")
    deliveries = list(waiting.order_by("pk"))
    ids = [delivery.invoice_id for delivery in deliveries]
    pdfs = {row.invoice_id: row.file_id for row in InvoiceFile.objects.filter(invoice_id__in=ids, kind="pdf")}
    invoices = invoices_for_letters(ids)
    corrections = Correction.objects.in_bulk(ids)
    sent = []
    for delivery in deliveries:
        if delivery.invoice_id in pdfs:
            invoice = invoices[delivery.invoice_id]
            delivery.mail = _queue_document(invoice, delivery.recipient, pdfs[invoice.pk], corrections.get(invoice.pk))
            delivery.state = "queued"
            sent.append(invoice)
    Delivery.objects.bulk_update(deliveries, ["mail", "state"])
    record_events(INVOICE_DELIVERED, map(subject_of, sent), actor=actor, on=on)
    return len(sent)


def invoices_for_letters(invoice_ids: Sequence[int]) -> dict[int, Invoice]:
    """Documents with their snapshots and seller."""
    related = ("seller", "seller_snapshot", "customer_snapshot")
    return {invoice.pk: invoice for invoice in Invoice.objects.select_related(*related).filter(pk__in=invoice_ids)}


def subject_of(invoice: Invoice) -> Subject:
    """What an event about a document names."""
    return Subject(invoice.pk, invoice.number, invoice.customer_id, invoice.seller_id)


def _queue_document(invoice: Invoice, to: str, pdf_id: int, correction: Correction | None) -> OutgoingMail:
    return _send(invoice, document_letter(invoice, correction), to, pdf_id)


def _send(invoice: Invoice, letter: Letter, to: str, pdf_id: int) -> OutgoingMail:
    return send_letter(
        letter,
        to=to,
        language=invoice.language,
        seller=invoice.seller,
        customer_id=invoice.customer_id,
        attachments=[(pdf_id, file_name(invoice))],
        related_id=invoice.pk,
    )


@transaction.atomic
def start_delivery(batch_id: int, *, on: date, actor: Actor) -> int:
    """Plan the mails of everything a billing run issued and send what is rendered; the rest follows its PDF.

    Returns how many deliveries are new; calling it again adds none.
    """
    issued = Invoice.objects.filter(batch_id=batch_id).order_by("pk")
    ids, planned = list(issued.values_list("pk", flat=True)), 0
    for start in range(0, len(ids), BATCH):
        planned += plan_deliveries(ids[start : start + BATCH], on=on, actor=actor)
    seller_id = issued.values_list("seller_id", flat=True).first()
    subject = Subject(batch_id, seller_id=seller_id, payload={"documents": planned})
    record_events(DELIVERY_ASKED, [subject], actor=actor, on=on)
    return planned


def plan_automatic(invoice_ids: Sequence[int], *, on: date, actor: Actor) -> int:
    """Plan the mails of documents whose seller mails automatically; all others wait for a click."""
    automatic = Seller.objects.filter(mails_automatically=True)
    ids = Invoice.objects.filter(pk__in=invoice_ids, seller__in=automatic).values_list("pk", flat=True)
    return plan_deliveries(list(ids), on=on, actor=actor)


@transaction.atomic
def retry_delivery(delivery: Delivery, *, on: date, actor: Actor) -> str:
    """Look for an address again after staff added one; return the new state. Raises NothingToRetry."""
    locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if locked.state != "parked":
        raise NothingToRetry()
    locked.recipient = recipients_of([locked.customer_id]).get(locked.customer_id, "")
    if locked.recipient:
        locked.state, locked.parked_reason = "waiting", ""
        locked.save(update_fields=["recipient", "state", "parked_reason"])
        deliver_waiting([locked.invoice_id], on=on, actor=actor)
        locked.refresh_from_db()
    return locked.state


@transaction.atomic
def forward_invoice(invoice: Invoice, pdf: StoredFile, to: str, *, on: date, actor: Actor) -> OutgoingMail:
    """ "An Buchhaltung senden": the PDF to a stored address of its customer. Raises AddressNotStored."""
    addresses = {address.lower(): address for address in stored_addresses(invoice.customer)}
    address = addresses.get(to.strip().lower())
    if address is None:
        raise AddressNotStored(address=to[:100])
    correction = Correction.objects.filter(pk=invoice.pk).first()
    mail = _send(invoice, forwarded_document(invoice, correction), address, pdf.pk)
    record_events(INVOICE_FORWARDED, [subject_of(invoice)], actor=actor, on=on)
    return mail
