"""What is open of earlier documents, said on the next one: frozen with it, and no part of what it asks for.

Only where the seller says until when payments are booked: what is due by then, less what we owe back. Nobody reads that
something is open which on balance is not owed, nor of less than the seller reminds of.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from kundenkontor.invoicing.issuing.drafts import InvoiceDraft
from kundenkontor.kernel.formats import format_date, format_money
from kundenkontor.kernel.money import CENT, ZERO
from kundenkontor.parties.models import Seller
from kundenkontor.receivables.claims import claims_sql

NAMED = 3  # documents; of more their count
# how the sentence begins, by which it is found again in the note of a document
BEGINS = {"de": "Offen aus früheren Rechnungen", "en": "Open from earlier invoices"}
_WORDS = {
    "de": {
        "sentence": "{begin} (Zahlungen bis {day} berücksichtigt): {amount} ({documents}{balance}). Der Betrag ist in"
        " dieser Rechnung nicht enthalten; haben Sie ihn inzwischen bezahlt, ist dieser Hinweis gegenstandslos.",
        "count": "{count} Belege",
        "balance": ", abzüglich Ihres Guthabens von {amount}",
    },
    "en": {
        "sentence": "{begin} (payments up to {day} considered): {amount} ({documents}{balance}). This amount is not"
        " part of this invoice; if you have paid it meanwhile, please disregard this notice.",
        "count": "{count} documents",
        "balance": ", less your balance of {amount}",
    },
}


class Earlier(NamedTuple):
    """What a customer owes of documents that are due, how many, the first of their numbers, and what we owe back."""

    owed: Decimal
    documents: int
    numbers: list[str]
    balance: Decimal


_DUE = f"""
SELECT customer_id, coalesce(sum(open_amount) FILTER (WHERE is_due), 0), count(*) FILTER (WHERE is_due),
       coalesce((array_agg(number ORDER BY due_date, id) FILTER (WHERE is_due))[1:{NAMED}], '{{}}'),
       coalesce(sum(open_amount) FILTER (WHERE sign < 0), 0)
FROM (
    SELECT i.*, c.sign, c.sign > 0 AND i.due_date <= %(day)s AND NOT EXISTS (
        SELECT 1 FROM invoicing_correction k JOIN invoicing_invoice o ON o.id = k.original_id
        WHERE o.open_item_id = i.id AND k.is_full
    ) AS is_due
    FROM receivables_openitem i JOIN {claims_sql("c")} ON c.kind = i.kind
    WHERE i.customer_id = ANY(%(customers)s) AND i.open_amount > 0
) item GROUP BY customer_id
"""  # nosec B608  # constants


def mention_open(drafts: Sequence[InvoiceDraft], issue_date: date) -> None:
    """Let the drafts of one seller say what is open of earlier documents, where something is owed on balance."""
    asking = [draft for draft in drafts if draft.kind.asks_for_money]
    if not asking:
        return
    seller = Seller.objects.only("payments_booked_until", "reminds_from_amount").get(pk=asking[0].seller.id)
    if seller.payments_booked_until is None:
        return
    day = min(seller.payments_booked_until, issue_date - timedelta(days=1))
    found = _find_open({draft.buyer.id for draft in asking}, day)
    for draft in asking:
        earlier = found.pop(draft.buyer.id, None)  # said once, however many a run issues
        if earlier and earlier.owed - earlier.balance >= max(seller.reminds_from_amount, CENT):
            draft.open_before = sentence_of(earlier, day, draft.buyer.language)


def _find_open(customers: set[int], day: date) -> dict[int, Earlier]:
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"customers": sorted(customers), "day": day})
        return {customer_id: Earlier(*row) for customer_id, *row in cursor.fetchall()}


def sentence_of(earlier: Earlier, day: date, language: str) -> str:
    """On one line, in the document's language. Pure."""
    way = "en" if language == "en" else "de"
    words = _WORDS[way]
    is_many = earlier.documents > NAMED
    balance = words["balance"].format(amount=format_money(earlier.balance, "EUR", language))
    return words["sentence"].format(
        begin=BEGINS[way],
        day=format_date(day, language),
        amount=format_money(earlier.owed - earlier.balance, "EUR", language),
        documents=words["count"].format(count=earlier.documents) if is_many else ", ".join(earlier.numbers),
        balance=balance if earlier.balance > ZERO else "",
    )


def open_before(note: str) -> str:
    """The sentence in the note of a document, "" where there is none."""
    return next((line for line in note.split("\n") if line.startswith(tuple(BEGINS.values()))), "")
