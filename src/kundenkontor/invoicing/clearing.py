"""Open items: locking them in one order, moving their open amounts, and clearing one against another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Q

from kundenkontor.invoicing.issuing.booking import change_totals
from kundenkontor.invoicing.models import OpenItem
from kundenkontor.ledger.commands import CUSTOMER_BALANCE, RECEIVABLE, Accounts, EntryDraft, write_entries

ZERO = Decimal("0.00")


def lock_items(ids: Iterable[int]) -> dict[int, OpenItem]:
    """Lock open items until commit, in id order, so that two commands never wait for each other."""
    rows = OpenItem.objects.select_for_update(no_key=True).filter(pk__in=set(ids)).order_by("pk")
    return {item.pk: item for item in rows}


def lock_receivables(which: Q) -> list[OpenItem]:
    """Lock what customers owe, in id order."""
    rows = OpenItem.objects.select_for_update(no_key=True).filter(which, kind="receivable")
    return list(rows.order_by("pk"))


def move_items(changes: Mapping[int, Decimal]) -> None:
    """Add to the open amounts of locked items; the database refuses less than nothing and more than the original."""
    if not changes:
        return
    ids, amounts = list(changes), list(changes.values())
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE invoicing_openitem i SET open_amount = i.open_amount + c.amount"
            " FROM unnest(%s::bigint[], %s::numeric[]) AS c(id, amount) WHERE i.id = c.id",
            [ids, amounts],
        )
        assert cursor.rowcount == len(ids)


def clear_items(balance: OpenItem, receivable: OpenItem, *, reference: str, on: date, accounts: Accounts) -> Decimal:
    """Clear two locked items of one customer against each other, as far as both are open. Returns how much.

    One entry of kind "clearing"; ``reference`` is unique for it. The items given are changed with their rows.
    """
    assert (balance.kind, receivable.kind) == ("balance", "receivable")
    assert balance.customer_id == receivable.customer_id
    amount = min(balance.open_amount, receivable.open_amount)
    if not amount:
        return ZERO
    posting = (accounts[CUSTOMER_BALANCE], accounts[RECEIVABLE], amount, balance.pk, receivable.pk)
    write_entries(balance.seller_id, [EntryDraft("clearing", reference, balance.customer_id, [posting])], on=on)
    move_items({balance.pk: -amount, receivable.pk: -amount})
    change_totals({balance.customer_id: (0, ZERO, -amount, -amount)})
    balance.open_amount -= amount
    receivable.open_amount -= amount
    return amount
