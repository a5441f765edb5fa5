"""The fixed words on documents, by language. Those that depend on the kind of document stand in ``kernel.kinds``.

Part of the template, not of the translation catalogues: a wording change must not
reach documents that name an earlier template version.
"""

from __future__ import annotations

from collections.abc import Mapping

from kundenkontor.printing.invoice.frozen import Language

_GERMAN = {
    "draft": "Entwurf",
    "number": "Rechnungsnummer",
    "correction_number": "Belegnummer",
    "issue_date": "Rechnungsdatum",
    "correction_date": "Belegdatum",
    "service_period": "Leistungszeitraum",
    "service_date": "Leistungsdatum",
    "customer_number": "Kundennummer",
    "buyer_vat_id": "Ihre UID/USt-IdNr.",
    "order_number": "Ihre Bestellnummer",
    "buyer_reference": "Ihre Referenz",
    "cost_centre": "Kostenstelle",
    "contract": "Vertrag",
    "preceding": "Zu Rechnung",
    "preceding_date": "Rechnung vom",
    "refers_to": "zu Rechnung {number} vom {date}",
    "due_date": "Fällig am",
    "nothing_to_pay": "Keine Zahlung erforderlich",
    "payment": "Zahlung",
    "position": "Pos.",
    "item": "Leistung",
    "quantity": "Menge",
    "price": "Einzelpreis",
    "vat_rate": "USt",
    "vat_rate_full": "USt-Satz",
    "amount": "Betrag",
    "per_base": "{price} je {quantity}",
    "allowance": "abzüglich Rabatt",
    "carry_over": "Übertrag",
    "subtotal": "Zwischensumme",
    "total_line_amount": "Summe der Positionen",
    "allowances": "Nachlässe",
    "charges": "Zuschläge",
    "total_without_vat": "Summe netto",
    "total_vat": "Umsatzsteuer",
    "total_with_vat": "Gesamtbetrag",
    "paid_amount": "Bereits bezahlt",
    "rounding": "Rundung",
    "vat_breakdown": "Umsatzsteuer je Steuersatz",
    "taxable_amount": "Nettobetrag",
    "no_vat": "ohne USt",
    "recipient_of_service": "Leistungsempfänger",
    "postal_address": "Anschrift",
    "payment_details": "Zahlungsangaben",
    "account_holder": "Empfänger",
    "iban": "IBAN",
    "bic": "BIC",
    "reference": "Zahlungsreferenz",
    "purpose": "Verwendungszweck",
    "qr": "Mit der Banking-App scannen",
    "qr_alt": "QR-Code für die Überweisung: {amount} auf {iban}",
    "notes": "Hinweise",
    "page": "Seite",
    "page_of": "von",
    "seat": "Sitz",
    "managing_directors": "Geschäftsführung",
    "tax_number": "Steuernummer",
    "vat_id": "UID/USt-IdNr.",
    "attachment": "Rechnungsdaten nach EN 16931 (Factur-X)",
}

_ENGLISH = {
    "draft": "Draft",
    "number": "Invoice number",
    "correction_number": "Document number",
    "issue_date": "Invoice date",
    "correction_date": "Document date",
    "service_period": "Service period",
    "service_date": "Date of service",
    "customer_number": "Customer number",
    "buyer_vat_id": "Your VAT ID",
    "order_number": "Your order number",
    "buyer_reference": "Your reference",
    "cost_centre": "Cost centre",
    "contract": "Contract",
    "preceding": "For invoice",
    "preceding_date": "Invoice of",
    "refers_to": "for invoice {number} of {date}",
    "due_date": "Due on",
    "nothing_to_pay": "No payment required",
    "payment": "Payment",
    "position": "No.",
    "item": "Service",
    "quantity": "Quantity",
    "price": "Unit price",
    "vat_rate": "VAT",
    "vat_rate_full": "VAT rate",
    "amount": "Amount",
    "per_base": "{price} per {quantity}",
    "allowance": "less discount",
    "carry_over": "Carried forward",
    "subtotal": "Subtotal",
    "total_line_amount": "Sum of items",
    "allowances": "Allowances",
    "charges": "Charges",
    "total_without_vat": "Total excluding VAT",
    "total_vat": "VAT",
    "total_with_vat": "Total",
    "paid_amount": "Already paid",
    "rounding": "Rounding",
    "vat_breakdown": "VAT by rate",
    "taxable_amount": "Net amount",
    "no_vat": "no VAT",
    "recipient_of_service": "Recipient of the service",
    "postal_address": "Postal address",
    "payment_details": "Payment details",
    "account_holder": "Payee",
    "iban": "IBAN",
    "bic": "BIC",
    "reference": "Payment reference",
    "purpose": "Purpose",
    "qr": "Scan with your banking app",
    "qr_alt": "QR code for the credit transfer: {amount} to {iban}",
    "notes": "Notes",
    "page": "Page",
    "page_of": "of",
    "seat": "Registered office",
    "managing_directors": "Managing directors",
    "tax_number": "Tax number",
    "vat_id": "VAT ID",
    "attachment": "Invoice data to EN 16931 (Factur-X)",
}

_WORDS: Mapping[Language, Mapping[str, str]] = {"de": _GERMAN, "en": _ENGLISH}

# UN/ECE Recommendation 20; a piece needs no word
_UNITS: Mapping[Language, Mapping[str, tuple[str, str]]] = {
    "de": {
        "MON": ("Monat", "Monate"),
        "QAN": ("Quartal", "Quartale"),
        "SAN": ("Halbjahr", "Halbjahre"),
        "ANN": ("Jahr", "Jahre"),
        "DAY": ("Tag", "Tage"),
        "HUR": ("Std.", "Std."),
        "MIN": ("Min.", "Min."),
        "E34": ("GB", "GB"),
        "LS": ("pauschal", "pauschal"),
        "KMT": ("km", "km"),
    },
    "en": {
        "MON": ("month", "months"),
        "QAN": ("quarter", "quarters"),
        "SAN": ("half-year", "half-years"),
        "ANN": ("year", "years"),
        "DAY": ("day", "days"),
        "HUR": ("h", "h"),
        "MIN": ("min", "min"),
        "E34": ("GB", "GB"),
        "LS": ("lump sum", "lump sum"),
        "KMT": ("km", "km"),
    },
}


def words(language: Language) -> Mapping[str, str]:
    return _WORDS[language]


def unit_word(unit: str, language: Language, *, is_one: bool) -> str:
    """The word beside a quantity; empty for pieces (C62, H87) and codes without one."""
    singular, plural = _UNITS[language].get(unit, ("", ""))
    return singular if is_one else plural
