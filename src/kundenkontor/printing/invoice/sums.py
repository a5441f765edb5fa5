"""Totals and VAT breakdown as printed."""

from __future__ import annotations

from typing import Any

from kundenkontor.einvoicing.model import Invoice, VatBreakdown
from kundenkontor.kernel.formats import format_money, format_number, format_rate
from kundenkontor.printing.invoice.frozen import FrozenDocument, Language
from kundenkontor.printing.invoice.wording import words


def totals_of(document: FrozenDocument) -> list[dict[str, Any]]:
    """From the net sum (BT-109) to what is payable (BT-115); rows without a value are left out."""
    invoice, labels = document.invoice, words(document.language)
    rows = [
        ("total_line_amount", invoice.total_line_amount, bool(invoice.allowances)),
        ("allowances", -invoice.allowance_total, bool(invoice.allowance_total)),
        ("charges", invoice.charge_total, bool(invoice.charge_total)),
        ("total_without_vat", invoice.total_without_vat, True),
        ("total_vat", invoice.total_vat, True),
        ("total_with_vat", invoice.total_with_vat, True),
        ("paid_amount", -invoice.paid_amount, bool(invoice.paid_amount)),
        ("rounding", invoice.rounding_amount, bool(invoice.rounding_amount)),
    ]
    shown = [(labels[key], value) for key, value, is_shown in rows if is_shown]
    shown.append((document.words.amount[document.language], invoice.amount_due))
    return [
        {
            "label": label,
            "amount": format_money(value, invoice.currency, document.language),
            "final": index == len(shown) - 1,
        }
        for index, (label, value) in enumerate(shown)
    ]


def vat_table(invoice: Invoice, language: Language) -> list[list[str]]:
    """Rate, taxable amount and tax of each category and rate (BG-23)."""
    return [
        [
            _rate(row, language),
            format_number(row.taxable_amount, language),
            format_number(row.tax_amount, language),
        ]
        for row in invoice.vat_breakdown
    ]


def _rate(row: VatBreakdown, language: Language) -> str:
    return words(language)["no_vat"] if row.category == "O" else format_rate(row.rate, language)
