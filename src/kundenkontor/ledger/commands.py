"""Writing the books: accounts on demand, entries with their postings in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kundenkontor.kernel.bulk import NULL, copy_lines, take_ids
from kundenkontor.ledger.models import Account

# role, VAT category, VAT rate, country of the VAT
AccountKey = tuple[str, str, Decimal, str]
# debit account, credit account, amount > 0, open item moved by the debit, open item moved by the credit
PostingRow = tuple[int, int, Decimal, int | None, int | None]

RECEIVABLE: AccountKey = ("receivable", "", Decimal(0), "")
CUSTOMER_BALANCE: AccountKey = ("customer_balance", "", Decimal(0), "")
BANK: AccountKey = ("bank", "", Decimal(0), "")
ROUNDING: AccountKey = ("rounding", "", Decimal(0), "")
HOUSE_ACCOUNTS = (BANK, CUSTOMER_BALANCE, RECEIVABLE, ROUNDING)


@dataclass(slots=True)
class EntryDraft:
    """One business event about to be booked. ``reference`` is unique per seller and kind."""

    kind: str
    reference: str
    customer_id: int
    postings: Sequence[PostingRow]


class Accounts:
    """The ids of one seller's accounts, made on first use. Keep one per call, not longer."""

    def __init__(self, seller_id: int) -> None:
        self._seller_id = seller_id
        self._of_sale: dict[tuple[str, Decimal, str], tuple[int, int]] = {}
        rows = Account.objects.filter(seller_id=seller_id)
        self._ids: dict[AccountKey, int] = {
            (row.role, row.vat_category, row.vat_rate, row.country): row.pk for row in rows
        }
        for key in HOUSE_ACCOUNTS:  # first and in one order, so that two first bookings never wait for each other
            if key not in self._ids:
                self._ids[key] = self[key]

    def of_sale(self, category: str, rate: Decimal, country: str) -> tuple[int, int]:
        """The revenue and VAT accounts of a category, rate and country."""
        found = self._of_sale.get((category, rate, country))
        if found is None:
            key = (category, rate, country)
            found = self._of_sale[key] = (self["revenue", *key], self["vat_payable", *key])
        return found

    def __getitem__(self, key: AccountKey) -> int:
        found = self._ids.get(key)
        if found is None:
            role, category, rate, country = key
            account, _ = Account.objects.get_or_create(
                seller_id=self._seller_id, role=role, vat_category=category, vat_rate=rate, country=country
            )
            found = self._ids[key] = account.pk
        return found


def write_entries(
    seller_id: int, entries: Sequence[EntryDraft], *, on: date, entry_ids: Sequence[int] = (), currency: str = "EUR"
) -> Sequence[int]:
    """Book entries with their postings, in the caller's transaction; an entry without postings is allowed (total 0).

    A second entry with the same kind and reference is refused by the database. Returns the entry ids.
    """
    ids = write_postings(entries, entry_ids)
    write_entry_heads(seller_id, zip(ids, entries, strict=True), on=on, currency=currency)
    return ids


def write_postings(entries: Sequence[EntryDraft], entry_ids: Sequence[int] = ()) -> Sequence[int]:
    """COPY the postings of entries whose heads follow in the same transaction, once their references are known."""
    ids = entry_ids or take_ids("ledger_journalentry", len(entries))
    copy_lines(
        "ledger_posting",
        "entry_id, position, debit_account_id, credit_account_id, customer_id, debit_item_id, credit_item_id, amount",
        (
            f"{id_}\t{position}\t{debit}\t{credit}\t{entry.customer_id}"
            f"\t{debit_item or NULL}\t{credit_item or NULL}\t{amount!s}\n"
            for id_, entry in zip(ids, entries, strict=True)
            for position, (debit, credit, amount, debit_item, credit_item) in enumerate(entry.postings, 1)
        ),
    )
    return ids


def write_entry_heads(
    seller_id: int, entries: Iterable[tuple[int, EntryDraft]], *, on: date, currency: str = "EUR"
) -> None:
    """COPY the heads of entries by id. A second one with the same kind and reference is refused by the database."""
    copy_lines(
        "ledger_journalentry",
        "id, seller_id, kind, reference, currency, entry_date",
        (f"{id_}\t{seller_id}\t{entry.kind}\t{entry.reference}\t{currency}\t{on}\n" for id_, entry in entries),
    )
