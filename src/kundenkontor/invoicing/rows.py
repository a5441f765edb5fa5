"""Documents as COPY lines. The same text is hashed, so ``verify`` can recompute a document's hash from the tables.

Column order is part of the hash: never reorder, only append.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kundenkontor.invoicing.drafts import DraftLine
from kundenkontor.invoicing.totals import Totals
from kundenkontor.kernel.bulk import NULL, escape

HEAD_COLUMNS = (
    "id, seller_id, customer_id, series_id, sequence, number, type_code, issue_date, due_date, period_start,"
    " period_end, currency, language, seller_snapshot_id, customer_snapshot_id, is_collective, buyer_reference,"
    " order_number, cost_centre, note, payment_reference, total_without_vat, total_vat, total_with_vat,"
    " rounding_amount, amount_due, preceding_invoice_id, batch_id"
)
LINE_COLUMNS = (
    "invoice_id, position, customer_id, contract_id, charge_id, corrected_position, kind, contract_number,"
    " article_number, item_name, description, identifier, cost_centre, unit, quantity, base_quantity, net_price,"
    " agreed_gross, discount_percent, allowance_amount, net_amount, vat_category, vat_rate, period_start, period_end"
)
VAT_COLUMNS = (
    "invoice_id, position, customer_id, category, rate, country, taxable_amount, tax_amount, exemption_code,"
    " exemption_reason"
)
ITEM_COLUMNS = "id, seller_id, customer_id, kind, number, invoice_id, currency, original_amount, open_amount, due_date"

_FOUR = Decimal("0.0000")
_SIX = Decimal("0.000000")
_TWO = Decimal("0.00")
_four: dict[Decimal, str] = {}
_six: dict[Decimal, str] = {}
_two: dict[Decimal, str] = {}


def _scaled(cache: dict[Decimal, str], value: Decimal, scale: Decimal) -> str:
    """The text PostgreSQL prints for a numeric of this scale; few values recur in a run, so they are kept."""
    text = cache.get(value)
    if text is None:
        if len(cache) > 100_000:
            cache.clear()
        text = cache[value] = str(value.quantize(scale))
    return text


_kept: dict[str, str] = {}


def _recurring(text: str) -> str:
    """An escaped text that recurs in a run: product names, units, cost centres."""
    escaped = _kept.get(text)
    if escaped is None:
        if len(_kept) > 100_000:
            _kept.clear()
        escaped = _kept[text] = escape(text)
    return escaped


def line_row(invoice_id: int, position: int, customer_id: int, line: DraftLine) -> str:
    """One invoice line in the order of LINE_COLUMNS."""
    return (
        f"{invoice_id}\t{position}\t{customer_id}\t{line.contract_id or NULL}\t{line.charge_id or NULL}"
        f"\t{line.corrected_position or NULL}\t{line.kind}\t{escape(line.contract_number)}"
        f"\t{_recurring(line.article_number)}\t{_recurring(line.item_name)}\t{_recurring(line.description)}"
        f"\t{line.identifier and escape(line.identifier)}\t{_recurring(line.cost_centre)}\t{line.unit}"
        f"\t{_scaled(_four, line.quantity, _FOUR)}\t{_scaled(_four, line.base_quantity, _FOUR)}"
        f"\t{_scaled(_six, line.net_price, _SIX)}\t{NULL if line.agreed_gross is None else line.agreed_gross}"
        f"\t{_scaled(_two, line.discount_percent, _TWO)}\t{line.allowance_amount}\t{line.net_amount}"
        f"\t{line.vat_category}\t{_scaled(_two, line.vat_rate, _TWO)}\t{line.period_start}\t{line.period_end}\n"
    )


def vat_rows(invoice_id: int, customer_id: int, totals: Totals, lines: Sequence[DraftLine]) -> list[str]:
    """The VAT breakdown in the order of VAT_COLUMNS; country and exemption come from a line of the group."""
    rows = []
    for position, group in enumerate(totals.vat_breakdown, 1):
        line = next(line for line in lines if line.vat_category == group.category and line.vat_rate == group.rate)
        rows.append(
            f"{invoice_id}\t{position}\t{customer_id}\t{group.category}\t{_scaled(_two, group.rate, _TWO)}"
            f"\t{line.country}\t{group.taxable_amount}\t{group.tax_amount}\t{line.exemption_code}"
            f"\t{escape(line.exemption_reason)}\n"
        )
    return rows
