"""Invoices as the product makes them, by case; amounts are computed here, not typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from kundenkontor.einvoicing.cii import write_cii
from kundenkontor.einvoicing.model import Address, CreditTransfer, Invoice, Line, Party, PrecedingInvoice, VatBreakdown

SELLER = Party(
    name="Beispiel Hosting GmbH",
    address=Address(line_one="Ringstraße 1", city="Wien", postal_code="1010", country="AT"),
    vat_id="ATU12345675",
    tax_number="12 345/6789",
    registration="FN 123456a",
    additional_legal_information="Handelsgericht Wien; Geschäftsführerin: Clara Klug",
    electronic_address="rechnung@hosting.example",
    electronic_address_scheme="EM",
    contact_name="Clara Klug",
    contact_phone="+43 1 234567",
    contact_email="rechnung@hosting.example",
)
SMALL_SELLER = replace(
    SELLER, name="Otto Klein", vat_id="", registration="", identifier="12 345/6789", additional_legal_information=""
)
ADA = Party(
    name="Ada & Söhne <Webdesign> GmbH",
    address=Address(line_one="Hauptplatz 7", line_two="Stiege 2", city="Graz", postal_code="8010", country="AT"),
    vat_id="ATU98765435",
    identifier="K10001",
)
BOB = Party(
    name="Bob Müller Internetagentur GmbH",
    address=Address(line_one="Unter den Linden 5", city="Berlin", postal_code="10117", country="DE"),
    vat_id="DE123456788",
    identifier="K10002",
)
CONSUMER = Party(
    name="Chiara Rossi",
    address=Address(line_one="Via Roma 3", city="Bolzano", postal_code="39100", country="IT"),
    identifier="K10003",
)
SWISS = Party(
    name="Alpenblick AG",
    address=Address(line_one="Bahnhofstrasse 9", city="Zürich", postal_code="8001", country="CH"),
    vat_id="CHE123456788MWST",
    identifier="K10004",
)

_REASONS = {
    "AE": ("VATEX-EU-AE", "Übergang der Steuerschuld auf den Leistungsempfänger (Reverse Charge)"),
    "O": ("VATEX-EU-O", "Nicht steuerbar in Österreich, Leistungsort beim Empfänger (§ 3a Abs. 6 UStG)"),
    "E": ("", "Umsatzsteuerfrei, Kleinunternehmer gemäß § 6 Abs. 1 Z 27 UStG"),
}


def cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def line(
    position: int,
    price: str,
    *,
    quantity: str = "1",
    category: str = "S",
    rate: str = "20",
    discount: str | None = None,
    base_quantity: str = "1",
    **fields: Any,
) -> Line:
    base = cents(Decimal(quantity) * Decimal(price) / Decimal(base_quantity))
    percent = Decimal(discount) if discount else None
    allowance = cents(base * percent / 100) if percent else Decimal("0.00")
    return Line(
        **{
            "id": str(position),
            "name": f"Webhosting Paket {position}",
            "quantity": Decimal(quantity),
            "unit": "C62",
            "net_price": Decimal(price),
            "net_amount": base - allowance,
            "vat_category": category,
            "vat_rate": Decimal(rate),
            "base_quantity": Decimal(base_quantity),
            "article_number": "webhosting-s",
            "object_identifier": f"V{position:05}",
            "period_start": date(2026, 11, 1),
            "period_end": date(2026, 11, 30),
            "allowance_amount": allowance,
            "allowance_percent": percent,
            "allowance_reason": "Rabatt" if percent else "",
            **fields,
        }
    )


def breakdown_of(lines: Sequence[Line]) -> tuple[VatBreakdown, ...]:
    bases: dict[tuple[str, Decimal], Decimal] = {}
    for row in lines:
        key = (row.vat_category, row.vat_rate)
        bases[key] = bases.get(key, Decimal(0)) + row.net_amount
    rows = []
    for (category, rate), base in sorted(bases.items()):
        code, reason = _REASONS.get(category, ("", ""))
        rows.append(
            VatBreakdown(
                category=category,
                rate=rate,
                taxable_amount=base,
                tax_amount=cents(base * rate / 100),
                exemption_code=code,
                exemption_reason=reason,
            )
        )
    return tuple(rows)


def invoice(*lines: Line, rounding: str = "0.00", **fields: Any) -> Invoice:
    rows = lines or (line(1, "10.00"),)
    breakdown = breakdown_of(rows)
    net = sum((row.net_amount for row in rows), Decimal("0.00"))
    tax = sum((row.tax_amount for row in breakdown), Decimal("0.00"))
    return Invoice(
        **{
            "number": "RE2026000001",
            "issue_date": date(2026, 11, 23),
            "type_code": "380",
            "currency": "EUR",
            "seller": SELLER,
            "buyer": ADA,
            "lines": rows,
            "vat_breakdown": breakdown,
            "total_line_amount": net,
            "total_without_vat": net,
            "total_vat": tax,
            "total_with_vat": net + tax,
            "rounding_amount": Decimal(rounding),
            "amount_due": net + tax + Decimal(rounding),
            "due_date": date(2026, 12, 7),
            "period_start": date(2026, 11, 1),
            "period_end": date(2026, 11, 30),
            "delivery_date": date(2026, 11, 30),
            "notes": ("Vielen Dank für Ihren Auftrag.",),
            "payment_terms": "Zahlbar bis 07.12.2026 ohne Abzug.",
            "payment_reference": "RF50RE2026000001",
            "credit_transfers": (
                CreditTransfer(iban="AT611904300234573201", account_name="Beispiel Hosting GmbH", bic="BKAUATWW"),
            ),
            **fields,
        }
    )


def collective(count: int) -> Invoice:
    """A collective invoice: ``count`` lines, each with a period, every seventh with a discount."""
    lines = []
    for position in range(1, count + 1):
        start = date(2026, 11, 1) + timedelta(days=position % 28)
        lines.append(
            line(
                position,
                "1.083333" if position % 3 else "24.90",
                quantity=str(1 + position % 4),
                discount="10" if position % 7 == 0 else None,
                name=f"Domain kunde-{position:04}.example",
                description="Registrierung und Verwaltung",
                cost_centre=f"KST {position % 5}",
                period_start=start,
                period_end=start + timedelta(days=364),
            )
        )
    return invoice(*lines, number="RE2026000009", order_number="B-4711", buyer_reference="04011000-12345-34")


EXAMPLES: dict[str, Invoice] = {
    "at-domestic": invoice(
        line(1, "9.90", quantity="3"), line(2, "89.00", rate="10", name="Handbuch"), buyer_reference="ADA-2026"
    ),
    "de-reverse-charge": invoice(line(1, "49.90", category="AE", rate="0"), buyer=BOB, contract_number="V00001"),
    "oss-consumer": invoice(line(1, "5.00", rate="22"), buyer=CONSUMER),
    "ch-outside-scope": invoice(line(1, "120.00", category="O", rate="0"), buyer=SWISS),
    "small-business": invoice(line(1, "15.00", category="E", rate="0"), seller=SMALL_SELLER),
    "credit-note": invoice(
        line(1, "9.90", quantity="3"),
        number="RK2026000001",
        type_code="381",
        preceding_invoices=(PrecedingInvoice(number="RE2026000001", issue_date=date(2026, 11, 23)),),
        credit_transfers=(),
        payment_reference="",
    ),
    "gross-with-rounding": invoice(line(1, "8.33"), rounding="-0.01"),
    "discounts-and-cut-period": invoice(
        line(1, "24.90", discount="15"),
        line(2, "30.00", quantity="11", base_quantity="30", unit="DAY", discount="33.33"),
        line(3, "30.00", discount="100", note="Gratismonat"),
    ),
    "collective-600-lines": collective(600),
}


def cii_of(name: str) -> bytes:
    return write_cii(EXAMPLES[name])
