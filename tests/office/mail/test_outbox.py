"""Outbox, send ledger and mailbox."""

from __future__ import annotations

from typing import Any

import pytest

from kundenkontor.delivery.models import Delivery
from kundenkontor.messaging.commands import queue_mail
from kundenkontor.messaging.models import DemoMail, OutgoingMail
from kundenkontor.parties.models import Customer, Seller
from tests.office.steps import bytes_of, desk, queries, submit
from tests.support.builders import CLARA, TODAY, ada, alpenhost, issue
from tests.support.jobs import run_jobs
from tests.support.papers import deliver_invoices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business_day")]


@pytest.fixture
def seller() -> Seller:
    return alpenhost()


def page(url: str) -> str:
    answer = desk().get(url)
    assert answer.status_code == 200, url
    return str(answer.content.decode())


def mail(body: str = "Ihre Rechnung liegt bei.", *, is_secret: bool = False) -> OutgoingMail:
    return queue_mail(to="ada@huber.example", subject="Ihre Rechnung", body=body, kind="invoice", is_secret=is_secret)


def test_a_failed_mail_is_shown_with_its_error_and_sent_again(seller: Seller) -> None:
    failed = mail()
    OutgoingMail.objects.update(state="failed", next_attempt_at=None, last_error="550 unknown")
    assert "550 unknown" in page("/office/mail/outbox/?state=failed")
    assert "Ihre Rechnung liegt bei." in page(f"/office/mail/outbox/{failed.pk}/")
    submit(desk(), f"/office/mail/outbox/{failed.pk}/retry/")
    failed.refresh_from_db()
    assert failed.state == "queued"


def test_a_mail_that_may_have_arrived_says_so_and_can_be_sent_again(seller: Seller) -> None:
    doubtful = mail()
    OutgoingMail.objects.update(state="unknown", attempts=1)
    assert "unclear whether it arrived" in page("/office/mail/outbox/?state=unknown")
    url = f"/office/mail/outbox/{doubtful.pk}/"
    assert "unclear whether it arrived" in page(url) and "Send it now" in page(url)
    submit(desk(), f"{url}retry/")
    doubtful.refresh_from_db()
    assert (doubtful.state, doubtful.attempts) == ("queued", 0)


def test_all_failed_mails_are_sent_again_with_one_click_of_whom_may_send(seller: Seller) -> None:
    for _ in range(2):
        mail()
    assert "failed mail" not in page("/office/mail/outbox/")
    OutgoingMail.objects.update(state="failed", next_attempt_at=None)
    assert "Send 2 failed mails again" in page("/office/mail/outbox/")
    assert "failed mails again" not in desk("auditor").get("/office/mail/outbox/").content.decode()

    assert submit(desk("auditor"), "/office/mail/outbox/retry/").status_code == 403
    submit(desk(), "/office/mail/outbox/retry/")

    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {"queued"}


@pytest.mark.security("secrets in the outbox")
def test_the_text_of_a_mail_that_opens_a_login_is_never_shown(seller: Seller) -> None:
    secret = mail("https://example/zugang/TOKEN/", is_secret=True)
    for role in ("administrator", "clerk", "support", "auditor"):
        text = desk(role).get(f"/office/mail/outbox/{secret.pk}/").content.decode()
        assert "TOKEN" not in text and "not shown" in text
        assert f"{secret.pk}/retry/" not in text
    assert "TOKEN" not in page("/office/mail/outbox/")


def test_the_send_ledger_says_why_a_document_was_not_sent_and_tries_again(seller: Seller) -> None:
    customer = ada(seller, email="")
    invoice = issue(customer)
    deliver_invoices([invoice.pk], on=TODAY, actor=CLARA)
    assert "no e-mail address" in page("/office/mail/deliveries/?state=parked")
    Customer.objects.filter(pk=customer.pk).update(email="ada@huber.example")
    delivery = Delivery.objects.get()
    submit(desk(), f"/office/mail/deliveries/{delivery.pk}/retry/")
    delivery.refresh_from_db()
    assert delivery.recipient == "ada@huber.example"
    csv = desk().get("/office/mail/deliveries/?format=csv")
    assert b"ada@huber.example" in bytes_of(csv)


def test_a_document_that_cannot_be_sent_again_says_why(seller: Seller) -> None:
    customer = ada(seller, email="")
    deliver_invoices([issue(customer).pk], on=TODAY, actor=CLARA)
    delivery, clara = Delivery.objects.get(), desk()
    for url in (f"/office/mail/deliveries/{delivery.pk}/retry/", f"/office/invoices/{delivery.paper_id}/send/"):
        submit(clara, url)
        said = clara.get("/office/mail/deliveries/").content.decode().split("<table")[0]
        assert "no e-mail address" in said and "on its way" not in said


def test_the_first_page_counts_only_failed_mails_that_can_be_sent_again(seller: Seller) -> None:
    mail("https://example/zugang/TOKEN/", is_secret=True)
    OutgoingMail.objects.update(state="failed", next_attempt_at=None)
    assert "Mails could not be sent" not in page("/office/")
    mail()
    OutgoingMail.objects.update(state="failed", next_attempt_at=None)
    assert "Mails could not be sent" in page("/office/")


def test_a_document_is_sent_from_its_page_and_again_only_to_a_stored_address(seller: Seller) -> None:
    invoice = issue(ada(seller))
    url = f"/office/invoices/{invoice.pk}/send/"
    assert "ada@huber.example" in page(url)
    submit(desk(), url)
    assert Delivery.objects.filter(paper_id=invoice.pk).count() == 1
    Delivery.objects.update(state="queued")
    early = submit(desk(), url, to="ada@huber.example")
    assert early.status_code == 503 and "is being made" in early.content.decode()
    run_jobs("render_for_reader", reacting=False)
    assert submit(desk(), url, to="eve@evil.example").status_code == 422
    assert submit(desk(), url, to="ada@huber.example").status_code == 302
    assert OutgoingMail.objects.filter(kind="forward").count() == 1


def test_the_demo_mailbox_shows_text_raw_and_attachments_and_not_in_production(seller: Seller, settings: Any) -> None:
    mail(body="Bitte öffnen: https://example.test/x")
    run_jobs("send_mail")
    found = DemoMail.objects.get()
    assert "Ihre Rechnung" in page("/office/mail/mailbox/")
    assert 'href="https://example.test/x"' in page(f"/office/mail/mailbox/{found.pk}/")
    assert b"Message-ID" in desk().get(f"/office/mail/mailbox/{found.pk}/raw/").content
    assert desk().get(f"/office/mail/mailbox/{found.pk}/7/").status_code == 404
    assert desk("auditor").get("/office/mail/mailbox/").status_code == 403
    settings.MODE = "production"
    assert desk().get("/office/mail/mailbox/").status_code == 404
    assert desk().get(f"/office/mail/mailbox/{found.pk}/").status_code == 404


@pytest.mark.parametrize("url", ["/office/mail/outbox/", "/office/mail/deliveries/"])
def test_lists_need_the_same_queries_for_one_and_three_rows(seller: Seller, url: str) -> None:
    customer = ada(seller)

    def add() -> None:
        deliver_invoices([issue(customer).pk], on=TODAY, actor=CLARA)
        mail()

    add()
    before = queries(desk(), url)
    add()
    add()
    assert queries(desk(), url) == before


def test_the_button_over_a_filtered_outbox_sends_what_it_shows_and_nothing_else() -> None:
    for name in ("ada", "bob"):
        queue_mail(to=f"{name}@huber.example", subject="x", body="x", kind="document")
    OutgoingMail.objects.update(state="failed", next_attempt_at=None)
    text = desk().get("/office/mail/outbox/?q=ada").content.decode()
    assert "Send the failed mail shown again" in text and 'action="/office/mail/outbox/retry/?q=ada"' in text
    assert submit(desk(), "/office/mail/outbox/retry/?q=ada")["Location"] == "/office/mail/outbox/?q=ada"
    assert list(OutgoingMail.objects.filter(state="failed").values_list("recipient", flat=True)) == [
        "bob@huber.example"
    ]
