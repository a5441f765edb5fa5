"""Letting people in: one login per address, a link that works once, and never a password by mail."""

from __future__ import annotations

import re
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import ValidationError
from django.db import connection

from kundenkontor.access.commands import (
    add_membership,
    change_email,
    change_role,
    create_staff,
    create_user,
    deactivate_user,
    reactivate_user,
    remove_membership,
    send_access,
)
from kundenkontor.access.errors import AccessLinkInvalid, EmailTaken, LastAdministrator, LoginTaken, UnknownRole
from kundenkontor.access.models import AccessLink, Membership, User
from kundenkontor.access.password_commands import use_access_link
from kundenkontor.access.policy import may
from kundenkontor.access.queries import find_access_link, hash_of
from kundenkontor.events.models import Event
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.messaging.sending.commands import send_mail
from kundenkontor.parties.models import Customer, Seller
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob

PASSWORD = "ein langes Kennwort 4711"


@pytest.fixture
def seller(db: None) -> Seller:
    return alpenhost()


def send(*customers: Customer) -> Any:
    return send_access(customers, on=TODAY, actor=CLARA)


def token_of(mail: OutgoingMail) -> str:
    found = re.search(r"/zugang/([\w-]+)/", mail.body)
    assert found is not None
    return found[1]


def use(token: str, password: str = PASSWORD) -> User:
    """Open the link and set the password, as the page does."""
    link = find_access_link(token)
    assert link is not None
    return use_access_link(link.pk, password, on=TODAY)


def last_mail() -> OutgoingMail:
    mail = OutgoingMail.objects.order_by("-pk").first()
    assert mail is not None
    return mail


@pytest.mark.feature("M6")
@pytest.mark.feature("M7")
def test_a_customer_gets_a_login_by_link_with_its_number_as_user_name(seller: Seller) -> None:
    customer = ada(seller)
    assert send(customer).sent == [customer.pk]
    user = User.objects.get()
    mail = last_mail()
    assert (user.username, user.email, user.has_usable_password()) == ("11001", customer.email, False)
    assert "11001" in mail.body and mail.recipient == customer.email
    token = token_of(mail)
    assert AccessLink.objects.get().token_hash == hash_of(token)
    assert use(token) == user
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert may(user, "invoices.read", customer.pk)
    names = set(Event.objects.values_list("name", flat=True))
    assert {"access.user_created", "access.membership_added", "access.sent", "access.password_set"} <= names


@pytest.mark.security("reset links")
def test_a_link_works_once_and_only_while_it_is_young(seller: Seller) -> None:
    send(ada(seller))
    token = token_of(last_mail())
    link = find_access_link(token)
    assert link is not None
    with pytest.raises(ValidationError):
        use(token, "kurz")
    use(token)
    for wrong in (token, "", "unknown", hash_of(token)):
        assert find_access_link(wrong) is None
    for wrong_id in (link.pk, 0):
        with pytest.raises(AccessLinkInvalid):
            use_access_link(wrong_id, PASSWORD, on=TODAY)


@pytest.mark.security("reset links")
def test_a_link_ends_after_fourteen_days_with_a_newer_one_and_with_its_login(seller: Seller) -> None:
    customer = ada(seller)
    send(customer)
    first = token_of(last_mail())
    send(customer)
    second = token_of(last_mail())
    assert find_access_link(first) is None
    link = find_access_link(second)
    assert link is not None
    assert timedelta(days=13) < link.expires_at - utc_now() <= timedelta(days=14)
    AccessLink.objects.filter(pk=link.pk).update(expires_at=utc_now())
    assert find_access_link(second) is None
    send(customer)
    third = find_access_link(token_of(last_mail()))
    assert third is not None
    deactivate_user(User.objects.get(), on=TODAY, actor=CLARA)
    with pytest.raises(AccessLinkInvalid):
        use_access_link(third.pk, PASSWORD, on=TODAY)
    assert send(customer).inactive == [customer.pk]


@pytest.mark.feature("M30")
def test_one_address_at_several_customers_is_one_login(seller: Seller) -> None:
    first, second = ada(seller), ada(seller, number="11003", email="ADA@huber.example")
    send(first, second)
    user = User.objects.get()
    assert set(user.memberships.values_list("customer_id", flat=True)) == {first.pk, second.pk}
    use(token_of(last_mail()))
    third = ada(seller, number="11004")
    send(third)
    mail = last_mail()
    assert mail.kind == "access_added" and "/zugang/" not in mail.body and "11004" in mail.body
    user.refresh_from_db()
    assert user.check_password(PASSWORD) and user.memberships.count() == 3


@pytest.mark.feature("M30")
def test_several_customers_with_one_address_get_one_letter_whose_link_works(seller: Seller) -> None:
    """One letter each would bring links of which only the last is alive."""
    first, second = ada(seller), ada(seller, number="11003", email="ADA@huber.example")
    third = ada(alpenhost(short_name="nordlicht", name="Nordlicht OG"), number="11009")
    outcome = send(first, second, third)
    assert (outcome.mails, sorted(outcome.sent)) == (2, sorted([first.pk, second.pk, third.pk]))
    letters = list(OutgoingMail.objects.filter(kind="access_letter").order_by("pk"))
    assert [letter.seller_id for letter in letters] == [seller.pk, third.seller_id]
    assert "Kundennummern: 11001, 11003" in letters[0].body and "11009" in letters[1].body
    tokens = {token_of(letter) for letter in letters}
    assert len(tokens) == 1 and find_access_link(tokens.pop()) is not None

    user = User.objects.get()
    user.set_password(PASSWORD)
    user.save()
    fourth, fifth = ada(seller, number="11004"), ada(seller, number="11005")
    assert send(fourth, fifth).mails == 1
    assert "11004 (" in last_mail().body and "11005 (" in last_mail().body and "/zugang/" not in last_mail().body


@pytest.mark.invariant("I-A4")
def test_a_customer_whose_login_has_another_address_gets_no_second_login(seller: Seller) -> None:
    customer = ada(seller)
    send(customer)
    customer.email = "neu@huber.example"
    customer.save()
    outcome = send(customer)
    assert (outcome.elsewhere, outcome.sent, outcome.mails) == ([customer.pk], [], 0)
    assert User.objects.count() == Membership.objects.count() == 1

    user = User.objects.get()
    change_email(user, "neu@huber.example", on=TODAY, actor=CLARA)
    assert send(customer).sent == [customer.pk]
    assert last_mail().recipient == "neu@huber.example" and Membership.objects.count() == 1
    deactivate_user(user, on=TODAY, actor=CLARA)
    customer.email = "nachfolgerin@huber.example"
    customer.save()
    assert send(customer).sent == [customer.pk]  # who left is locked; who follows has a login of her own


@pytest.mark.invariant("I-A4")
@pytest.mark.security("Paymenter CVE-2026-44584")
def test_a_login_that_moves_to_another_address_loses_its_links_and_sessions_and_the_old_address_is_told(
    seller: Seller,
) -> None:
    send(ada(seller))
    token, user = token_of(last_mail()), User.objects.get()
    former = user.email
    sessions = []
    for _ in range(2):
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session.save()
        sessions.append(str(session.session_key))
    change_email(user, "neu@huber.example", on=TODAY, actor=CLARA, kept_session=sessions[1])
    user.refresh_from_db()
    assert user.email == "neu@huber.example" and find_access_link(token) is None
    assert [SessionStore().exists(key) for key in sessions] == [False, True]
    assert last_mail().recipient == former and "E-Mail-Adresse Ihres Logins" in last_mail().subject
    assert Event.objects.get(name="access.email_changed").subject_id == user.pk
    other = create_user("other", email="Other@huber.example", on=TODAY, actor=CLARA)
    with pytest.raises(EmailTaken):
        change_email(user, "other@HUBER.example", on=TODAY, actor=CLARA)
    change_email(other, "other@huber.example", on=TODAY, actor=CLARA)


def test_a_number_that_another_seller_gave_too_gets_the_sellers_name(seller: Seller) -> None:
    other = alpenhost(short_name="nordlicht")
    send(ada(seller, number="KD-1"), ada(other, number="kd-1", email="zweite@huber.example"))
    assert set(User.objects.values_list("username", flat=True)) == {"KD-1", "nordlicht-kd-1"}


def test_the_main_contact_is_addressed_first_and_nobody_without_an_address(seller: Seller) -> None:
    customer, silent = ada(seller), bob(seller, email="")
    customer.contacts.create(group="main", email="chefin@huber.example")
    outcome = send(customer, silent)
    assert (outcome.sent, outcome.without_address) == ([customer.pk], [silent.pk])
    assert last_mail().recipient == "chefin@huber.example"


@pytest.mark.invariant("I-L2")
@pytest.mark.security("no passwords in mails")
def test_the_link_is_gone_from_the_outbox_once_sent_and_never_in_events(seller: Seller, settings: Any) -> None:
    settings.SMTP_URL = ""
    send(ada(seller))
    mail = last_mail()
    token = token_of(mail)
    assert send_mail(mail.pk) == "done"
    mail.refresh_from_db()
    assert mail.body == ""
    assert not any(token in str(event.payload) + event.reference for event in Event.objects.all())


@pytest.mark.invariant("I-A2")
def test_the_last_administrator_can_neither_be_removed_nor_demoted(db: None) -> None:
    otto = create_staff("otto", email="otto@a.example", role="administrator", on=TODAY, actor=CLARA)
    with pytest.raises(LastAdministrator):
        deactivate_user(otto, on=TODAY, actor=CLARA)
    with pytest.raises(LastAdministrator):
        change_role(otto, "clerk", on=TODAY, actor=CLARA)
    second = create_staff("anna", email="anna@a.example", role="administrator", on=TODAY, actor=CLARA)
    change_role(otto, "auditor", on=TODAY, actor=CLARA)
    assert (otto.staff_role, may(otto, "users.write")) == ("auditor", False)
    with pytest.raises(LastAdministrator):
        deactivate_user(second, on=TODAY, actor=CLARA)
    event = Event.objects.get(name="access.role_changed")
    assert event.payload == {"from": "administrator", "to": "auditor"}


@pytest.mark.invariant("I-A4")
def test_a_closed_login_loses_its_sessions_and_rights(seller: Seller) -> None:
    customer = ada(seller)
    user = create_user("ada", email="x@huber.example", on=TODAY, actor=CLARA)
    other = create_user("bob", email="y@huber.example", on=TODAY, actor=CLARA)
    add_membership(user, customer, on=TODAY, actor=CLARA)
    keys = []
    for owner in (user, other):
        session = SessionStore()
        session[SESSION_KEY] = str(owner.pk)
        session.save()
        keys.append(str(session.session_key))
    deactivate_user(user, on=TODAY, actor=CLARA)
    assert [SessionStore().exists(key) for key in keys] == [False, True]
    assert not may(user, "invoices.read", customer.pk)
    reactivate_user(user, on=TODAY, actor=CLARA)
    assert may(user, "invoices.read", customer.pk)
    remove_membership(user, customer, on=TODAY, actor=CLARA)
    assert not may(user, "invoices.read", customer.pk)


@pytest.mark.invariant("I-A3")
def test_a_membership_allows_its_own_login_what_its_role_may(seller: Seller) -> None:
    user = create_user("ada", email="x@huber.example", on=TODAY, actor=CLARA)
    other = create_user("bob", email="y@huber.example", on=TODAY, actor=CLARA)
    add_membership(user, ada(seller), role="invoices", on=TODAY, actor=CLARA)
    own = Membership.objects.get(user=user)

    assert may(user, "invoices.read", own) and not may(user, "data.change", own)
    assert not may(other, "invoices.read", own)
    deactivate_user(user, on=TODAY, actor=CLARA)
    assert not may(user, "invoices.read", own)


def test_names_and_addresses_are_given_once_whatever_their_case(db: None) -> None:
    create_user("Ada", email="ada@huber.example", on=TODAY, actor=CLARA)
    with pytest.raises(LoginTaken):
        create_user("ADA", email="", on=TODAY, actor=CLARA)
    with pytest.raises(EmailTaken):
        create_user("other", email="Ada@Huber.example", on=TODAY, actor=CLARA)
    with pytest.raises(UnknownRole):
        create_user("other", email="", staff_role="root", on=TODAY, actor=CLARA)


@pytest.mark.security("Django CVE-2019-19844")
def test_a_look_alike_address_never_gets_the_link_of_another_login(seller: Seller) -> None:
    send(ada(seller, email="mike@huber.example"))
    victim = User.objects.get()
    send(ada(seller, number="11007", email="m\u0131ke@huber.example"))
    assert not Membership.objects.filter(user=victim, customer__number="11007").exists()
    other = User.objects.exclude(pk=victim.pk).get()
    assert last_mail().recipient == other.email != victim.email


@pytest.mark.commits
@pytest.mark.security("races")
def test_a_link_used_by_eight_at_once_sets_one_password(breaker_report: Any) -> None:
    send(ada(alpenhost()))
    link = find_access_link(token_of(last_mail()))
    assert link is not None
    barrier = Barrier(8)
    outcomes: list[str] = []

    def work(number: int) -> None:
        barrier.wait()
        try:
            use_access_link(link.pk, f"{PASSWORD} {number}", on=TODAY)
            outcomes.append("set")
        except AccessLinkInvalid:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 7 + ["set"]
    breaker_report(threads=8, command="use_access_link")


@pytest.mark.commits
@pytest.mark.invariant("I-A2")
def test_two_administrators_cannot_remove_each_other_at_once(breaker_report: Any) -> None:
    users = [
        create_staff(name, email=f"{name}@a.example", role="administrator", on=TODAY, actor=CLARA)
        for name in ("otto", "anna")
    ]
    barrier = Barrier(2)

    def work(user: User) -> None:
        barrier.wait()
        try:
            deactivate_user(user, on=TODAY, actor=CLARA)
        except LastAdministrator:
            pass
        finally:
            connection.close()

    threads = [Thread(target=work, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.filter(staff_role="administrator", is_active=True).count() == 1
    assert Membership.objects.count() == 0
    breaker_report(threads=2, command="deactivate_user")
