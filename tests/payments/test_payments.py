"""Money received, booked, offset, refunded and undone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from kundenkontor.events.models import Event
from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.queries import filter_status, is_overdue, is_partly_paid, status_of, with_status
from kundenkontor.ledger.models import Account
from kundenkontor.parties.models import Customer
from kundenkontor.payments.allocating import allocate
from kundenkontor.payments.commands import (
    IncomingPayment,
    book_payments,
    offset_balance,
    receive_payments,
    refund_balance,
    reverse_payment,
    undo_allocation,
)
from kundenkontor.payments.errors import (
    AllocationTooLarge,
    AllocationUndone,
    AlreadyBooked,
    AlreadyReversed,
    AmountNotPositive,
    BalanceTooSmall,
    BookedLater,
    ItemNotFound,
    NotReceivedYet,
    PaymentExceeded,
)
from kundenkontor.payments.models import Payment
from kundenkontor.payments.queries import list_payments, settled_by
from kundenkontor.receivables.models import OpenItem
from kundenkontor.receivables.queries import list_open_receivables
from tests.support.books import check_books
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, issue, line
from tests.support.money import balance_of, money_of, open_amount, open_item, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Customer:
    return ada(alpenhost())


def status(invoice: Invoice, days: int = 0) -> tuple[str, bool, bool, bool]:
    row: Any = with_status(Invoice.objects.filter(pk=invoice.pk), on=TODAY + timedelta(days=days)).get()
    return status_of(row), is_overdue(row), is_partly_paid(row), row.is_cancelled


@pytest.mark.feature("M23", "M24", "M25", "M26")
def test_an_invoice_is_paid_when_the_money_is_booked_not_when_it_arrives(customer: Customer) -> None:
    invoice = issue(customer)
    assert status(invoice) == ("open", False, False, False)

    payment = pay(customer, "12.00", is_waiting=True)
    assert status(invoice)[0] == "open"
    assert [row.state for row in list_payments(customer.pk)] == ["received"]  # type: ignore[attr-defined]

    book_payments([payment], on=TODAY, actor=CLARA)
    assert status(invoice) == ("paid", False, False, False)
    assert [row.state for row in list_payments(customer.pk)] == ["booked"]  # type: ignore[attr-defined]
    assert settled_by([payment.pk])[payment.pk] == [(invoice.pk, invoice.number, Decimal("12.00"))]
    assert check_books() == []


@pytest.mark.feature("M16", "M22", "M49")
def test_a_document_is_open_paid_or_a_credit_note_and_labels_stand_beside(customer: Customer) -> None:
    old, partly, cancelled = issue(customer), issue(customer, line("100.00")), issue(customer)
    pay(customer, "20.00", allocations=[(open_item(partly).pk, Decimal(20))])
    cancel_invoice(cancelled, bill_again=False, reason="", on=TODAY, actor=CLARA)
    note = Invoice.objects.get(type_code="381")

    assert status(old, days=7) == ("open", False, False, False)  # due 7 days after issue
    assert status(old, days=8) == ("open", True, False, False)
    assert status(partly) == ("open", False, True, False)
    assert status(cancelled) == ("cancelled", False, False, True)
    assert status(note) == ("credit_note", False, False, False)
    everything = Invoice.objects.all()
    found = {name: set(filter_status(everything, name, on=TODAY)) for name in ("open", "paid", "credit_note")}
    assert found == {"open": {old, partly}, "paid": set(), "credit_note": {note}}
    assert set(filter_status(everything, "partly_paid", on=TODAY)) == {partly}
    assert set(filter_status(everything, "cancelled", on=TODAY)) == {cancelled}
    assert set(filter_status(everything, "overdue", on=TODAY + timedelta(days=9))) == {old, partly}
    assert not filter_status(everything, "1=1", on=TODAY).exists()


@pytest.mark.feature("M26", "M51")
def test_one_payment_settles_named_documents_first_then_the_oldest(customer: Customer) -> None:
    first, second, named = issue(customer), issue(customer), issue(customer)

    pay(customer, "30.00", reference=f"Kunde 11001 / Rechnung {named.number}")

    assert [open_amount(invoice) for invoice in (first, second, named)] == ["0.00", "6.00", "0.00"]
    assert check_books() == []


def test_the_oldest_is_what_was_due_first_not_what_was_issued_first(customer: Customer) -> None:
    customer.payment_terms_days = 30
    customer.save()
    slow = issue(customer)
    customer.payment_terms_days = 7
    customer.save()
    quick = issue(customer)
    assert open_item(quick).due_date < open_item(slow).due_date

    pay(customer, "12.00")

    assert [open_amount(invoice) for invoice in (slow, quick)] == ["12.00", "0.00"]


def test_what_is_paid_too_much_becomes_a_balance_to_offset_or_refund(customer: Customer) -> None:
    issue(customer)
    pay(customer, "50.00")
    assert money_of(customer) == ("12.00", "0.00", "38.00")
    later = issue(customer)

    offset_balance(balance_of(customer), open_item(later), Decimal(12), on=TODAY, actor=CLARA)
    refund_balance(balance_of(customer), Decimal(20), on=TODAY, actor=CLARA)

    assert money_of(customer) == ("24.00", "0.00", "6.00")
    assert status(later)[0] == "paid"
    with pytest.raises(BalanceTooSmall):
        refund_balance(balance_of(customer), Decimal("6.01"), on=TODAY, actor=CLARA)
    assert check_books() == []


def test_a_reversed_payment_opens_again_what_it_settled_and_takes_its_rest_back(customer: Customer) -> None:
    invoice = issue(customer)
    payment = pay(customer, "50.00")

    reverse_payment(payment, reason="Returned", on=TODAY, actor=CLARA)

    assert money_of(customer) == ("12.00", "12.00", "0.00")
    assert status(invoice)[0] == "open"
    assert settled_by([payment.pk]) == {}
    assert [row.state for row in list_payments(customer.pk)] == ["reversed"]  # type: ignore[attr-defined]
    with pytest.raises(AlreadyReversed):
        reverse_payment(payment, reason="Twice", on=TODAY, actor=CLARA)
    assert check_books() == []


def test_a_returned_payment_opens_again_what_its_rest_was_offset_against(customer: Customer) -> None:
    first = issue(customer)
    payment = pay(customer, "50.00")
    later, last = issue(customer), issue(customer)
    offset_balance(balance_of(customer), open_item(later), Decimal(12), on=TODAY, actor=CLARA)
    offset_balance(balance_of(customer), open_item(last), Decimal(5), on=TODAY, actor=CLARA)

    reverse_payment(payment, reason="Returned", on=TODAY, actor=CLARA)

    assert money_of(customer) == ("36.00", "36.00", "0.00")
    assert [open_amount(invoice) for invoice in (first, later, last)] == ["12.00", "12.00", "12.00"]
    assert Event.objects.filter(name="balance.offset_reversed").count() == 2
    assert check_books() == []


def test_what_was_refunded_of_a_returned_payment_is_owed_and_can_be_paid(customer: Customer) -> None:
    issue(customer)
    payment = pay(customer, "50.00")
    refund_balance(balance_of(customer), Decimal(30), on=TODAY, actor=CLARA)

    reverse_payment(payment, reason="Returned", on=TODAY, actor=CLARA)

    assert money_of(customer) == ("12.00", "42.00", "0.00")
    assert {str(item.open_amount) for item in list_open_receivables(customer.pk)} == {"12.00", "30.00"}
    again = pay(customer, "42.00")
    assert money_of(customer) == ("12.00", "0.00", "0.00")
    reverse_payment(again, reason="Returned", on=TODAY, actor=CLARA)
    assert money_of(customer) == ("12.00", "42.00", "0.00")
    assert check_books() == []


def test_an_allocation_undone_leaves_the_money_as_a_balance(customer: Customer) -> None:
    invoice = issue(customer)
    payment = pay(customer, "12.00")

    undone = undo_allocation(payment.allocations.get(), reason="Meant for another", on=TODAY, actor=CLARA)

    assert money_of(customer) == ("12.00", "12.00", "12.00")
    assert status(invoice)[0] == "open" and settled_by([payment.pk]) == {}
    assert [row.state for row in list_payments(customer.pk)] == ["booked"]  # type: ignore[attr-defined]
    assert Event.objects.get(name="payment.allocation_reversed").payload["reason"] == "Meant for another"
    for again in (undone, undone.reverses):
        assert again is not None
        with pytest.raises(AllocationUndone):
            undo_allocation(again, reason="Twice", on=TODAY, actor=CLARA)
    assert check_books() == []


def test_a_payment_is_reversed_whole_whatever_was_undone_of_it(customer: Customer) -> None:
    first, second = issue(customer), issue(customer)
    payment = pay(customer, "30.00")
    undo_allocation(payment.allocations.get(open_item=open_item(first)), reason="", on=TODAY, actor=CLARA)
    balances = OpenItem.objects.filter(customer=customer, kind="balance").order_by("original_amount")
    assert [str(item.open_amount) for item in balances] == ["6.00", "12.00"]
    offset_balance(balances[0], open_item(first), Decimal(5), on=TODAY, actor=CLARA)
    refund_balance(balances[1], Decimal(10), on=TODAY, actor=CLARA)

    reverse_payment(payment, reason="Returned", on=TODAY, actor=CLARA)

    assert money_of(customer) == ("24.00", "34.00", "0.00")
    assert [open_amount(invoice) for invoice in (first, second)] == ["12.00", "12.00"]
    assert check_books() == []


def test_an_offset_undone_makes_the_balance_as_large_as_before(customer: Customer) -> None:
    pay(customer, "50.00")
    invoice = issue(customer)
    offset = offset_balance(balance_of(customer), open_item(invoice), Decimal(12), on=TODAY, actor=CLARA)

    undo_allocation(offset, reason="Meant for another", on=TODAY, actor=CLARA)

    assert money_of(customer) == ("12.00", "12.00", "50.00")
    assert Event.objects.get(name="balance.offset_reversed").payload["reason"] == "Meant for another"
    assert balance_of(customer).open_amount == 50
    assert check_books() == []


def test_an_allocation_undone_after_a_cancellation_owes_nothing(customer: Customer) -> None:
    invoice = issue(customer)
    payment = pay(customer, "12.00")
    cancel_invoice(invoice, bill_again=False, reason="", on=TODAY, actor=CLARA)

    undo_allocation(payment.allocations.get(), reason="", on=TODAY, actor=CLARA)

    assert money_of(customer) == ("0.00", "0.00", "12.00")
    reverse_payment(payment, reason="", on=TODAY, actor=CLARA)
    assert money_of(customer) == ("0.00", "0.00", "0.00")
    assert check_books() == []


def test_many_payments_settle_one_after_the_other_in_as_many_statements_as_one(customer: Customer) -> None:
    other, third = bob(customer.seller), ada(alpenhost(short_name="nordhost"))
    invoices = [issue(one) for one in (customer, customer, other, third)]

    def receive(*of: Customer) -> int:
        received = [IncomingPayment(one, Decimal("8.00"), TODAY) for one in of]
        with CaptureQueriesContext(connection) as queries:
            payments = receive_payments(received, on=TODAY, actor=CLARA)
        assert [payment.customer for payment in payments] == list(of)
        return len(queries)

    assert receive(customer, other, other) == receive(other, *[customer] * 5)
    assert [open_amount(invoice) for invoice in invoices] == ["0.00", "0.00", "0.00", "12.00"]
    receive(third, customer)
    assert [money_of(one).balance for one in (customer, other, third)] == ["32.00", "12.00", "0.00"]
    assert open_amount(invoices[3]) == "4.00"
    assert check_books() == []


def test_many_payments_are_received_all_or_none(customer: Customer) -> None:
    item = open_item(issue(customer)).pk
    received = [IncomingPayment(customer, Decimal(7), TODAY, allocations=[(item, Decimal(7))])] * 2

    with pytest.raises(AllocationTooLarge):
        receive_payments(received, on=TODAY, actor=CLARA)

    assert not Payment.objects.exists()
    assert receive_payments([], on=TODAY, actor=CLARA) == []


def test_money_is_booked_where_it_arrived(customer: Customer) -> None:
    issue(customer)
    payment = pay(customer, "20.00", place="provider")

    assert account_sums("bank") == {"": 0, "provider": 20}
    reverse_payment(payment, reason="", on=TODAY, actor=CLARA)

    assert account_sums("bank") == {"": 0, "provider": 0}
    assert check_books() == []


def account_sums(role: str) -> dict[str, Decimal]:
    """What stands on the accounts of a role, by place."""
    accounts = Account.objects.filter(role=role)
    return {account.place: _sum(account.debits) - _sum(account.credits) for account in accounts}


def _sum(postings: Any) -> Decimal:
    return postings.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def test_an_offset_undone_after_a_cancellation_owes_nothing(customer: Customer) -> None:
    payment = pay(customer, "50.00")
    invoice = issue(customer)
    offset_balance(balance_of(customer), open_item(invoice), Decimal(12), on=TODAY, actor=CLARA)
    cancel_invoice(invoice, bill_again=False, reason="", on=TODAY, actor=CLARA)
    assert money_of(customer) == ("0.00", "0.00", "50.00")

    reverse_payment(payment, reason="Returned", on=TODAY, actor=CLARA)

    assert money_of(customer) == ("0.00", "0.00", "0.00")
    assert check_books() == []


def test_a_reversal_after_a_cancellation_owes_nothing(customer: Customer) -> None:
    invoice = issue(customer)
    payment = pay(customer, "12.00")
    cancel_invoice(invoice, bill_again=False, reason="", on=TODAY, actor=CLARA)
    assert money_of(customer) == ("0.00", "0.00", "12.00")

    reverse_payment(payment, reason="Returned", on=TODAY, actor=CLARA)

    assert money_of(customer) == ("0.00", "0.00", "0.00")
    assert check_books() == []


def test_a_reversed_payment_that_was_never_booked_stays_unbooked(customer: Customer) -> None:
    payment = pay(customer, "12.00", is_waiting=True)
    reverse_payment(payment, reason="Typed twice", on=TODAY, actor=CLARA)

    with pytest.raises(AlreadyReversed):
        book_payments([payment], on=TODAY, actor=CLARA)


def test_bad_payments_are_refused(customer: Customer) -> None:
    invoice, foreign = issue(customer), issue(bob(customer.seller))
    item, theirs = open_item(invoice).pk, open_item(foreign).pk

    for amount in ("0", "-1"):
        with pytest.raises(AmountNotPositive):
            pay(customer, amount)
    with pytest.raises(NotReceivedYet):
        pay(customer, Decimal(1), TODAY + timedelta(days=1), on=TODAY, actor=CLARA)
    with pytest.raises(AllocationTooLarge):
        pay(customer, "99.00", allocations=[(item, Decimal("12.01"))])
    with pytest.raises(AllocationTooLarge):
        pay(customer, "99.00", allocations=[(item, Decimal(7)), (item, Decimal(6))])
    with pytest.raises(PaymentExceeded):
        pay(customer, "5.00", allocations=[(item, Decimal(6))])
    with pytest.raises(ItemNotFound):
        pay(customer, "12.00", allocations=[(theirs, Decimal(1))])
    with pytest.raises(AmountNotPositive):
        pay(customer, "12.00", allocations=[(item, Decimal(-1))])
    with pytest.raises(BookedLater):
        pay(customer, "12.00", allocations=[(item, Decimal(1))], is_waiting=True)
    payment = pay(customer, "12.00")
    with pytest.raises(AlreadyBooked):
        book_payments([payment], on=TODAY, actor=CLARA)
    assert check_books() == []


def test_balances_are_spent_by_their_customer_only(customer: Customer) -> None:
    pay(customer, "12.00")
    foreign = issue(bob(customer.seller))

    with pytest.raises(ItemNotFound):
        offset_balance(balance_of(customer), open_item(foreign), Decimal(1), on=TODAY, actor=CLARA)
    with pytest.raises(ItemNotFound):
        refund_balance(open_item(foreign), Decimal(1), on=TODAY, actor=CLARA)


def test_nothing_is_allocated_where_nothing_is_owed() -> None:
    assert allocate(Decimal(10), "", []) == []
