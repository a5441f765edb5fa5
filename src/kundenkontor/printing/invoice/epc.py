"""The EPC QR code for a SEPA credit transfer (EPC069-12, version 002)."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby

import segno
from stdnum import iban as iban_check

from kundenkontor.printing.invoice.frozen import FrozenDocument

_LARGEST = Decimal("999999999.99")
_MASK = 2  # any of the eight is valid; choosing the best costs eight times the drawing
_QUIET_ZONE = 4


def payload_of(document: FrozenDocument) -> str:
    """The lines of the code, or empty where a code would mislead.

    None on corrections, for nothing to pay, another currency or an account number
    whose check digits are wrong.
    """
    invoice = document.invoice
    if document.qr_mode == "none" or not document.asks_for_transfer:
        return ""
    account = invoice.credit_transfers[0]
    if invoice.currency != "EUR" or not Decimal("0.01") <= invoice.amount_due <= _LARGEST:
        return ""
    if not iban_check.is_valid(account.iban):
        return ""
    name = _one_line(account.account_name or invoice.seller.name, 70)
    reference, text = _remittance(document)
    amount = f"EUR{invoice.amount_due:.2f}"
    lines = ("BCD", "002", "1", "SCT", account.bic, name, account.iban, amount, "", reference, text)
    return "\n".join(lines).rstrip("\n")


def _remittance(document: FrozenDocument) -> tuple[str, str]:
    """Structured reference or text: the standard allows one of the two."""
    if document.qr_mode == "rf" and document.rf_reference:
        return document.rf_reference, ""
    return "", _one_line(document.payment_purpose, 140)


def _one_line(text: str, length: int) -> str:
    return " ".join(text.split())[:length]


def draw_qr(payload: str) -> str:
    """The code as SVG with its quiet zone; error correction M as the standard asks."""
    code = segno.make_qr(payload, error="m", mask=_MASK, boost_error=False, encoding="utf-8")
    size = len(code.matrix) + 2 * _QUIET_ZONE
    path = "".join(_runs(row, y) for y, row in enumerate(code.matrix, start=_QUIET_ZONE))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path d="{path}"/></svg>'


def _runs(row: bytearray, y: int) -> str:
    path, x = "", _QUIET_ZONE
    for dark, modules in groupby(row):
        width = len(list(modules))
        if dark:
            path += f"M{x} {y}h{width}v1h-{width}z"
        x += width
    return path
