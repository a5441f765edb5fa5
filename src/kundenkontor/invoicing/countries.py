"""Names of countries in addresses, in the language of the document. Others are printed as their code."""

from __future__ import annotations

_GERMAN = {
    "AT": "Österreich", "BE": "Belgien", "BG": "Bulgarien", "CH": "Schweiz", "CY": "Zypern", "CZ": "Tschechien",
    "DE": "Deutschland", "DK": "Dänemark", "EE": "Estland", "ES": "Spanien", "FI": "Finnland", "FR": "Frankreich",
    "GB": "Vereinigtes Königreich", "GR": "Griechenland", "HR": "Kroatien", "HU": "Ungarn", "IE": "Irland",
    "IT": "Italien", "LI": "Liechtenstein", "LT": "Litauen", "LU": "Luxemburg", "LV": "Lettland", "MT": "Malta",
    "NL": "Niederlande", "NO": "Norwegen", "PL": "Polen", "PT": "Portugal", "RO": "Rumänien", "RS": "Serbien",
    "SE": "Schweden", "SI": "Slowenien", "SK": "Slowakei", "US": "Vereinigte Staaten",
}  # fmt: skip
_ENGLISH = {
    "AT": "Austria", "BE": "Belgium", "BG": "Bulgaria", "CH": "Switzerland", "CY": "Cyprus", "CZ": "Czechia",
    "DE": "Germany", "DK": "Denmark", "EE": "Estonia", "ES": "Spain", "FI": "Finland", "FR": "France",
    "GB": "United Kingdom", "GR": "Greece", "HR": "Croatia", "HU": "Hungary", "IE": "Ireland",
    "IT": "Italy", "LI": "Liechtenstein", "LT": "Lithuania", "LU": "Luxembourg", "LV": "Latvia", "MT": "Malta",
    "NL": "Netherlands", "NO": "Norway", "PL": "Poland", "PT": "Portugal", "RO": "Romania", "RS": "Serbia",
    "SE": "Sweden", "SI": "Slovenia", "SK": "Slovakia", "US": "United States",
}  # fmt: skip


def country_name(code: str, language: str) -> str:
    """The name of an ISO 3166-1 alpha-2 code, or the code itself."""
    return (_GERMAN if language == "de" else _ENGLISH).get(code, code)
