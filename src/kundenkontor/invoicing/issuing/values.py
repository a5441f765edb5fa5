"""A document on its way: what is prepared has no number yet, what is issued has one and its hash. Both are frozen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from kundenkontor.events.hashing import RowHash
from kundenkontor.invoicing.issuing.drafts import InvoiceDraft
from kundenkontor.invoicing.issuing.totals import Totals


class PreparedInvoice(NamedTuple):
    """All that is known before the series is locked: enough to write and book whatever names no number."""

    id: int
    item_id: int
    draft: InvoiceDraft
    totals: Totals
    rounding_amount: Decimal
    amount_due: Decimal
    due_date: date


class IssuedInvoice(NamedTuple):
    """What was issued: enough to deliver and report it without reading it back."""

    id: int
    item_id: int
    draft: InvoiceDraft
    totals: Totals
    rounding_amount: Decimal
    amount_due: Decimal
    due_date: date
    number: str
    hash: RowHash
