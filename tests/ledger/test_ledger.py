"""Accounts are made on demand, in one order; entries may be nobody's."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import permutations

import pytest
from django.db import transaction

from kundenkontor.ledger.commands import BANK, AccountKey, Accounts, EntryDraft, bank, write_entries
from kundenkontor.ledger.models import Account, Posting
from tests.proof.invariants.threads import all_at_once
from tests.support.books import check_books
from tests.support.builders import TODAY, alpenhost

CASES = [
    (AccountKey("revenue", "S", Decimal(rate), "AT"), AccountKey("vat_payable", "S", Decimal(rate), "AT"))
    for rate in (20, 13, 10)
]


@pytest.mark.django_db
def test_accounts_are_found_by_role_vat_case_and_place() -> None:
    seller = alpenhost()
    keys = [BANK, bank("AT61"), bank("provider"), *CASES[0], AccountKey("revenue", "S", Decimal(20), "DE")]

    first, again = (Accounts(seller.pk, keys) for _ in range(2))

    assert len({first[key] for key in keys}) == len(keys)
    assert [first[key] for key in keys] == [again[key] for key in keys]


@pytest.mark.django_db
def test_an_entry_may_concern_no_customer() -> None:
    seller = alpenhost()
    accounts = Accounts(seller.pk, [bank("AT61")])
    moved = (accounts[bank("AT61")], accounts[BANK], Decimal("5.00"), None, None)

    write_entries(seller.pk, [EntryDraft("transfer", "1", None, [moved], TODAY)])

    assert Posting.objects.get().customer_id is None


@pytest.mark.commits
def test_first_bookings_at_the_same_time_never_wait_for_each_other() -> None:
    seller = alpenhost()

    def make(cases: list[tuple[AccountKey, AccountKey]]) -> Callable[[], int]:
        def call() -> int:
            with transaction.atomic():
                return Accounts(seller.pk, [key for case in cases for key in case])[cases[0][0]]

        return call

    found = all_at_once([make(list(order)) for order in permutations(CASES)] * 3)

    assert [one for one in found if isinstance(one, BaseException)] == []
    assert len(set(map(str, found))) == len(CASES)
    assert Account.objects.filter(seller=seller).count() == 4 + 2 * len(CASES)
    assert check_books() == []
