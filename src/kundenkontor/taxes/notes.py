"""The sentences the law asks for, per case, in German and English. Pure."""

from __future__ import annotations

from kundenkontor.taxes.rules import TaxDecision

# (note key, seller country or "") -> German, English
NOTES: dict[tuple[str, str], tuple[str, str]] = {
    ("reverse_charge", "AT"): (
        "Übergang der Steuerschuld auf den Leistungsempfänger (Reverse Charge)",
        "VAT liability is transferred to the recipient (reverse charge)",
    ),
    ("reverse_charge", ""): (
        "Steuerschuldnerschaft des Leistungsempfängers",
        "Reverse charge: VAT is owed by the recipient",
    ),
    ("outside_scope", ""): (
        "Nicht steuerbar: Leistungsort beim Empfänger im Drittland",
        "Outside the scope of VAT: place of supply is the recipient’s third country",
    ),
    ("small_business", "AT"): (
        "Umsatzsteuerfrei aufgrund der Kleinunternehmerregelung (§ 6 Abs. 1 Z 27 UStG)",
        "Exempt from VAT as a small business (§ 6 (1) no. 27 UStG, Austria)",
    ),
    ("small_business", "DE"): (
        "Steuerfrei als Kleinunternehmer (§ 19 UStG)",
        "Exempt from VAT as a small business (§ 19 UStG, Germany)",
    ),
    ("small_business", ""): (
        "Steuerfrei als Kleinunternehmer",
        "Exempt from VAT as a small business",
    ),
}


def exemption_reason(decision: TaxDecision, seller_country: str, language: str) -> str:
    """BT-120 in the document's language; empty for lines with tax."""
    if not decision.note_key:
        return ""
    found = NOTES.get((decision.note_key, seller_country)) or NOTES[decision.note_key, ""]
    return found[0] if language == "de" else found[1]


def no_vat_id_note(language: str) -> str:
    """Staff asked for the VAT id that an invoice above 10,000 EUR names, and got none (§ 11 Abs. 1 Z 3 lit. b UStG)."""
    return "Keine Angabe der UID" if language == "de" else "No VAT ID given (Keine Angabe der UID)"


def one_stop_shop_note(country_name: str, language: str) -> str:
    """Says whose VAT is charged where it is not the seller's country's (Art. 369a ff. Directive 2006/112/EC).

    A note of the document (BT-22): a line with tax has no exemption reason (BR-S-10).
    """
    if language == "de":
        return f"Umsatzsteuer des Bestimmungslandes {country_name}, abgeführt über den One-Stop-Shop (OSS)"
    return f"VAT of the country of destination, {country_name}, paid through the One-Stop-Shop (OSS)"
