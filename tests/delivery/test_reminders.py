"""Reminders: off by default, never twice, never about what was paid or cancelled."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from kundenkontor.delivery.models import Reminder
from kundenkontor.delivery.reminders import send_reminders
from kundenkontor.events.actor import SYSTEM
from kundenkontor.invoicing.models import Invoice
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.parties.models import Customer, Seller
from kundenkontor.payments.commands import reverse_payment
from kundenkontor.receivables.models import OpenItem
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, cancel, issue, line
from tests.support.money import pay

DUE = TODAY + timedelta(days=7)


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.STORED_FILES_DIR = tmp_path


@pytest.fixture
def seller(db: None) -> Seller:
    return reminding()


def reminding() -> Seller:
    booked = DUE + timedelta(days=365)
    return alpenhost(reminds_before_days=3, reminds_after_days=5, payments_booked_until=booked)


def remind(seller: Seller, on: date) -> int:
    return send_reminders(seller, on=on, actor=SYSTEM)


def settle(invoice: Invoice) -> None:
    OpenItem.objects.filter(invoice=invoice).update(open_amount=0)


@pytest.mark.feature("M27")
@pytest.mark.feature("M52")
def test_one_mail_before_the_due_date_and_one_after_it_never_twice(seller: Seller) -> None:
    invoice = issue(ada(seller))
    sent = {day: remind(seller, TODAY + timedelta(days=day)) for day in range(30)}
    assert {day for day, mails in sent.items() if mails} == {4, 12}
    before, after = OutgoingMail.objects.order_by("pk")
    assert (before.kind, after.kind) == ("reminder_upcoming", "reminder_overdue")
    for mail in (before, after):
        body = mail.body.replace("\u00a0", " ")
        assert invoice.number in body and "12,00 EUR" in body and "AT48 3200" in body
    assert not any(word in after.body.lower() for word in ("mahngebühr", "gebühr", "zinsen", "fee"))
    assert Reminder.objects.count() == 2


def test_the_settings_are_off_by_default(db: None) -> None:
    seller = alpenhost()
    issue(ada(seller))
    assert sum(remind(seller, TODAY + timedelta(days=day)) for day in range(60)) == 0


@pytest.mark.parametrize(("lag", "mails"), [(None, 0), (2, 0), (1, 1), (0, 1)])
def test_overdue_needs_payments_booked_until_yesterday(seller: Seller, lag: int | None, mails: int) -> None:
    issue(ada(seller))
    day = DUE + timedelta(days=5)
    seller.payments_booked_until = None if lag is None else day - timedelta(days=lag)
    seller.save()
    assert remind(seller, day) == mails


def test_whose_money_has_arrived_but_is_not_booked_yet_gets_no_payment_reminder(seller: Seller) -> None:
    customer, other = ada(seller), bob(seller)
    invoice, _foreign = issue(customer), issue(other)
    day = DUE + timedelta(days=5)
    arrived = pay(customer, invoice.amount_due, day, is_waiting=True, on=day, actor=CLARA)

    assert remind(seller, day) == 1
    assert OutgoingMail.objects.get().recipient == other.email
    reverse_payment(arrived, reason="Typed for the wrong customer", on=day, actor=CLARA)
    assert remind(seller, day) == 1


def balance_of(customer: Customer, amount: str) -> None:
    """What was paid before anything was owed is owed back."""
    pay(customer, Decimal(amount), TODAY, on=TODAY, actor=CLARA, allocations=[])


def test_who_owes_nothing_on_balance_is_not_asked_for_money(seller: Seller) -> None:
    customer = ada(seller)
    balance_of(customer, "12.00")
    issue(customer)
    issue(customer, line("50.00"), on=TODAY + timedelta(days=10))  # due after both reminders: the balance is not for it

    assert [remind(seller, TODAY + timedelta(days=day)) for day in (4, 12)] == [0, 0]


def test_whose_money_is_not_booked_yet_is_not_told_that_it_will_be_due(seller: Seller) -> None:
    customer = ada(seller)
    invoice = issue(customer)
    pay(customer, invoice.amount_due, TODAY, is_waiting=True, on=TODAY, actor=CLARA)

    assert remind(seller, TODAY + timedelta(days=4)) == 0


@pytest.mark.parametrize(("smallest", "mails"), [("0.00", 1), ("7.00", 1), ("7.01", 0)])
def test_a_seller_reminds_from_a_smallest_sum_less_what_it_owes(seller: Seller, smallest: str, mails: int) -> None:
    customer = ada(seller)
    balance_of(customer, "5.00")
    issue(customer)
    seller.reminds_from_amount = Decimal(smallest)
    seller.save()

    assert remind(seller, DUE + timedelta(days=5)) == mails
    assert all("5,00 EUR" in mail.body.replace("\u00a0", " ") for mail in OutgoingMail.objects.all())


@pytest.mark.parametrize(("later", "mails"), [(4, 1), (5, 0)])
def test_a_smallest_sum_is_reached_by_what_is_late_not_by_what_is_due_today(
    seller: Seller, later: int, mails: int
) -> None:
    customer = ada(seller)
    issue(customer)
    issue(customer, on=TODAY + timedelta(days=later))
    seller.reminds_from_amount = Decimal("20.00")
    seller.save()

    assert remind(seller, DUE + timedelta(days=5)) == mails


def test_who_paid_a_part_is_reminded_of_the_rest(seller: Seller) -> None:
    customer = ada(seller)
    issue(customer)
    pay(customer, Decimal("5.00"), TODAY, on=TODAY, actor=CLARA)

    assert remind(seller, DUE + timedelta(days=5)) == 1
    assert "7,00" in OutgoingMail.objects.get().body


def test_paid_cancelled_corrected_and_zero_documents_are_left_alone(seller: Seller) -> None:
    customer = ada(seller)
    settle(issue(customer))
    original = issue(customer, line("40.00"))
    cancel(original, line("40.00", corrected_position=1))
    issue(customer, line("0.00"))
    assert sum(remind(seller, TODAY + timedelta(days=day)) for day in range(20)) == 0


def test_one_mail_lists_all_documents_of_a_customer_with_their_open_amounts(seller: Seller) -> None:
    customer, other = ada(seller), bob(seller)
    first, second = issue(customer), issue(customer, line("20.00"))
    OpenItem.objects.filter(invoice=second).update(open_amount="4.50")
    foreign = issue(other)
    assert remind(seller, DUE + timedelta(days=5)) == 2
    mail = OutgoingMail.objects.get(recipient=customer.email)
    assert first.number in mail.body and second.number in mail.body
    assert "4,50" in mail.body and "24,00" not in mail.body
    assert foreign.number not in mail.body


def test_a_customer_without_an_address_is_reminded_once_there_is_one(seller: Seller) -> None:
    customer = ada(seller, email="")
    issue(customer)
    day = DUE + timedelta(days=5)
    assert remind(seller, day) == 0
    customer.email = "ada@huber.example"
    customer.save()
    assert remind(seller, day) == 1


def test_each_seller_reminds_of_its_own_documents(seller: Seller) -> None:
    quiet = alpenhost(short_name="quiet", name="Quiet GmbH")
    issue(ada(quiet))
    assert remind(seller, DUE + timedelta(days=5)) == 0


@pytest.mark.commits
def test_threads_that_remind_at_once_send_one_mail(breaker_report: Any) -> None:
    seller = reminding()
    issue(ada(seller))
    barrier = Barrier(6)
    results: list[int] = []

    def work() -> None:
        barrier.wait()
        try:
            results.append(remind(seller, DUE + timedelta(days=5)))
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0, 0, 0, 0, 0, 1]
    assert OutgoingMail.objects.count() == 1
    breaker_report(threads=6, command="send_reminders")
