"""The status of a document and its labels, told of a row and asked for in a filter: both say the same."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from kundenkontor.invoicing.correcting.commands import cancel_invoice, correct_invoice
from kundenkontor.invoicing.correcting.corrections import LineCorrection
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.queries import filter_status, is_overdue, is_partly_paid, status_of, with_status
from kundenkontor.invoicing.words import STATUSES
from kundenkontor.invoicing.writing_off.commands import take_back_write_off, write_off_invoice
from kundenkontor.kernel.errors import DomainError
from kundenkontor.payments.commands import refund_balance, reverse_payment
from kundenkontor.payments.models import Payment
from kundenkontor.receivables.models import WriteOff
from kundenkontor.receivables.queries import list_balances
from tests.support.builders import CLARA, TODAY, ada, alpenhost, issue, line
from tests.support.money import open_item, pay

pytestmark = pytest.mark.django_db
LATE = TODAY + timedelta(days=30)


def pay_part(invoice: Invoice) -> None:
    item = open_item(invoice)
    part = min(item.open_amount, Decimal(20))
    pay(invoice.customer, part, allocations=[(item.pk, part)])


def pay_rest(invoice: Invoice) -> None:
    item = open_item(invoice)
    pay(invoice.customer, item.open_amount, allocations=[(item.pk, item.open_amount)])


def take_payment_back(invoice: Invoice) -> None:
    paid = Payment.objects.filter(allocations__open_item=invoice.open_item_id, reversal=None).last()
    if paid:
        reverse_payment(paid, reason="returned", on=TODAY, actor=CLARA)


def correct(invoice: Invoice) -> None:
    correct_invoice(invoice, [LineCorrection(1, net_amount=Decimal(10))], reason="x", on=TODAY, actor=CLARA)


def cancel(invoice: Invoice) -> None:
    cancel_invoice(invoice, bill_again=False, reason="x", on=TODAY, actor=CLARA)


def lose(invoice: Invoice) -> None:
    write_off_invoice(invoice, reason="insolvent", on=TODAY, actor=CLARA)


def regain_part(invoice: Invoice) -> None:
    for loss in WriteOff.objects.filter(open_item=invoice.open_item_id, reverses=None):
        take_back_write_off(loss, loss.amount / 2, reason="x", arrived_on=TODAY, on=TODAY, actor=CLARA)


def refund(invoice: Invoice) -> None:
    for balance in list_balances(invoice.customer_id):
        refund_balance(balance, balance.open_amount, on=TODAY, actor=CLARA)


STEPS = (pay_part, pay_rest, take_payment_back, correct, cancel, lose, regain_part)
LONGER = (
    (pay_rest, cancel, refund, take_payment_back),
    (correct, pay_part, lose, regain_part),
    (lose, regain_part, pay_rest, take_payment_back),
)


def let_things_happen() -> None:
    """Any two things after each other, each pair to a document of its own; what is refused does not happen."""
    customer = ada(alpenhost())
    for steps in (*product(STEPS, repeat=2), *LONGER):
        invoice = issue(customer, line("100.00"))
        for step in steps:
            with suppress(DomainError):
                step(invoice)


def told(on: date) -> dict[str, set[int]]:
    """The ids by what their rows tell."""
    found: dict[str, set[int]] = defaultdict(set)
    rows: list[Any] = list(with_status(Invoice.objects.all(), on=on))
    for row in rows:
        labels = (("overdue", is_overdue(row)), ("partly_paid", is_partly_paid(row)), ("cancelled", row.is_cancelled))
        for name in {status_of(row), *(name for name, holds in labels if holds)}:
            found[name].add(row.pk)
    return found


@pytest.mark.feature("M16", "M23", "M24", "M26")
def test_rows_and_filters_tell_the_same_whatever_happened_to_a_document() -> None:
    let_things_happen()

    for on in (TODAY, LATE):
        found = told(on)
        for name in STATUSES:
            asked = set(filter_status(Invoice.objects.all(), name, on=on).values_list("pk", flat=True))
            assert asked == found[name], (name, on)
    assert set(found) == set(STATUSES), "something never happened"
    assert found["open"] & found["cancelled"], "nobody owes what was cancelled"
