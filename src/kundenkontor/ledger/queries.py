"""Reading the books: postings of a period, and what accounts moved in it. By the days on which it was posted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from kundenkontor.ledger.models import Account, Posting


def list_postings(seller_id: int, since: date, until: date) -> QuerySet[Posting]:
    """The journal of a period, in the order in which it was booked."""
    rows = Posting.objects.filter(
        entry__seller_id=seller_id, entry__entry_date__gte=since, entry__entry_date__lte=until
    )
    return rows.select_related("entry", "debit_account", "credit_account").order_by("entry_id", "position")


def list_account_postings(account: Account, since: date, until: date) -> QuerySet[Posting]:
    """What moved one account in a period."""
    return list_postings(account.seller_id, since, until).filter(Q(debit_account=account) | Q(credit_account=account))


class AccountSums(NamedTuple):
    """What an account stood at before a period, debit positive, and what moved it in the period."""

    account_id: int
    opening: Decimal
    debited: Decimal
    credited: Decimal

    @property
    def closing(self) -> Decimal:
        return self.opening + self.debited - self.credited


_SUMS = """
SELECT account_id, coalesce(sum(debited - credited) FILTER (WHERE entry_date < %(since)s), 0),
       coalesce(sum(debited) FILTER (WHERE entry_date >= %(since)s), 0),
       coalesce(sum(credited) FILTER (WHERE entry_date >= %(since)s), 0)
FROM (
    SELECT p.debit_account_id AS account_id, e.entry_date, p.amount AS debited, 0 AS credited
    FROM ledger_posting p JOIN ledger_journalentry e ON e.id = p.entry_id
    WHERE e.seller_id = %(seller)s AND e.entry_date <= %(until)s
    UNION ALL
    SELECT p.credit_account_id, e.entry_date, 0, p.amount
    FROM ledger_posting p JOIN ledger_journalentry e ON e.id = p.entry_id
    WHERE e.seller_id = %(seller)s AND e.entry_date <= %(until)s
) moved GROUP BY account_id
"""


def account_sums(seller_id: int, since: date, until: date) -> dict[int, AccountSums]:
    """By account; those that nothing ever moved are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, {"seller": seller_id, "since": since, "until": until})
        return {row[0]: AccountSums(*row) for row in cursor.fetchall()}
