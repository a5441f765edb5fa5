"""Open items: writing them, locking them in one order, moving their open amounts, clearing one against another.

Parts of commands above, in their transaction; whoever calls books postings and keeps totals by the same amounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import Q

from kundenkontor.kernel.bulk import ISO_DATES, copy_lines
from kundenkontor.kernel.kinds import Item
from kundenkontor.kernel.money import ZERO
from kundenkontor.ledger.commands import Accounts, EntryDraft, write_entries
from kundenkontor.receivables.claims import CLAIMS, IS_OWED
from kundenkontor.receivables.models import OpenItem

# documents, invoiced, open, balance
TotalsChange = tuple[int, Decimal, Decimal, Decimal]
_COLUMNS = "id, seller_id, customer_id, kind, number, currency, original_amount, open_amount, due_date"


class NewItem(NamedTuple):
    """An item whose id was drawn beforehand, wholly open. ``number`` needs no escaping."""

    id: int
    seller_id: int
    customer_id: int
    kind: Item
    number: str
    amount: Decimal
    due_date: date


def write_items(items: Iterable[NewItem]) -> None:
    """COPY new items, once the numbers of what they stand for are known."""
    copy_lines(
        "receivables_openitem",
        _COLUMNS,
        (
            f"{id_}\t{seller_id}\t{customer_id}\t{kind}\t{number}\tEUR\t{amount!s}\t{amount!s}\t{ISO_DATES[due_date]}\n"
            for id_, seller_id, customer_id, kind, number, amount, due_date in items
        ),
    )


def lock_items(ids: Iterable[int]) -> dict[int, OpenItem]:
    """Lock open items until commit, in id order, so that two commands never wait for each other."""
    rows = OpenItem.objects.select_for_update(no_key=True).filter(pk__in=set(ids)).order_by("pk")
    return {item.pk: item for item in rows}


def lock_receivables(which: Q) -> list[OpenItem]:
    """Lock what customers owe, in id order."""
    rows = OpenItem.objects.select_for_update(no_key=True).filter(which, IS_OWED)
    return list(rows.order_by("pk"))


def move_items(changes: Mapping[int, Decimal]) -> None:
    """Add to the open amounts of locked items; the database refuses less than nothing and more than the original."""
    if not changes:
        return
    ids, amounts = list(changes), list(changes.values())
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE receivables_openitem i SET open_amount = i.open_amount + c.amount"
            " FROM unnest(%s::bigint[], %s::numeric[]) AS c(id, amount) WHERE i.id = c.id",
            [ids, amounts],
        )
        assert cursor.rowcount == len(ids)


def clear_items(balance: OpenItem, receivable: OpenItem, *, reference: str, on: date, accounts: Accounts) -> Decimal:
    """Clear two locked items of one customer against each other, as far as both are open. Returns how much.

    One entry of kind "clearing" on the day of what brought it about; ``reference`` is unique for it. The items given
    are changed with their rows.
    """
    back, owed = CLAIMS[balance.kind], CLAIMS[receivable.kind]
    assert (back.sign, owed.sign) == (-1, 1)
    assert balance.customer_id == receivable.customer_id
    amount = min(balance.open_amount, receivable.open_amount)
    if not amount:
        return ZERO
    posting = (accounts[back.account], accounts[owed.account], amount, balance.pk, receivable.pk)
    entry = EntryDraft("clearing", reference, balance.customer_id, [posting], on)
    write_entries(balance.seller_id, [entry], currency=balance.currency)
    move_items({balance.pk: -amount, receivable.pk: -amount})
    change_totals({balance.customer_id: (0, ZERO, -amount, -amount)})
    balance.open_amount -= amount
    receivable.open_amount -= amount
    return amount


def change_totals(changes: Mapping[int, TotalsChange]) -> None:
    """Add to the kept sums of customers, in the order of customers, so that two commands never wait for each other."""
    columns = zip(*[(customer_id, *row) for customer_id, row in sorted(changes.items())], strict=True)
    arrays = [f"{{{','.join(map(str, column))}}}" for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO receivables_customertotals AS kept
                (customer_id, documents, invoiced_amount, open_amount, balance_amount)
            SELECT * FROM unnest(%s::bigint[], %s::int[], %s::numeric[], %s::numeric[], %s::numeric[])
            ON CONFLICT (customer_id) DO UPDATE SET
                documents = kept.documents + excluded.documents,
                invoiced_amount = kept.invoiced_amount + excluded.invoiced_amount,
                open_amount = kept.open_amount + excluded.open_amount,
                balance_amount = kept.balance_amount + excluded.balance_amount
            """,
            arrays,
        )
