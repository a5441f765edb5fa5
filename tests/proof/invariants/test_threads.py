"""Sixteen threads that issue, pay, cancel, correct, offset, refund and reverse at random (I-M3)."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection, transaction

from kundenkontor.invoicing.correcting.commands import cancel_invoice, correct_invoice
from kundenkontor.invoicing.correcting.corrections import LineCorrection
from kundenkontor.invoicing.drafting.commands import issue_draft
from kundenkontor.invoicing.models import Correction, Invoice, ManualDraft, NumberSeries
from kundenkontor.kernel.errors import DomainError
from kundenkontor.parties.models import Customer
from kundenkontor.payments.commands import (
    book_payments,
    offset_balance,
    refund_balance,
    reverse_payment,
    undo_allocation,
)
from kundenkontor.payments.errors import BalanceMoved
from kundenkontor.payments.models import Allocation, Payment
from kundenkontor.receivables.models import CustomerTotals, OpenItem
from tests.proof.invariants.scenarios import people
from tests.proof.invariants.threads import all_at_once
from tests.support.books import check_books
from tests.support.breakers import BreakerReport
from tests.support.builders import CLARA, TODAY, issue, line
from tests.support.money import money_of, open_item, pay
from tests.support.patience import CEILING, wait_until

THREADS = 16
STEPS = 12


class Player:
    """One thread's luck: it does something allowed or not with what the others leave it."""

    def __init__(self, seed: int, customers: list[Customer]) -> None:
        self.random = random.Random(seed)
        self.customers = customers
        self.done: Counter[str] = Counter()

    def play(self) -> Counter[str]:
        moves: list[Callable[[Customer], object]] = [
            self.issue, self.pay, self.pay, self.book_later, self.cancel, self.correct, self.offset, self.refund,
            self.reverse, self.undo, self.issue_draft,
        ]  # fmt: skip
        for _ in range(STEPS):
            move = self.random.choice(moves)
            try:
                if move(self.random.choice(self.customers)) is not None:
                    self.done[move.__name__] += 1
            except DomainError as refusal:
                self.done[refusal.code] += 1
        return self.done

    def amount(self) -> Decimal:
        return Decimal(self.random.randint(1, 6000)) / 100

    def issue(self, customer: Customer) -> object:
        return issue(customer, line(str(self.amount())), line("5.00"))

    def pay(self, customer: Customer) -> object:
        return pay(customer, self.amount(), TODAY, on=TODAY, actor=CLARA)

    def book_later(self, customer: Customer) -> object:
        payment = Payment.objects.filter(customer=customer, booking=None).order_by("?").first()
        if payment is None:
            return pay(customer, self.amount(), TODAY, is_waiting=True, on=TODAY, actor=CLARA)
        book_payments([payment], on=TODAY, actor=CLARA)
        return payment

    def some_invoice(self, customer: Customer) -> Invoice | None:
        return Invoice.objects.filter(customer=customer, type_code="380").order_by("?").first()

    def cancel(self, customer: Customer) -> object:
        invoice = self.some_invoice(customer)
        again = self.random.random() < 0.5
        return invoice and cancel_invoice(invoice, bill_again=again, reason="", on=TODAY, actor=CLARA)

    def correct(self, customer: Customer) -> object:
        invoice = self.some_invoice(customer)
        part = LineCorrection(self.random.randint(1, 2), net_amount=self.amount() / 10 // Decimal("0.01") / 100 + 1)
        return invoice and correct_invoice(invoice, [part], reason="", on=TODAY, actor=CLARA)

    def some_item(self, customer: Customer, kind: str) -> OpenItem | None:
        return OpenItem.objects.filter(customer=customer, kind=kind, open_amount__gt=0).order_by("?").first()

    def offset(self, customer: Customer) -> object:
        balance, owed = self.some_item(customer, "balance"), self.some_item(customer, "receivable")
        return balance and owed and offset_balance(balance, owed, self.amount() / 5 // 1 + 1, on=TODAY, actor=CLARA)

    def refund(self, customer: Customer) -> object:
        balance = self.some_item(customer, "balance")
        return balance and refund_balance(balance, self.amount(), on=TODAY, actor=CLARA)

    def reverse(self, customer: Customer) -> object:
        payment = Payment.objects.filter(customer=customer).order_by("?").first()
        return payment and reverse_payment(payment, reason="", on=TODAY, actor=CLARA)

    def undo(self, customer: Customer) -> object:
        allocation = Allocation.objects.filter(customer_id=customer.pk).order_by("?").first()
        return allocation and undo_allocation(allocation, reason="", on=TODAY, actor=CLARA)

    def issue_draft(self, customer: Customer) -> object:
        draft = ManualDraft.objects.filter(customer=customer).order_by("?").first()
        return draft and issue_draft(draft, on=TODAY, actor=CLARA)


@pytest.mark.commits
@pytest.mark.invariant("I-M1", "I-M3", "I-N1", "I-D3", "I-T1")
def test_random_money_commands_in_sixteen_threads_keep_every_sum(breaker_report: BreakerReport) -> None:
    _, *customers = people()
    for customer in customers:
        for _ in range(4):
            issue(customer, line("30.00"), line("10.00"))

    outcomes = all_at_once([Player(seed, customers).play for seed in range(THREADS)])

    assert [outcome for outcome in outcomes if isinstance(outcome, BaseException)] == []
    done: Counter[str] = sum((outcome for outcome in outcomes if isinstance(outcome, Counter)), Counter())
    assert {"issue", "pay", "cancel", "correct", "reverse", "undo"} <= set(done)
    assert check_books() == []
    for customer in customers:
        money_of(customer)
    assert CustomerTotals.objects.count() == 2
    breaker_report(threads=THREADS)


@pytest.mark.commits
@pytest.mark.invariant("I-D3", "I-N1")
def test_an_invoice_cancelled_by_sixteen_threads_is_cancelled_once(breaker_report: BreakerReport) -> None:
    _, customer, _ = people()
    invoice = issue(customer, line("100.00"))
    pay(customer, Decimal("30.00"), TODAY, on=TODAY, actor=CLARA)
    cancel = partial(cancel_invoice, invoice, bill_again=True, reason="", on=TODAY, actor=CLARA)

    outcomes = all_at_once([cancel] * 16)

    refusals = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert [getattr(refusal, "code", repr(refusal)) for refusal in refusals] == ["already_cancelled"] * 15
    assert Correction.objects.count() == ManualDraft.objects.count() == 1
    assert NumberSeries.objects.get(kind="credit_note").next_number == 2
    assert money_of(customer) == ("0.00", "0.00", "30.00")
    assert check_books() == []
    breaker_report(threads=16)


@pytest.mark.commits
@pytest.mark.invariant("I-D3")
def test_corrections_in_parallel_never_take_back_more_than_there_was(breaker_report: BreakerReport) -> None:
    _, customer, _ = people()
    invoice = issue(customer, line("100.00"))
    part = [LineCorrection(1, net_amount=Decimal("15.01"))]
    correct = partial(correct_invoice, invoice, part, reason="", on=TODAY, actor=CLARA)

    outcomes = all_at_once([correct] * 16)

    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 6
    assert open_item(invoice).open_amount == Decimal("11.93")
    assert check_books() == []
    breaker_report(threads=16)


@pytest.mark.commits
@pytest.mark.invariant("I-M3", "I-M5")
def test_a_balance_refunded_by_sixteen_threads_goes_out_once(breaker_report: BreakerReport) -> None:
    _, customer, _ = people()
    pay(customer, Decimal("50.00"), TODAY, on=TODAY, actor=CLARA)
    item = OpenItem.objects.get()

    outcomes = all_at_once([partial(refund_balance, item, Decimal("30.00"), on=TODAY, actor=CLARA)] * 16)

    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1
    assert money_of(customer) == ("0.00", "0.00", "20.00")
    assert check_books() == []
    breaker_report(threads=16)


@pytest.mark.commits
@pytest.mark.invariant("I-M3", "I-M5")
def test_a_payment_booked_and_reversed_by_sixteen_threads_is_so_once(breaker_report: BreakerReport) -> None:
    _, customer, _ = people()
    issue(customer)
    payment = pay(customer, Decimal("12.00"), TODAY, is_waiting=True, on=TODAY, actor=CLARA)
    book = partial(book_payments, [payment], on=TODAY, actor=CLARA)
    reverse = partial(reverse_payment, payment, reason="", on=TODAY, actor=CLARA)

    outcomes = all_at_once([book, reverse] * 8)

    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert {type(error).__name__ for error in errors} <= {"AlreadyBooked", "AlreadyReversed"}
    assert money_of(customer).open == "12.00"
    assert check_books() == []
    breaker_report(threads=16)


@pytest.mark.commits
@pytest.mark.invariant("I-D3")
def test_a_payment_reversed_while_its_invoice_is_cancelled_leaves_nothing_owed(breaker_report: BreakerReport) -> None:
    """The reversal waits for the cancellation's lock; it is refused rather than overlook the new document."""
    _, customer, _ = people()
    invoice = issue(customer, line("100.00"))
    payment = pay(customer, Decimal("120.00"), TODAY, on=TODAY, actor=CLARA)
    reverse = partial(reverse_payment, payment, reason="", on=TODAY, actor=CLARA)
    is_cancelled = threading.Event()

    def cancel_slowly() -> None:
        with transaction.atomic():
            cancel_invoice(invoice, bill_again=False, reason="", on=TODAY, actor=CLARA)
            is_cancelled.set()
            wait_until(somebody_waits, "the reversal, waiting for the lock")

    def somebody_waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE datname = current_database() AND NOT granted)"
            )
            return bool(cursor.fetchone()[0])

    def reverse_meanwhile() -> object:
        is_cancelled.wait(CEILING)
        return reverse()

    _, outcome = all_at_once([cancel_slowly, reverse_meanwhile])

    assert isinstance(outcome, BalanceMoved)
    reverse()
    assert money_of(customer) == ("0.00", "0.00", "0.00")
    assert check_books() == []
    breaker_report(threads=2)
