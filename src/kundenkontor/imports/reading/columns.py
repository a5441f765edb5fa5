"""The columns of both files, and the many ways in which people write their heads.

A head is compared without case, blanks, punctuation and diacritics; "ä" and "ae" are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from kundenkontor.kernel.errors import message
from kundenkontor.kernel.texts import fold


@dataclass(frozen=True, slots=True)
class Column:
    """``limit`` is the greatest length in characters; ``label`` is the English name that pages show."""

    name: str
    german: str
    label: str
    limit: int
    is_required: bool = False
    also: tuple[str, ...] = ()


_CUSTOMER_NUMBER = Column(
    "customer_number", "Kundennummer", message("Customer number"), 20, True, ("Kunden-Nr.", "Kundennr", "Customer no.")
)

CUSTOMER_COLUMNS = (
    _CUSTOMER_NUMBER,
    Column("company", "Firma", message("Company"), 200, also=("Unternehmen", "Firmenname", "Company name")),
    Column("first_name", "Vorname", message("First name"), 100),
    Column("last_name", "Nachname", message("Last name"), 100, also=("Familienname", "Surname")),
    Column("email", "E-Mail", message("E-mail"), 254, also=("E-Mail-Adresse", "Email address", "Mail")),
    Column("street", "Straße", message("Street"), 200, also=("Adresse", "Address")),
    Column("postal_code", "PLZ", message("Postal code"), 20, also=("Postleitzahl", "ZIP", "ZIP code")),
    Column("city", "Ort", message("City"), 100, also=("Stadt", "Town")),
    Column("country", "Land", message("Country"), 40, True, ("Ländercode", "Country code")),
    Column("vat_id", "UID", message("VAT id"), 30, also=("UID-Nummer", "USt-IdNr.", "USt-ID", "VAT number")),
    Column("language", "Sprache", message("Language"), 20),
    Column("collective_invoice", "Sammelrechnung", message("Collective invoice"), 10),
    Column("payment_terms_days", "Zahlungsziel", message("Payment term (days)"), 10, also=("Zahlungsziel Tage",)),
)

CONTRACT_COLUMNS = (
    Column("contract_number", "Vertragsnummer", message("Contract number"), 30, True, ("Vertrags-Nr.", "Contract no.")),
    _CUSTOMER_NUMBER,
    Column("product_code", "Artikel", message("Product code"), 50, True, ("Artikelnummer", "Artikel-Nr.", "SKU")),
    Column("product_name", "Produkt", message("Product name"), 200, also=("Produktname", "Product")),
    Column("description", "Beschreibung", message("Description"), 500),
    Column("identifier", "Kennung", message("Identifier"), 253, also=("Domain",)),
    Column("net_price", "Nettopreis", message("Net price"), 40, True, ("Preis netto", "Price")),
    Column("currency", "Währung", message("Currency"), 10),
    Column("period", "Abrechnung", message("Billing period"), 30, True, ("Abrechnungszeitraum", "Billing period")),
    Column("start_date", "Beginn", message("Start date"), 30, True, ("Vertragsbeginn", "Start", "Startdatum")),
    Column("end_date", "Ende", message("End date"), 30, also=("Vertragsende", "End", "Enddatum")),
    Column("discount_percent", "Rabatt %", message("Discount in percent"), 20, also=("Rabatt Prozent", "Discount")),
    Column("discount_until", "Rabatt bis", message("Discount until"), 30),
)

_LABELS = {column.name: column.label for column in (*CUSTOMER_COLUMNS, *CONTRACT_COLUMNS)}


def label_of(name: str) -> str:
    """The English label of a column; an untranslated msgid."""
    return _LABELS[name]


def names_by_head(columns: tuple[Column, ...]) -> dict[str, Column]:
    """The folded official heads, English and German."""
    return {fold(spelling): column for column in columns for spelling in (column.name, column.german)}


def names_by_other_head(columns: tuple[Column, ...]) -> dict[str, Column]:
    """Further spellings; they count only where the official head is not there."""
    return {fold(spelling): column for column in columns for spelling in column.also}
