"""Frozen documents of people who do not exist."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from kundenkontor.einvoicing.model import (
    Address,
    CreditTransfer,
    Invoice,
    Line,
    Party,
    PrecedingInvoice,
    VatBreakdown,
)
from kundenkontor.printing.invoice.frozen import BankAccount, FrozenDocument, LegalFooter, LineGroup, LineText

IBAN = "AT483200000012345864"
CENT = Decimal("0.01")
SELLER = Party(
    name="Alpenhost GmbH",
    address=Address(line_one="Mariahilfer Straße 88a/12", postal_code="1070", city="Wien", country="AT"),
    vat_id="ATU12345675",
    registration="FN 123456a",
    contact_name="Kundenservice",
    contact_phone="+43 1 234 56 78",
    contact_email="service@alpenhost.example",
    electronic_address="service@alpenhost.example",
    electronic_address_scheme="EM",
)
LEGAL = LegalFooter(
    legal_form="GmbH",
    seat="Wien",
    register_number="FN 123456a",
    register_court="Handelsgericht Wien",
    managing_directors=("Dr. Käthe Österreicher", "Jörg Müller"),
    tax_number="12 345/6789",
    vat_id="ATU12345675",
    bank_accounts=(BankAccount(iban=IBAN, bic="RLNWATWWXXX", bank_name="Beispielbank Wien"),),
    phone="+43 1 234 56 78",
    email="service@alpenhost.example",
    website="www.alpenhost.example",
)
ADA = Party(
    name="Agentur Huber & Söhne GmbH",
    address=Address(line_one="Landstraßer Hauptstraße 1/2/33", postal_code="1030", city="Wien", country="AT"),
    vat_id="ATU87654325",
    identifier="K11001",
)
PRODUCTS = (
    ("Webhosting L", "MON", "19.90", "agentur-huber-{}.at"),
    ("vServer M", "MON", "29.00", "vs{}.alpenhost.example"),
    (".at-Domain", "ANN", "24.90", "grüne-wiese-{}.at"),
    ("SSL-Zertifikat Wildcard", "ANN", "149.00", "*.shop-{}.example"),
    ("Zusatzspeicher 50 GB", "MON", "4.90", "speicher-{}"),
)


def line(number: int) -> Line:
    name, unit, price, _ = PRODUCTS[number % len(PRODUCTS)]
    return Line(
        id=str(number + 1),
        name=name,
        quantity=Decimal(1),
        unit=unit,
        net_price=Decimal(price),
        net_amount=Decimal(price),
        vat_category="S",
        vat_rate=Decimal(20),
        object_identifier=f"V{150001 + number // 3}",
        period_start=date(2026, 11, 1),
        period_end=date(2026, 11, 30) if unit == "MON" else date(2027, 10, 31),
    )


def invoice(lines: tuple[Line, ...], **changes: object) -> Invoice:
    """Totals follow from the lines, all at 20 % unless ``changes`` says otherwise."""
    net = sum((item.net_amount for item in lines), Decimal("0.00"))
    tax = (net * Decimal("0.2")).quantize(CENT, ROUND_HALF_UP)
    base = Invoice(
        number="RE2026000123",
        issue_date=date(2026, 11, 22),
        type_code="380",
        currency="EUR",
        seller=SELLER,
        buyer=ADA,
        lines=lines,
        vat_breakdown=(VatBreakdown(category="S", rate=Decimal(20), taxable_amount=net, tax_amount=tax),),
        total_line_amount=net,
        total_without_vat=net,
        total_vat=tax,
        total_with_vat=net + tax,
        amount_due=net + tax,
        due_date=date(2026, 12, 6),
        order_number="PO-2026-4711",
        payment_reference="RF12RE2026000123",
        credit_transfers=(CreditTransfer(iban=IBAN, account_name="Alpenhost GmbH", bic="RLNWATWWXXX"),),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def texts(count: int) -> tuple[LineText, ...]:
    return tuple(
        LineText(line_id=str(number + 1), identifier=PRODUCTS[number % 5][3].format(number)) for number in range(count)
    )


def document(count: int = 1, **changes: object) -> FrozenDocument:
    base = FrozenDocument(
        invoice=invoice(tuple(line(number) for number in range(count))),
        language="de",
        form="invoice",
        customer_number="K11001",
        recipient=("Agentur Huber & Söhne GmbH", "Landstraßer Hauptstraße 1/2/33", "1030 Wien", "Österreich"),
        legal=LEGAL,
        intro="Guten Tag, wir stellen Ihnen folgende Leistungen in Rechnung.",
        closing="Vielen Dank für Ihr Vertrauen.",
        payment_purpose="Kunde K11001 / Rechnung RE2026000123",
        rf_reference="RF12RE2026000123",
        qr_mode="rf",
        line_texts=texts(count),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def english(count: int = 5) -> FrozenDocument:
    return document(
        count,
        language="en",
        intro="Dear customer, please find below the services of the period.",
        closing="Thank you for your trust.",
        payment_purpose="Kunde K11001 / Rechnung RE2026000123",
    )


def collective(count: int = 600) -> FrozenDocument:
    ids = [str(number + 1) for number in range(count)]
    sizes = (3, 1, 5, 2)
    groups: list[LineGroup] = []
    start = 0
    while start < count:
        size = sizes[len(groups) % 4]
        groups.append(LineGroup(heading=f"Vertrag V{150001 + len(groups)}", line_ids=tuple(ids[start : start + size])))
        start += size
    return document(count, form="collective", groups=tuple(groups))


def cancellation(form: str = "cancellation") -> FrozenDocument:
    lines = tuple(line(number) for number in range(3))
    earlier = PrecedingInvoice(number="RE2026000001", issue_date=date(2026, 10, 31))
    cancelled = invoice(
        lines,
        number="RK2026000007",
        type_code="381",
        due_date=None,
        preceding_invoices=(earlier,),
        payment_reference="",
        payment_terms="Der Betrag wird mit der stornierten Rechnung verrechnet.",
    )
    return document(
        3,
        invoice=cancelled,
        form=form,
        intro="Wir stornieren die genannte Rechnung in voller Höhe.",
        closing="",
        payment_purpose="",
        rf_reference="",
    )


def gross_with_rounding() -> FrozenDocument:
    item = replace(line(0), net_price=Decimal("8.325"), net_amount=Decimal("8.33"))
    gross = invoice(
        (item,),
        total_vat=Decimal("1.67"),
        vat_breakdown=(
            VatBreakdown(category="S", rate=Decimal(20), taxable_amount=Decimal("8.33"), tax_amount=Decimal("1.67")),
        ),
        total_with_vat=Decimal("10.00"),
        rounding_amount=Decimal("-0.01"),
        amount_due=Decimal("9.99"),
    )
    return document(1, invoice=gross)


def long_names() -> FrozenDocument:
    """Everything longer than a designer thinks of, in scripts the fonts have and have not."""
    name = (
        "Österreichische Gesellschaft für Straßenbau-Fördermittelüberprüfung und Großprojektentwicklung m.b.H. & Co KG"
    )
    buyer = replace(ADA, name=name)
    hard = replace(
        line(0),
        name="Webhosting mit Äußerst Langem Produktnamen und Zusatzoption für Großkunden 🚀",
        quantity=Decimal(18),
        unit="DAY",
        base_quantity=Decimal(30),
        net_amount=Decimal("10.75"),
        allowance_amount=Decimal("1.19"),
        allowance_percent=Decimal(10),
        allowance_reason="Treuerabatt",
        description="Kostenstelle 4711 / PO-2026-ä / 東京 / Čeština, Łódź, Ελληνικά",
        cost_centre="4711",
        note="18 von 30 Tagen, weil der Vertrag am 13.11.2026 beginnt; danach monatlich 19,90 EUR.",
    )
    text = LineText(line_id="1", identifier="a" * 63 + ".donaudampfschifffahrtsgesellschaft.example")
    return document(
        1,
        invoice=invoice((hard,), buyer=buyer),
        line_texts=(text,),
        recipient=(
            "Steuerberatung Wögerbauer & Partner",
            "c/o Agentur Huber",
            "Abteilung Kreditorenbuchhaltung",
            "z. H. Frau Mag.a Dr.in Käthe Österreicher-Großmannsdorf",
            "Straße der Österreichischen Widerstandskämpferinnen 122/3/12",
            "1220 Wien",
            "Österreich",
        ),
    )


def reverse_charge() -> FrozenDocument:
    """An EU business: no tax, both VAT ids, the note in the reader's language."""
    item = replace(line(0), vat_category="AE", vat_rate=Decimal(0))
    reason = "Reverse charge: the recipient is liable for VAT."
    row = VatBreakdown(
        category="AE",
        rate=Decimal(0),
        taxable_amount=item.net_amount,
        tax_amount=Decimal("0.00"),
        exemption_code="VATEX-EU-AE",
        exemption_reason=reason,
    )
    buyer = replace(
        ADA, vat_id="DE136695976", address=Address(line_one="Weg 1", postal_code="10115", city="Berlin", country="DE")
    )
    reverse = invoice(
        (item,),
        buyer=buyer,
        vat_breakdown=(row,),
        total_vat=Decimal("0.00"),
        total_with_vat=item.net_amount,
        amount_due=item.net_amount,
    )
    return replace(english(1), invoice=reverse)


def paid() -> FrozenDocument:
    """Nothing left to pay: no code, no account details."""
    once = document(2)
    return replace(
        once, invoice=replace(once.invoice, paid_amount=once.invoice.total_with_vat, amount_due=Decimal("0.00"))
    )
