"""The QR code: right where money is owed, absent everywhere else."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from kundenkontor.einvoicing.model import CreditTransfer
from kundenkontor.printing.invoice.epc import draw_qr, payload_of
from kundenkontor.printing.invoice.frozen import FrozenDocument
from tests.printing import builders


def test_the_reference_mode_names_the_rf_reference() -> None:
    assert payload_of(builders.document(1)).split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "RLNWATWWXXX",
        "Alpenhost GmbH",
        builders.IBAN,
        "EUR23.88",
        "",
        "RF12RE2026000123",
    ]


def test_the_text_mode_names_the_purpose() -> None:
    lines = payload_of(builders.document(1, qr_mode="text")).split("\n")

    assert lines[9:] == ["", "Kunde K11001 / Rechnung RE2026000123"]


@pytest.mark.parametrize(
    "document",
    [builders.cancellation(), builders.cancellation("correction"), builders.paid(), builders.document(qr_mode="none")],
    ids=["cancellation", "correction", "nothing to pay", "switched off"],
)
def test_there_is_no_code_where_nothing_is_to_be_paid(document: FrozenDocument) -> None:
    assert payload_of(document) == ""


@pytest.mark.parametrize(
    "change",
    [
        {"amount_due": Decimal("-1.00")},
        {"amount_due": Decimal("1000000000.00")},
        {"currency": "CHF"},
        {"credit_transfers": ()},
        {"payment_means_code": "59"},
        {"credit_transfers": (CreditTransfer(iban="AT483200000012345865"),)},
    ],
)
def test_there_is_no_code_for_a_wrong_amount_currency_or_account(change: dict[str, object]) -> None:
    document = builders.document(1)

    assert payload_of(replace(document, invoice=replace(document.invoice, **change))) == ""  # type: ignore[arg-type]


def test_a_line_break_in_a_name_cannot_add_a_field() -> None:
    account = CreditTransfer(iban=builders.IBAN, account_name="Alpenhost\nAT000")
    document = builders.document(1)
    payload = payload_of(replace(document, invoice=replace(document.invoice, credit_transfers=(account,))))

    assert payload.split("\n")[5] == "Alpenhost AT000"


def test_the_drawing_has_a_quiet_zone_of_four() -> None:
    assert 'd="M4 4h7v1h-7z' in draw_qr("BCD")
