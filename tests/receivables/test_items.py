"""Open items without anything that they stand for: written, listed, locked, moved and cleared."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Q

from kundenkontor.kernel.bulk import take_ids
from kundenkontor.kernel.kinds import Item
from kundenkontor.ledger.commands import CUSTOMER_BALANCE, RECEIVABLE, Accounts
from kundenkontor.ledger.models import JournalEntry, Posting
from kundenkontor.parties.models import Customer
from kundenkontor.receivables.commands import (
    NewItem,
    change_totals,
    clear_items,
    lock_items,
    lock_receivables,
    move_items,
    write_items,
)
from kundenkontor.receivables.models import CustomerTotals, OpenItem
from kundenkontor.receivables.queries import list_balances, list_open_receivables
from tests.support.builders import TODAY, ada, alpenhost, bob

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Customer:
    return ada(alpenhost())


def item(customer: Customer, amount: str, kind: Item = "receivable", due: date = TODAY) -> OpenItem:
    (id_,) = take_ids("receivables_openitem", 1)
    write_items([NewItem(id_, customer.seller_id, customer.pk, kind, f"X{id_}", Decimal(amount), due)])
    return OpenItem.objects.get(pk=id_)


def test_a_new_item_is_wholly_open(customer: Customer) -> None:
    new = item(customer, "12.00")

    assert (new.original_amount, new.open_amount, new.currency) == (Decimal(12), Decimal(12), "EUR")
    assert (new.customer, new.seller_id, new.due_date) == (customer, customer.seller_id, TODAY)


def test_what_is_owed_and_what_is_owed_back_are_listed_apart(customer: Customer) -> None:
    later, first = item(customer, "1.00", due=TODAY + timedelta(days=1)), item(customer, "2.00")
    balance, settled = item(customer, "3.00", "balance"), item(customer, "4.00")
    item(bob(customer.seller), "5.00")
    move_items({settled.pk: Decimal(-4)})

    assert list(list_open_receivables(customer.pk)) == [first, later]
    assert list(list_balances(customer.pk)) == [balance]
    assert lock_receivables(Q(customer=customer)) == [later, first, settled]
    assert list(lock_items([settled.pk, balance.pk, later.pk])) == [later.pk, balance.pk, settled.pk]


@pytest.mark.parametrize("change", ["-12.01", "0.01"])
def test_an_item_is_never_moved_below_nothing_or_above_all(customer: Customer, change: str) -> None:
    owed = item(customer, "12.00")

    with pytest.raises(IntegrityError, match="open_is_between_nothing_and_all"), transaction.atomic():
        move_items({owed.pk: Decimal(change)})


@pytest.mark.parametrize(("owed", "back", "cleared"), [("30.00", "20.00", "20.00"), ("5.00", "20.00", "5.00")])
def test_two_items_clear_each_other_as_far_as_both_are_open(
    customer: Customer, owed: str, back: str, cleared: str
) -> None:
    receivable, balance = item(customer, owed), item(customer, back, "balance")
    accounts, amount = Accounts(customer.seller_id), Decimal(cleared)
    change_totals({customer.pk: (1, Decimal(owed), Decimal(owed), Decimal(back))})

    assert clear_items(balance, receivable, reference="X", on=TODAY, accounts=accounts) == amount

    posting = Posting.objects.get()
    assert (posting.debit_account_id, posting.debit_item_id) == (accounts[CUSTOMER_BALANCE], balance.pk)
    assert (posting.credit_account_id, posting.credit_item_id) == (accounts[RECEIVABLE], receivable.pk)
    assert (posting.amount, JournalEntry.objects.get().kind) == (amount, "clearing")
    for one in (receivable, balance):
        assert one.open_amount == one.original_amount - amount == OpenItem.objects.get(pk=one.pk).open_amount
    totals = CustomerTotals.objects.get()
    assert (totals.open_amount, totals.balance_amount) == (receivable.open_amount, balance.open_amount)


def test_what_is_settled_clears_nothing_and_books_nothing(customer: Customer) -> None:
    receivable, balance = item(customer, "0.00"), item(customer, "5.00", "balance")

    accounts = Accounts(customer.seller_id)
    assert clear_items(balance, receivable, reference="X", on=TODAY, accounts=accounts) == 0
    assert not JournalEntry.objects.exists()


def test_items_of_two_customers_or_of_one_side_are_never_cleared(customer: Customer) -> None:
    receivable, balance = item(customer, "5.00"), item(bob(customer.seller), "5.00", "balance")
    accounts = Accounts(customer.seller_id)

    for pair in ((balance, receivable), (receivable, receivable)):
        with pytest.raises(AssertionError):
            clear_items(*pair, reference="X", on=TODAY, accounts=accounts)


@pytest.mark.invariant("I-M3")
def test_totals_begin_with_the_first_change_and_add_up(customer: Customer) -> None:
    other = bob(customer.seller)

    change_totals({customer.pk: (1, Decimal(12), Decimal(12), Decimal(0))})
    change_totals(
        {other.pk: (1, Decimal(1), Decimal(1), Decimal(0)), customer.pk: (0, Decimal(0), Decimal(-2), Decimal(3))}
    )

    kept = CustomerTotals.objects.get(customer=customer)
    assert (kept.documents, kept.invoiced_amount) == (1, Decimal(12))
    assert (kept.open_amount, kept.balance_amount) == (Decimal(10), Decimal(3))
    assert CustomerTotals.objects.get(customer=other).open_amount == 1
