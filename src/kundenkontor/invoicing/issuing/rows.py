"""Documents as COPY lines. The same text is hashed, so ``verify`` can recompute a document's hash from the tables.

The lists of columns are version 1 of the hash: they never change. What comes later is version 2, with lists of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kundenkontor.events.hashing import Columns, Hashed
from kundenkontor.events.names import INVOICE_ISSUED
from kundenkontor.invoicing.issuing.drafts import DraftLine, Reference
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
    " article_number, item_name, description, identifier, cost_centre, unit, quantity, base_quantity, net_price,"
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


def line_row(invoice_id: int, position: int, customer_id: int, line: DraftLine) -> str:
    """One invoice line in the order of LINE_COLUMNS."""
    gross = line.agreed_gross
    return (
        f"{invoice_id}\t{position}\t{customer_id}\t{line.contract_id or NULL}\t{line.charge_id or NULL}"
        f"\t{line.corrected_position or NULL}\t{line.kind}\t{line.account_role}\t{escape(line.contract_number)}"
        f"\t{ESCAPED[line.article_number]}\t{ESCAPED[line.item_name]}\t{ESCAPED[line.description]}"
        f"\t{line.identifier and escape(line.identifier)}\t{ESCAPED[line.cost_centre]}\t{line.unit}"
        f"\t{_four[line.quantity]}\t{_four[line.base_quantity]}\t{_six[line.net_price]}"
        f"\t{NULL if gross is None else gross!s}\t{_two[line.discount_percent]}\t{line.allowance_amount!s}"
        f"\t{line.net_amount!s}\t{line.vat_category}\t{_two[line.vat_rate]}"
        f"\t{ISO_DATES[line.period_start]}\t{ISO_DATES[line.period_end]}\n"
    )


def vat_rows(invoice_id: int, customer_id: int, totals: Totals, lines: Sequence[DraftLine]) -> list[str]:
    """The VAT breakdown in the order of VAT_COLUMNS; country and exemption come from the group's first line."""
    rows = []
    for position, (category, rate, taxable, tax) in enumerate(totals.vat_breakdown, 1):
        for line in lines:
            if line.vat_rate == rate and line.vat_category == category:
                break
        rows.append(
            f"{invoice_id}\t{position}\t{customer_id}\t{category}\t{_two[rate]}\t{line.country}"
            f"\t{taxable!s}\t{tax!s}\t{line.exemption_code}\t{ESCAPED[line.exemption_reason]}\n"
        )
    return rows


def reference_rows(invoice_id: int, customer_id: int, references: Sequence[Reference]) -> list[str]:
    """What a document refers to in the order of REFERENCE_COLUMNS."""
    return [
        f"{invoice_id}\t{position}\t{customer_id}\t{kind}\t{referenced_id}\n"
        for position, (kind, referenced_id) in enumerate(references, 1)
    ]
