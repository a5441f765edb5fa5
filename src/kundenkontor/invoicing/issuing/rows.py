"""Documents as COPY lines. The same text is hashed, so ``verify`` can recompute a document's hash from the tables.

The lists of columns are version 1 of the hash: they never change. What comes later is version 2, with lists of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kundenkontor.events.hashing import Columns, Hashed
from kundenkontor.events.names import INVOICE_ISSUED
from kundenkontor.invoicing.issuing.drafts import Reference
from kundenkontor.invoicing.issuing.lines import DraftLine, Measure
from kundenkontor.invoicing.issuing.totals import Totals
from kundenkontor.kernel.bulk import ISO_DATES, NULL, Kept, escape
from kundenkontor.kernel.errors import message

HEAD_COLUMNS = (
    "id, seller_id, customer_id, series_id, sequence, number, type_code, sign, issue_date, due_date, period_start,"
    " period_end, currency, language, seller_snapshot_id, customer_snapshot_id, is_collective, buyer_reference,"
    " order_number, cost_centre, note, payment_reference, total_without_vat, total_vat, total_with_vat,"
    " prepaid_amount, rounding_amount, amount_due, batch_id, open_item_id"
)
LINE_COLUMNS = (
    "invoice_id, position, customer_id, contract_id, charge_id, corrected_position, kind, account_role,"
    " contract_number,"
    " article_number, item_name, description, identifier, cost_centre, order_number, buyer_reference,"
    " unit, quantity, base_quantity, net_price,"
    " agreed_gross, discount_percent, allowance_amount, net_amount, vat_category, vat_rate, period_start, period_end"
)
VAT_COLUMNS = (
    "invoice_id, position, customer_id, category, rate, country, taxable_amount, tax_amount, exemption_code,"
    " exemption_reason"
)
REFERENCE_COLUMNS = "invoice_id, position, customer_id, kind, referenced_id"
DOCUMENT = Hashed(
    "documents_are_unchanged",
    message("Every document is exactly what was issued: its rows give the hash in its event"),
    INVOICE_ISSUED,
    {
        1: (
            Columns("invoicing_invoiceline", LINE_COLUMNS, key=2),
            Columns("invoicing_vatbreakdown", VAT_COLUMNS, key=2),
            Columns("invoicing_documentreference", REFERENCE_COLUMNS, key=2),
            Columns("invoicing_invoice", HEAD_COLUMNS),
        )
    },
)

# the texts PostgreSQL prints for numerics of two, four and six places, and escaped texts; few different ones recur
_two: Kept[Decimal, str] = Kept(lambda value: str(value.quantize(Decimal("0.00"))))
_four: Kept[Decimal, str] = Kept(lambda value: str(value.quantize(Decimal("0.0000"))))
_six: Kept[Decimal, str] = Kept(lambda value: str(value.quantize(Decimal("0.000000"))))
ESCAPED: Kept[str, str] = Kept(escape)


def _of_measure(measure: Measure) -> str:
    """The columns from unit to net_amount."""
    quantity, base_quantity, net_price, net_amount, discount_percent, allowance_amount, gross, unit = measure
    return (
        f"{unit}\t{_four[quantity]}\t{_four[base_quantity]}\t{_six[net_price]}"
        f"\t{NULL if gross is None else _two[gross]}\t{_two[discount_percent]}"
        f"\t{_two[allowance_amount]}\t{_two[net_amount]}"
    )


_measured: Kept[Measure, str] = Kept(_of_measure)


def line_row(invoice_id: int, position: int, customer_id: int, line: DraftLine) -> str:
    """One invoice line in the order of LINE_COLUMNS."""
    item, measure, tax, (start, end), source = line
    name, article_number, description, identifier, cost_centre, order_number, buyer_reference = item
    kind, contract_id, contract_number, charge_id, corrected_position, account_role = source
    return (
        f"{invoice_id}\t{position}\t{customer_id}\t{contract_id or NULL}\t{charge_id or NULL}"
        f"\t{corrected_position or NULL}\t{kind}\t{account_role}\t{escape(contract_number)}"
        f"\t{ESCAPED[article_number]}\t{ESCAPED[name]}\t{ESCAPED[description]}"
        f"\t{identifier and escape(identifier)}\t{ESCAPED[cost_centre]}\t{ESCAPED[order_number]}"
        f"\t{ESCAPED[buyer_reference]}\t{_measured[measure]}"
        f"\t{tax.category}\t{_two[tax.rate]}\t{ISO_DATES[start]}\t{ISO_DATES[end]}\n"
    )


def vat_rows(invoice_id: int, customer_id: int, totals: Totals, lines: Sequence[DraftLine]) -> list[str]:
    """The VAT breakdown in the order of VAT_COLUMNS; country and exemption come from the group's first line."""
    rows = []
    for position, (category, rate, taxable, tax) in enumerate(totals.vat_breakdown, 1):
        of_group = next(line.tax for line in lines if line.tax.rate == rate and line.tax.category == category)
        rows.append(
            f"{invoice_id}\t{position}\t{customer_id}\t{category}\t{_two[rate]}\t{of_group.country}"
            f"\t{taxable!s}\t{tax!s}\t{of_group.exemption_code}\t{ESCAPED[of_group.exemption_reason]}\n"
        )
    return rows


def reference_rows(invoice_id: int, customer_id: int, references: Sequence[Reference]) -> list[str]:
    """What a document refers to in the order of REFERENCE_COLUMNS."""
    return [
        f"{invoice_id}\t{position}\t{customer_id}\t{kind}\t{referenced_id}\n"
        for position, (kind, referenced_id) in enumerate(references, 1)
    ]
