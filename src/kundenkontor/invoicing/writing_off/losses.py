"""What of each VAT case is lost with a receivable, and owed again when money arrives after all. Pure.

A loss is what a payment in its stead would have settled: per case the net amount goes to the account of losses, and the
VAT is taken back. Steps add up to the cent: what was paid, what is lost and what is owed make the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from kundenkontor.invoicing.books.receipts import Amounts
from kundenkontor.kernel.money import ZERO, round_cents
from kundenkontor.ledger.commands import BAD_DEBT, ROUNDING, AccountKey

Case = tuple[str, Decimal, str]  # category, rate, country
Losses = Mapping[AccountKey, Decimal]


def losses_of(rest: Mapping[Case, Amounts], owed: Decimal, open_amount: Decimal, standing: Losses) -> Losses:
    """By account what is lost with all that is open.

    ``rest`` and ``owed`` are what corrections left of the document; ``standing`` was written off of it before. What is
    open beyond that was refunded of a payment that the bank took back: it never had VAT.
    """
    gone = open_amount + sum(standing.values(), ZERO)
    paid = max(owed - gone, ZERO)
    found: dict[AccountKey, Decimal] = {BAD_DEBT: max(gone - owed, ZERO) - standing.get(BAD_DEBT, ZERO)}
    for case, (base, tax) in rest.items():
        for key, whole in ((bad_debt(case), base), (vat(case), tax)):
            settled = round_cents(whole * paid / owed) if paid else ZERO
            found[key] = whole - settled - standing.get(key, ZERO)
    return _balanced(found, open_amount)


def regained(lost: Losses, before: Decimal, amount: Decimal) -> Losses:
    """By account what ``amount`` brings back of one loss, of which ``before`` was brought back already."""
    whole = sum(lost.values(), ZERO)
    found = {
        key: round_cents(part * (before + amount) / whole) - round_cents(part * before / whole)
        for key, part in lost.items()
    }
    return _balanced(found, amount)


def _balanced(found: dict[AccountKey, Decimal], amount: Decimal) -> Losses:
    """With the cents of rounding, without what comes to nothing."""
    found[ROUNDING] = found.get(ROUNDING, ZERO) + amount - sum(found.values(), ZERO)
    return {key: part for key, part in found.items() if part}


def bad_debt(case: Case) -> AccountKey:
    """Where the net amount of a case goes."""
    return BAD_DEBT._replace(vat_category=case[0], vat_rate=case[1], country=case[2])


def vat(case: Case) -> AccountKey:
    """Where its VAT is owed."""
    return AccountKey("vat_payable", *case)
