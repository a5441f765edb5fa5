"""The one quota of mails: per address, cause, login and day."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import connections, transaction
from django.urls import reverse

from kundenkontor.access.commands import change_email, create_user, send_access
from kundenkontor.access.models import User
from kundenkontor.events.actor import Actor
from kundenkontor.invoicing.papers.kind import paper_of
from kundenkontor.kernel import limits
from kundenkontor.kernel.addresses import is_address
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.commands import send_letter
from kundenkontor.messaging.errors import MailQuotaReached
from kundenkontor.messaging.letters.document import DocumentLetter
from kundenkontor.messaging.letters.password import PasswordReset
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.messaging.sending.commands import send_mail
from kundenkontor.parties.commands import add_contact
from kundenkontor.parties.customer_commands import change_customer
from kundenkontor.parties.errors import TooManyContacts
from kundenkontor.web.gate.once import new_key
from kundenkontor.web.sign_in.password_reset import send_reset_links
from tests.portal.builders import client_of, house, login
from tests.support.builders import CLARA, TODAY, ada, alpenhost
from tests.support.jobs import run_jobs
from tests.support.mail import Mailbox
from tests.support.papers import made

KEYS = limits.MAILS_A_DAY["password_reset_key"]
FORWARDS = limits.MAILS_A_DAY["forward"]
LETTER = PasswordReset(username="ada", link="https://kunden.example/x/")


def send(to: str = "ada@example.at") -> OutgoingMail:
    return send_letter(LETTER, to=to, language="de")


@pytest.mark.django_db
@pytest.mark.security("V2.4.1")
def test_an_address_gets_so_many_mails_of_a_kind_in_a_day_however_it_is_written() -> None:
    with time_machine.travel("2026-11-23T08:00:00Z", tick=False) as clock:
        for number in range(KEYS):
            send("ada@example.at" if number % 2 else "ADA@Example.at")
        with pytest.raises(MailQuotaReached):
            send("Ada@example.at")
        send("bob@example.at")
        clock.shift(timedelta(days=1))
        send("Ada@example.at")


@pytest.mark.django_db
@pytest.mark.security("V2.4.1")
def test_who_asks_for_a_new_password_without_end_does_not_flood_its_owner() -> None:
    create_user("ada", email="ada@example.at", on=TODAY, actor=CLARA)
    for typed in ["ada", "ADA", "ada@example.at", "ada@Example.at"] * 3:
        send_reset_links(typed)
    assert OutgoingMail.objects.filter(kind="password_reset_key").count() == KEYS


@pytest.mark.commits
@pytest.mark.security("V2.4.1")
def test_many_at_once_are_counted_too() -> None:
    barrier, refused = Barrier(KEYS + 4), list[Exception]()

    def run() -> None:
        barrier.wait()
        try:
            with transaction.atomic():
                send()
        except MailQuotaReached as refusal:
            refused.append(refusal)
        finally:
            connections.close_all()

    threads = [Thread(target=run) for _ in range(KEYS + 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(refused), OutgoingMail.objects.count()) == (4, KEYS)


@pytest.mark.django_db
@pytest.mark.security("V2.4.1")
def test_a_login_forwards_so_much_to_one_address_and_so_much_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    home = house()
    user = login("ada", home.ada)
    made(paper_of(home.invoices[0]), on=TODAY, actor=CLARA)
    client, path = client_of(user), f"/rechnungen/{home.invoices[0].pk}/senden/"

    def forward() -> int:
        return client.post(path, {"to": home.contact.email, "idempotency_key": new_key()}).status_code

    assert [forward() for _ in range(FORWARDS)] == [302] * FORWARDS
    answer = client.post(path, {"to": home.contact.email, "idempotency_key": new_key()})
    assert answer.status_code == 429 and "morgen" in answer.content.decode()
    assert OutgoingMail.objects.filter(caused_by=user.pk).count() == FORWARDS
    monkeypatch.setattr(limits, "MAILS_OF_A_LOGIN", FORWARDS)
    monkeypatch.setattr(limits, "MAILS_A_DAY", {})
    assert forward() == 429
    assert (
        client_of(login("second", home.ada))
        .post(path, {"to": home.contact.email, "idempotency_key": new_key()})
        .status_code
        == 302
    )


@pytest.mark.django_db
def test_documents_are_bounded_by_what_was_issued_not_by_the_quota() -> None:
    """An agency with hundreds of customer numbers gets all its invoices on one day."""
    assert {"invoice", "reminder_upcoming", "reminder_overdue", "change_notice"}.isdisjoint(limits.MAILS_A_DAY)
    assert DocumentLetter.kind not in limits.MAILS_A_DAY


@pytest.mark.django_db
def test_access_that_is_sent_again_and_again_is_left_out_and_counted() -> None:
    customer = ada(alpenhost())
    outcomes = [send_access([customer], on=TODAY, actor=CLARA) for _ in range(limits.MAILS_A_DAY["access_letter"] + 1)]
    assert [outcome.over_quota for outcome in outcomes] == [[]] * (len(outcomes) - 1) + [[customer.pk]]
    assert outcomes[-1].sent == []


@pytest.mark.django_db
def test_a_notice_beyond_the_quota_stops_nothing() -> None:
    user = User.objects.get(pk=create_user("ada", email="ada@example.at", on=TODAY, actor=CLARA).pk)
    for number in range(2 * limits.MAILS_A_DAY["email_changed"] + 4):
        change_email(user, ("ada@example.at", "eve@example.at")[number % 2], on=TODAY, actor=CLARA)
    assert OutgoingMail.objects.filter(kind="email_changed").count() == 2 * limits.MAILS_A_DAY["email_changed"]


@pytest.mark.django_db
@pytest.mark.security("V6.3.7")
def test_who_has_caused_his_mails_of_today_changes_no_address_that_nobody_could_be_told_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A thief who forwards documents until the quota is used up, and has the invoices sent elsewhere then."""
    home = house()
    client = client_of(user := login("ada", home.ada))
    former = home.contact.email
    page = reverse("portal:contact", args=[home.contact.pk])
    values = {"group": home.contact.group, "name": "Ada", "phone": "", "email": former}
    monkeypatch.setattr(limits, "MAILS_OF_A_LOGIN", 1)
    send_letter(LETTER, to="x@eve.example", language="de", actor=Actor("customer", "ada", user.pk))

    def post(url: str, **fields: str) -> tuple[int, bool]:
        answer = client.post(url, {**fields, "idempotency_key": new_key()})
        return answer.status_code, "morgen" in answer.content.decode()

    assert post(page, **values | {"email": "x@eve.example"}) == (422, True)
    assert post(reverse("portal:new-contact"), **values | {"email": "x@eve.example"}) == (422, True)
    assert post(reverse("portal:choose-recipient"), contact="0")[0] in (422, 409)
    assert post(reverse("portal:remove-contact", args=[home.contact.pk]))[0] == 409
    home.contact.refresh_from_db()
    assert home.contact.email == former
    assert post(page, **values | {"phone": "1"}) == (302, False)


@pytest.mark.django_db
@pytest.mark.security("V6.3.7")
def test_nobody_uses_up_the_notices_of_an_address_with_a_customer_of_his_own() -> None:
    seller = alpenhost()
    eve, victim = ada(seller, number="10666", email="eve@eve.example"), ada(seller, email="ada@huber.example")
    for number in range(2 * limits.MAILS_A_DAY["address_changed"] + 2):
        change_customer(eve, {"email": ("ada@huber.example", "x@eve.example")[number % 2]}, on=TODAY, actor=CLARA)
        run_jobs("react", reacting=False)
    change_customer(victim, {"email": "y@eve.example"}, on=TODAY, actor=CLARA)
    run_jobs("react", reacting=False)
    notices = OutgoingMail.objects.filter(kind="address_changed", recipient="ada@huber.example")
    assert notices.filter(customer_id=eve.pk).count() == limits.MAILS_A_DAY["address_changed"]
    assert notices.filter(customer_id=victim.pk).count() == 1


@pytest.mark.django_db
def test_a_customer_keeps_a_bounded_number_of_contacts() -> None:
    customer = ada(alpenhost())
    actor = Actor("customer", "ada", 1)
    values = {"group": "invoices", "name": "", "phone": ""}
    for number in range(limits.CONTACTS_OF_A_CUSTOMER):
        add_contact(customer, **values, email=f"c{number}@huber.example", on=TODAY, actor=actor)
    with pytest.raises(TooManyContacts):
        add_contact(customer, **values, email="more@huber.example", on=TODAY, actor=actor)
    assert utc_now()


@pytest.mark.security("V2.2.1")
@pytest.mark.parametrize(
    "text",
    ["a@localhost", "a@[127.0.0.1]", "a@[IPv6:::1]", "a@127.0.0.1", "a@10.0.0.10", "a@mail.local", "root@db.internal",
     "a@x.localdomain", "a@sub.localhost", "a", "@example.at", "a b@example.at", "a@example.at\r\nBcc: b@example.at",
     f"{'x' * 65}@example.at", f"{'x' * 250}@example.at"],
)  # fmt: skip
def test_an_address_of_our_own_machine_or_none_is_refused(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    "text", ["ada@example.at", "a.b+c@sub.huber.example", "x@müller.example", "x@xn--mller-kva.at"]
)
def test_ordinary_addresses_are_taken(text: str) -> None:
    assert is_address(text)


@pytest.mark.django_db
@pytest.mark.security("V2.2.1")
def test_every_form_refuses_an_address_of_our_own_machine() -> None:
    from django import forms

    from kundenkontor.office.customers.contacts import ContactForm as StaffContact
    from kundenkontor.office.customers.customers import CustomerForm
    from kundenkontor.office.people.users import EmailForm, StaffForm
    from kundenkontor.office.sellers.sellers import SellerForm
    from kundenkontor.portal.settings.forms import ContactForm

    fields = [
        field
        for form in (StaffContact, CustomerForm, EmailForm, StaffForm, SellerForm, ContactForm)
        for field in form.base_fields.values()
        if isinstance(field, forms.EmailField)
    ]
    assert len(fields) >= 7
    for field in fields:
        with pytest.raises(forms.ValidationError):
            field.clean("a@localhost")


@pytest.mark.django_db
def test_a_queued_mail_to_our_own_machine_is_not_handed_over(smtp_server: Mailbox) -> None:
    mail = send("root@localhost")
    assert send_mail(mail.pk) == "failed" and smtp_server.mails == []
