"""Writing the books: accounts on demand, entries with their postings in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from kundenkontor.kernel.bulk import NULL, Kept, copy_lines, take_ids
from kundenkontor.ledger.models import Account
from kundenkontor.parties.seller_commands import hold_declared

# debit account, credit account, amount > 0, open item moved by the debit, open item moved by the credit
PostingRow = tuple[int, int, Decimal, int | None, int | None]


class AccountKey(NamedTuple):
    """What an account of a seller is found by.

    What lines are booked to and VAT have a VAT case (category, rate, whose VAT); money has a place: which bank account,
    which provider ("" where there is but one).
    """

    role: str
    vat_category: str = ""
    vat_rate: Decimal = Decimal(0)
    country: str = ""
    place: str = ""


RECEIVABLE = AccountKey("receivable")
CUSTOMER_BALANCE = AccountKey("customer_balance")
BANK = AccountKey("bank")
ROUNDING = AccountKey("rounding")
BAD_DEBT = AccountKey("bad_debt")  # of each VAT case; without one: what never had VAT
HOUSE_ACCOUNTS = frozenset({BANK, CUSTOMER_BALANCE, RECEIVABLE, ROUNDING})


def bank(place: str) -> AccountKey:
    """Where money arrives at a place."""
    return BANK._replace(place=place)


@dataclass(slots=True)
class EntryDraft:
    """One business event about to be booked. ``reference`` is unique per seller and kind, ``tax_day`` when it happened.

    ``customer_id`` is None where it concerns no customer, or nobody knows yet which.
    """

    kind: str
    reference: str
    customer_id: int | None
    postings: Sequence[PostingRow]
    tax_day: date


class Accounts:
    """The ids of one seller's accounts. Keep one per call, not longer.

    Whoever books names all accounts beforehand: those that are missing are made together and in one order, so that
    two first bookings never wait for each other.
    """

    def __init__(self, seller_id: int, wanted: Iterable[AccountKey] = ()) -> None:
        self._ids = _read_accounts(seller_id)
        if missing := HOUSE_ACCOUNTS.union(wanted) - self._ids.keys():
            rows = [Account(seller_id=seller_id, **key._asdict()) for key in sorted(missing)]
            Account.objects.bulk_create(rows, ignore_conflicts=True)  # another process may make the same now
            self._ids = _read_accounts(seller_id)

    def __getitem__(self, key: AccountKey) -> int:
        return self._ids[key]


def _read_accounts(seller_id: int) -> dict[AccountKey, int]:
    rows = Account.objects.filter(seller_id=seller_id).values_list(*AccountKey._fields, "pk")
    return {AccountKey._make(key): pk for *key, pk in rows}


def write_entries(
    seller_id: int, entries: Sequence[EntryDraft], *, entry_ids: Sequence[int] = (), currency: str = "EUR"
) -> Sequence[int]:
    """Book entries with their postings, in the caller's transaction; an entry without postings is allowed (total 0).

    A second entry with the same kind and reference is refused by the database. Returns the entry ids.
    """
    ids = write_postings(entries, entry_ids)
    write_entry_heads(seller_id, zip(ids, entries, strict=True), currency=currency)
    return ids


def write_postings(entries: Sequence[EntryDraft], entry_ids: Sequence[int] = ()) -> Sequence[int]:
    """COPY the postings of entries whose heads follow in the same transaction, once their references are known."""
    ids = entry_ids or take_ids("ledger_journalentry", len(entries))
    copy_lines(
        "ledger_posting",
        "entry_id, position, debit_account_id, credit_account_id, customer_id, debit_item_id, credit_item_id, amount",
        (
            f"{id_}\t{position}\t{debit}\t{credit}\t{entry.customer_id or NULL}"
            f"\t{debit_item or NULL}\t{credit_item or NULL}\t{amount!s}\n"
            for id_, entry in zip(ids, entries, strict=True)
            for position, (debit, credit, amount, debit_item, credit_item) in enumerate(entry.postings, 1)
        ),
    )
    return ids


def write_entry_heads(seller_id: int, entries: Iterable[tuple[int, EntryDraft]], *, currency: str = "EUR") -> None:
    """COPY the heads of entries by id, posted on the first open day from their tax day on. A second one with the same
    kind and reference is refused by the database."""
    declared = hold_declared(seller_id)
    days: Kept[date, str] = Kept(lambda day: f"{posting_day(day, declared)}\t{day}")
    copy_lines(
        "ledger_journalentry",
        "id, seller_id, kind, reference, currency, entry_date, tax_day",
        (
            f"{id_}\t{seller_id}\t{entry.kind}\t{entry.reference}\t{currency}\t{days[entry.tax_day]}\n"
            for id_, entry in entries
        ),
    )


def posting_day(tax_day: date, declared: date) -> date:
    """The day itself while its month is open, else the day after the last one that is declared. Pure."""
    return tax_day if tax_day > declared else declared + timedelta(days=1)
