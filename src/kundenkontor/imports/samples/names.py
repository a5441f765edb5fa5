"""Invented people, firms, places and products for generated files; nothing here belongs to anybody."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

FIRST_NAMES = (
    "Anna", "Bärbel", "Cäcilia", "Dörthe", "Emília", "François", "Günther", "Hélène", "Ingeborg", "Jürgen",
    "Karl-Heinz", "Łucja", "Matej", "Nikoleta", "Ömer", "Petra", "Quirin", "Raphaël", "Sümeyye", "Tomáš", "Uschi",
    "Vít", "Wolfgang", "Xaver", "Yağmur", "Zdeněk",
)  # fmt: skip
LAST_NAMES = (
    "Achleitner", "Bäumler", "Çelik", "Dvořák", "Eßlinger", "Fößleitner", "Großmann", "Hüttenbrenner", "Išgum",
    "Jäckel", "Köstenbauer", "Löwenstein", "Mühlböck", "Nötzli", "O’Connor", "Prießnitz", "Quaß", "Rüdisühli",
    "Schönwetter", "Tschürtz", "Ünal", "Vögele", "Weißenböck", "Yıldız", "Zürcher",
    "von und zu Hohenlohe-Waldenburg",
)  # fmt: skip
TRADES = (
    "Tischlerei", "Gärtnerei", "Steuerberatung", "Fahrschule", "Zahnarztpraxis", "Weingut", "Konditorei",
    "Architekturbüro", "Elektrotechnik", "Buchhandlung", "Reisebüro", "Druckerei", "Apotheke", "Schlosserei",
    "Softwareentwicklung",
)  # fmt: skip
FORMS = ("GmbH", "GmbH & Co KG", "OG", "KG", "e.U.", "AG", "eG", "UG (haftungsbeschränkt)")
ASSOCIATIONS = (
    "Musikverein {city} 1887",
    "Verein zur Förderung der Erwachsenenbildung und Nachbarschaftshilfe im Bezirk {city} – Zweigstelle Süd-Ost",
    "Freiwillige Feuerwehr {city}",
    "Turn- und Sportverein {city} e.V.",
)
STREETS = (
    "Lindengasse",
    "Bahnhofstraße",
    "Am Mühlbach",
    "Kirchenplatz",
    "Fünfhausgasse",
    "Obere Hauptstraße",
    "Äußerer Ring",
)


class Place(NamedTuple):
    postal_code: str
    city: str


PLACES: dict[str, tuple[Place, ...]] = {
    "AT": (Place("1070", "Wien"), Place("4020", "Linz"), Place("3100", "St. Pölten"), Place("9500", "Villach"),
           Place("7000", "Eisenstadt"), Place("6850", "Dornbirn")),
    "DE": (Place("04109", "Leipzig"), Place("50667", "Köln"), Place("97070", "Würzburg"), Place("48143", "Münster"),
           Place("20095", "Hamburg"), Place("84028", "Landshut")),
    "CH": (Place("3011", "Bern"), Place("9000", "St. Gallen")),
    "CZ": (Place("602 00", "Brno"), Place("370 01", "České Budějovice")),
    "FR": (Place("67000", "Strasbourg"), Place("31000", "Toulouse")),
    "IT": (Place("39100", "Bolzano"), Place("34121", "Trieste")),
    "NL": (Place("6211 AB", "Maastricht"), Place("3511 CE", "Utrecht")),
    "PL": (Place("50-001", "Wrocław"), Place("30-001", "Kraków")),
    "BE": (Place("4700", "Eupen"), Place("9000", "Gent")),
    "SI": (Place("1000", "Ljubljana"), Place("2000", "Maribor")),
}  # fmt: skip
COUNTRY_WEIGHTS = {"AT": 46, "DE": 36, "CH": 4, "CZ": 3, "FR": 2, "IT": 3, "NL": 2, "PL": 2, "BE": 1, "SI": 1}


class Article(NamedTuple):
    """A product as a file names it; ``price`` is net per period."""

    code: str
    name: str
    price: Decimal
    months: int
    has_domain: bool
    weight: int

    @property
    def domain_end(self) -> str:
        """What a domain of this product ends in; empty for other products."""
        kind, _, rest = self.code.partition("-")
        return rest.partition("-")[0] if kind == "domain" else ""


ARTICLES = (
    Article("domain-at", "Domain .at", Decimal("26.40"), 12, True, 16),
    Article("domain-de", "Domain .de", Decimal("11.88"), 12, True, 16),
    Article("domain-com", "Domain .com", Decimal("15.60"), 12, True, 10),
    Article("domain-eu-5", "Domain .eu (5 Jahre)", Decimal("49.50"), 60, True, 3),
    Article("domain-org-10", "Domain .org (10 Jahre)", Decimal("129.00"), 120, True, 1),
    Article("webhosting-start", "Webhosting Start", Decimal("3.90"), 1, True, 12),
    Article("webhosting-plus", "Webhosting Plus", Decimal("8.90"), 1, True, 9),
    Article("webhosting-agentur", "Webhosting Agentur für bis zu 50 Projekte", Decimal("34.50"), 1, True, 2),
    Article("vserver-4", "vServer 4 GB", Decimal("14.90"), 1, False, 4),
    Article("vserver-32", "vServer 32 GB", Decimal("79.00"), 1, False, 1),
    Article("ssl-einzel", "SSL-Zertifikat für einen Namen", Decimal("19.00"), 12, True, 5),
    Article("ssl-stern", "SSL-Zertifikat Wildcard", Decimal("99.00"), 12, True, 1),
    Article("storage-250", "Speicher 250 GB", Decimal("2.333333"), 1, False, 4),
    Article("backup-taeglich", "Tägliche Sicherung", Decimal("7.50"), 3, False, 4),
    Article("postfach", "Postfach 25 GB", Decimal("1.25"), 1, True, 8),
    Article("dns-eintrag", "Zusätzlicher DNS-Eintrag", Decimal("0.01"), 1, True, 2),
    Article("spamfilter", "Spamfilter", Decimal("2.40"), 6, True, 3),
    Article("statistik", "Besuchsstatistik (kostenlos)", Decimal("0.00"), 1, True, 5),
    Article("wartung", "Wartungspaket (2 Jahre)", Decimal("240.00"), 24, False, 1),
)
DESCRIPTIONS = (
    "",
    "",
    "",
    "",
    "mit täglicher Sicherung",
    "Bestellnummer 2026/ÄÖ-17",
    "Projekt „Neuer Auftritt“; Bereich Süd",
)
