"""The kinds of claims: whatever differs between them stands in this table and nowhere else.

A new kind is a row here and the migration that its CHECK asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from django.db.models import Q

from kundenkontor.kernel.kinds import Item
from kundenkontor.ledger.commands import CUSTOMER_BALANCE, RECEIVABLE, AccountKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One kind. ``sign``: the customer owes (1), or we do (-1). ``account`` is the one that moves with its items."""

    code: Item
    sign: Literal[1, -1]
    account: AccountKey


class _Item(Protocol):
    @property
    def kind(self) -> str: ...


_KINDS = (
    Claim(code="receivable", sign=1, account=RECEIVABLE),
    Claim(code="balance", sign=-1, account=CUSTOMER_BALANCE),  # the rest of a correction or of a payment
)
CLAIMS: Mapping[str, Claim] = {claim.code: claim for claim in _KINDS}
CLAIM_ACCOUNTS = frozenset(claim.account for claim in _KINDS)
IS_OWED = Q(kind__in=[claim.code for claim in _KINDS if claim.sign > 0])
IS_OWED_BACK = Q(kind__in=[claim.code for claim in _KINDS if claim.sign < 0])


def account_of(item: _Item) -> AccountKey:
    """The account that moves with an open item."""
    return CLAIMS[item.kind].account


def claims_sql(alias: str) -> str:
    """The table for statements: constants, no parameters."""
    rows = ", ".join(f"('{claim.code}', {claim.sign}, '{claim.account.role}')" for claim in _KINDS)
    return f"(VALUES {rows}) {alias}(kind, sign, role)"
