"""All components on one page, in test mode only: what is looked at and checked by axe."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from kundenkontor.kernel.formats import format_date, format_money
from kundenkontor.web.components import Bar, Fact, Link, Tile
from kundenkontor.web.forms import DayField, MoneyField, TextField, reader_language
from kundenkontor.web.gate.policy import public
from kundenkontor.web.lists.filters import Filter, Listing, Sort


class GalleryForm(forms.Form):
    reference = TextField(
        label="Ihre Bestellnummer",
        required=False,
        help_text="Steht auf jeder Rechnung (BT-13).",
    )
    amount = MoneyField(label="Betrag", help_text="Zum Beispiel 1.234,56.")
    paid_on = DayField(label="Eingegangen am")
    way = forms.ChoiceField(label="Weg", choices=[("bank", "Überweisung"), ("cash", "Bar")])
    recipients = forms.MultipleChoiceField(
        label="Empfänger",
        required=False,
        choices=[("a", "Buchhaltung"), ("b", "Geschäftsleitung")],
        widget=forms.CheckboxSelectMultiple,
    )
    collective = forms.BooleanField(label="Eine Sammelrechnung je Monat", required=False)


SORTS = {
    "date": Sort("Datum", ("issue_date", "id")),
    "amount": Sort("Betrag", ("total", "id")),
}
ROWS: list[dict[str, Any]] = [
    {"number": "RE2026001207", "day": date(2026, 11, 3), "text": "Sammelrechnung November, 14 Verträge",
     "due": date(2026, 11, 17), "amount": Decimal("1248.76"), "tone": "info", "state": "offen", "size": 141200},
    {"number": "RE2026001202", "day": date(2026, 10, 3), "text": "beispiel-hausverwaltung-niederösterreich.at",
     "due": date(2026, 10, 17), "amount": Decimal("248.76"), "tone": "bad", "state": "überfällig", "size": 84210},
    {"number": "RE2026001198", "day": date(2026, 9, 3), "text": "Webhosting M, beispiel.de",
     "due": date(2026, 9, 17), "amount": Decimal("14.28"), "tone": "good", "state": "bezahlt", "size": 61034},
    {"number": "RE2026001187", "day": date(2026, 8, 20), "text": "Storno zu RE2026001180",
     "due": None, "amount": Decimal("-11.90"), "tone": "neutral", "state": "Gutschrift", "size": 58112},
    {"number": "RE2026001180", "day": date(2026, 8, 3), "text": "Domain beispiel.at",
     "due": date(2026, 8, 17), "amount": Decimal("71.88"), "tone": "warn", "state": "teilweise bezahlt", "size": 60231},
]  # fmt: skip
MONTHS = (
    "Dez",
    "Jän",
    "Feb",
    "Mär",
    "Apr",
    "Mai",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Okt",
    "Nov",
)
SUMS = (
    "180.00",
    "210.00",
    "190.50",
    "238.00",
    "232.10",
    "260.00",
    "221.00",
    "247.00",
    "250.00",
    "262.00",
    "271.00",
    "248.76",
)


@public
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component; ``?wrong=1`` fills the form with mistakes."""
    language = reader_language()
    form = GalleryForm({"amount": "1.23x", "paid_on": "31.2.2026", "way": "bank"} if "wrong" in request.GET else None)
    messages.success(request, "Die Zahlung über 248,76 EUR ist gebucht.")
    messages.warning(request, "Bei 3 Kunden ist die UID noch ungeprüft.")
    context = {
        "form": form,
        "listing": _listing(request),
        "rows": ROWS,
        "tiles": _tiles(language),
        "facts": [
            Fact("Rechnungen", "312"),
            Fact("Nettosumme", format_money(Decimal("18240.50"), "EUR", language)),
            Fact(
                "Nummern",
                "RE2026001208 bis RE2026001519",
                note="Die Reihe bleibt lückenlos.",
            ),
        ],
        "bars": [Bar(label, Decimal(value)) for label, value in zip(MONTHS, SUMS, strict=True)],
        "tabs": [
            Link("Übersicht", "?", is_current=True),
            Link("Verträge", "?", count=14),
            Link("Rechnungen", "?"),
        ],
        "crumbs": [Link("Rechnungen", "/"), Link("RE2026001207")],
        "actions": [
            ("zip", "Als ZIP laden", "download"),
            ("mail", "An Buchhaltung senden", "mail"),
        ],
        "progress_url": reverse("web_gallery_progress"),
    }
    return render(request, "web/gallery.html", context)


@public
def progress(request: HttpRequest) -> HttpResponse:
    """The fragment that a running progress bar asks for."""
    return render(
        request,
        "web/progress.html",
        {"progress": {"title": "Abrechnung", "done": 312, "total": 312}},
    )


def _listing(request: HttpRequest) -> Listing:
    states = {"open": "offen", "paid": "bezahlt"}
    filters = (
        Filter("q", "Suche", lambda rows, value: rows, kind="search"),
        Filter("state", "Status", lambda rows, value: rows, kind="choice", choices=states),
        Filter("since", "Ab", lambda rows, value: rows, kind="day"),
    )
    return Listing(request.GET, filters=filters, sorts=SORTS, default_sort="-date")


def _tiles(language: str) -> list[Tile]:
    def amount(text: str) -> str:
        return format_money(Decimal(text), "EUR", language)

    due = format_date(date(2026, 11, 17), language)
    return [
        Tile(
            "Offen",
            amount("1497.52"),
            note=f"2 Rechnungen, nächste Zahlung bis {due}",
            url="?state=open",
            lead=True,
        ),
        Tile(
            "Überfällig",
            amount("248.76"),
            note="1 Rechnung",
            url="?state=open",
            icon="alert",
        ),
        Tile("Dienste", "14", note="9 Domains, 5 Pakete", url="?", icon="package"),
    ]
