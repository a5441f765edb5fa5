"""The books in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ROLES = {
    "receivable": _("Receivables"),
    "bank": _("Bank"),
    "customer_balance": _("Balances of customers"),
    "revenue": _("Revenue"),
    "advance": _("Advance payments"),
    "vat_payable": _("VAT owed"),
    "rounding": _("Rounding differences"),
    "bad_debt": _("Uncollectible receivables"),
}
# what an entry books
ENTRIES = {
    "invoice": _("Document"),
    "clearing": _("Clearing with a correction"),
    "payment": _("Payment"),
    "payment_reversal": _("Payment undone"),
    "allocation_reversal": _("Allocation undone"),
    "offset": _("Balance offset"),
    "offset_reversal": _("Offset undone"),
    "refund": _("Refund"),
    "write_off": _("Written off"),
    "write_off_reversal": _("Write-off taken back"),
}
