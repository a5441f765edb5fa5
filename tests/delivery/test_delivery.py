"""Documents on their way: once per document and channel, to stored addresses only, or parked with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from kundenkontor.delivery.commands import retry_delivery
from kundenkontor.delivery.errors import AddressNotStored, NothingToRetry
from kundenkontor.delivery.models import Delivery
from kundenkontor.delivery.unfinished import list_unmailed
from kundenkontor.documents.commands import store_file
from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.models import Event
from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.papers.models import PaperFile
from kundenkontor.parties.models import Seller
from tests.support.builders import (
    CLARA,
    TODAY,
    ada,
    alpenhost,
    bob,
    cancel,
    contract,
    invoice_contact,
    issue,
    line,
)
from tests.support.jobs import run_jobs
from tests.support.mail import Mailbox
from tests.support.papers import (
    deliver_invoices,
    forward_invoice,
    get_or_render,
    key_of,
    plan_deliveries,
    render_pool,
    start_delivery,
)


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.STORED_FILES_DIR = tmp_path


@pytest.fixture
def seller(db: None) -> Seller:
    return alpenhost()


@pytest.fixture(scope="module", autouse=True)
def pool() -> Iterator[None]:
    yield
    render_pool().close()
    render_pool.cache_clear()


def with_pdf(invoice: Invoice, content: bytes = b"%PDF-1.7 stand-in") -> Invoice:
    """Give it a stored PDF without rendering one."""
    file = store_file(content, "application/pdf")
    PaperFile.objects.create(
        customer_id=invoice.customer_id, **key_of(invoice), kind="pdf", file=file, created_at=utc_now()
    )
    return invoice


def deliver(*invoices: Invoice) -> int:
    return deliver_invoices([invoice.pk for invoice in invoices], on=TODAY, actor=CLARA)


@pytest.mark.invariant("I-D4")
def test_a_document_waits_for_its_pdf_and_is_then_mailed_once(seller: Seller) -> None:
    invoice = issue(ada(seller))
    assert deliver(invoice) == 0
    assert Delivery.objects.get().state == "waiting"
    with_pdf(invoice)
    assert (deliver(invoice), deliver(invoice)) == (1, 0)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.recipient, OutgoingMail.objects.count()) == ("queued", "ada@huber.example", 1)
    assert Event.objects.filter(name="paper.sent", reference=invoice.number).count() == 1


@pytest.mark.feature("M47")
@pytest.mark.feature("M48")
def test_the_mail_says_amount_date_account_and_purpose_and_carries_the_pdf(
    seller: Seller, smtp_server: Mailbox
) -> None:
    invoice = issue(ada(seller))
    pdf = get_or_render(invoice, on=TODAY, actor=SYSTEM)
    deliver(invoice)
    run_jobs("send_mail")
    message = smtp_server.mails[0].message
    body = message.get_body()
    assert body is not None
    text = body.get_content().replace("\u00a0", " ")
    assert message["Subject"] == f"Ihre Rechnung {invoice.number} vom 23.11.2026"
    for fact in (
        "12,00 EUR",
        "30.11.2026",
        "AT48 3200 0000 1234 5864",
        invoice.payment_reference,
        f"Kunde 11001 / Rechnung {invoice.number}",
    ):
        assert fact in text, fact
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == f"{invoice.number}.pdf"
    assert len(attachment.get_content()) == pdf.size
    assert message["From"].addresses[0].addr_spec == seller.email


def test_the_contact_for_invoices_receives_them_then_the_main_contact_then_the_customer(seller: Seller) -> None:
    customer = ada(seller)
    invoices = [with_pdf(issue(customer), bytes([n])) for n in range(3)]
    deliver(invoices[0])
    main = customer.contacts.create(group="main", email="main@huber.example")
    deliver(invoices[1])
    invoice_contact(customer)
    deliver(invoices[2])
    recipients = list(Delivery.objects.order_by("pk").values_list("recipient", flat=True))
    assert recipients == ["ada@huber.example", main.email, "rechnung@huber.example"]


@pytest.mark.invariant("I-A6")
def test_a_customer_has_one_contact_for_invoices(seller: Seller) -> None:
    customer = ada(seller)
    invoice_contact(customer)
    with pytest.raises(IntegrityError), transaction.atomic():
        invoice_contact(customer, "zweite@huber.example")


@pytest.mark.invariant("I-D4")
def test_a_customer_without_an_address_is_parked_with_the_reason_until_there_is_one(seller: Seller) -> None:
    customer = ada(seller, email="")
    deliver(with_pdf(issue(customer)))
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.parked_reason) == ("parked", "no_address")
    assert Event.objects.filter(name="delivery.parked").count() == 1
    assert retry_delivery(delivery, on=TODAY, actor=CLARA).state == "parked"
    invoice_contact(customer)
    assert retry_delivery(delivery, on=TODAY, actor=CLARA).state == "queued"
    with pytest.raises(NothingToRetry):
        retry_delivery(delivery, on=TODAY, actor=CLARA)


@pytest.mark.invariant("I-D4")
def test_a_second_row_for_the_same_document_and_channel_is_refused(seller: Seller) -> None:
    invoice = issue(ada(seller))
    assert plan_deliveries([invoice.pk], on=TODAY, actor=CLARA) == 1
    assert plan_deliveries([invoice.pk], on=TODAY, actor=CLARA) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(
            customer_id=invoice.customer_id, **key_of(invoice), state="waiting", created_at=utc_now()
        )


def test_a_run_is_mailed_as_a_whole_and_only_once(seller: Seller) -> None:
    invoices = [issue(customer, batch_id=7) for customer in (ada(seller), bob(seller))]
    other = issue(ada(seller, number="11003"))
    with_pdf(invoices[0])
    assert start_delivery(7, on=TODAY, actor=CLARA) == 2
    assert start_delivery(7, on=TODAY, actor=CLARA) == 0
    run_jobs("deliver")
    states = dict(Delivery.objects.values_list("paper_id", "state"))
    assert states == {invoices[0].pk: "queued", invoices[1].pk: "waiting"}
    assert other.pk not in states


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_correction_asks_for_no_money(seller: Seller, language: str) -> None:
    invoice = issue(ada(seller, language=language), line("40.00"))
    correction = with_pdf(cancel(invoice, line("40.00", corrected_position=1)))
    deliver(correction)
    mail = OutgoingMail.objects.get()
    assert "IBAN" not in mail.body and correction.number in mail.subject
    title = "Ihre Stornorechnung" if language == "de" else "Your cancellation invoice"
    assert title in mail.subject
    assert "gutschrift" not in (mail.subject + mail.body).lower()


@pytest.mark.feature("M20")
def test_a_document_is_forwarded_to_a_stored_address_only(seller: Seller) -> None:
    customer = ada(seller)
    other = bob(seller)
    contact = invoice_contact(customer)
    invoice = issue(customer, line(contract=contract(customer)))
    pdf = store_file(b"%PDF", "application/pdf")
    mail = forward_invoice(invoice, pdf, contact.email.upper(), on=TODAY, actor=CLARA)
    assert (mail.recipient, mail.attachments) == (contact.email, [[pdf.pk, f"{invoice.number}.pdf"]])
    assert Event.objects.filter(name="paper.forwarded", reference=invoice.number).count() == 1
    for address in (other.email, "anybody@example.com", "", f"{contact.email}, x@example.com"):
        with pytest.raises(AddressNotStored):
            forward_invoice(invoice, pdf, address, on=TODAY, actor=CLARA)
    assert OutgoingMail.objects.count() == 1


@pytest.mark.commits
@pytest.mark.invariant("I-D4")
def test_eight_threads_that_deliver_the_same_documents_queue_each_mail_once(breaker_report: Any) -> None:
    seller = alpenhost()
    customer = ada(seller)
    invoices = [with_pdf(issue(customer), bytes([n])) for n in range(5)]
    barrier = Barrier(8)

    def work() -> None:
        barrier.wait()
        try:
            deliver(*invoices)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Delivery.objects.filter(state="queued").count() == OutgoingMail.objects.count() == 5
    breaker_report(threads=8, command="deliver_invoices")


def test_missed_in_the_outbox_is_what_has_its_own_pdf_and_is_old_enough(seller: Seller) -> None:
    customer = ada(seller)
    rendered, unrendered, sent = with_pdf(issue(customer)), issue(customer), issue(customer)
    deliver(with_pdf(sent, b"%PDF-1.7 another"))
    plan_deliveries([rendered.pk, unrendered.pk], on=TODAY, actor=CLARA)
    assert [one.paper_id for one in list_unmailed(utc_now())] == [rendered.pk]
    assert not list_unmailed(utc_now() - timedelta(minutes=5))
