"""Why a line costs what it costs, in a sentence: period, price, days of a cut period, discount. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Protocol

from kundenkontor.kernel.formats import format_money, format_number, format_period, format_rate
from kundenkontor.printing.invoice.frozen import Language

_WORDS: dict[Language, dict[str, str]] = {
    "de": {
        "price": "{quantity} × {price}",
        "cut": "anteilig {days} von {whole} Tagen zu {price} für den ganzen Zeitraum",
        "cut_many": "anteilig {days} von {whole} Tagen × {quantity} zu {price} für den ganzen Zeitraum",
        "discount": "abzüglich {rate} Rabatt ({amount})",
        "gross": "vereinbart {amount} inkl. USt",
        "set_up": "einmalige Einrichtung",
        "one_off": "einmalige Leistung",
    },
    "en": {
        "price": "{quantity} × {price}",
        "cut": "{days} of {whole} days at {price} for the whole period",
        "cut_many": "{days} of {whole} days × {quantity} at {price} for the whole period",
        "discount": "less {rate} discount ({amount})",
        "gross": "agreed {amount} including VAT",
        "set_up": "one-time set-up",
        "one_off": "one-time service",
    },
}


class ExplainedLine(Protocol):
    """What is asked of an invoice line."""

    kind: str
    quantity: Decimal
    base_quantity: Decimal
    net_price: Decimal
    agreed_gross: Decimal | None
    discount_percent: Decimal
    allowance_amount: Decimal
    net_amount: Decimal
    period_start: date
    period_end: date


def explain_line(line: ExplainedLine, language: Language, currency: str = "EUR") -> str:
    """The whole sentence, for the page of a line:
    ``01.11.2026 – 30.11.2026: 1 × 19,90 EUR, abzüglich 10 % Rabatt (−1,99 EUR) = 17,91 EUR``.
    """
    words = _WORDS[language]
    parts = [_price(line, language, currency)]
    if line.allowance_amount:
        amount = format_money(-line.allowance_amount, currency, language)
        parts.append(words["discount"].format(rate=format_rate(line.discount_percent, language), amount=amount))
    if line.kind in ("set_up", "one_off"):
        parts.insert(0, words[line.kind])
    if line.agreed_gross is not None:
        parts.append(words["gross"].format(amount=format_money(line.agreed_gross, currency, language)))
    period = format_period(line.period_start, line.period_end, language)
    return f"{period}: {', '.join(parts)} = {format_money(line.net_amount, currency, language)}"


def explain_on_paper(line: ExplainedLine, language: Language, currency: str = "EUR") -> str:
    """What the columns of the document do not say already: cut days and a sum agreed with VAT."""
    parts = []
    if line.base_quantity != 1:
        parts.append(_price(line, language, currency))
    if line.agreed_gross is not None:
        amount = format_money(line.agreed_gross, currency, language)
        parts.append(_WORDS[language]["gross"].format(amount=amount))
    return ", ".join(parts)


def _price(line: ExplainedLine, language: Language, currency: str) -> str:
    """A cut period has quantity = pieces x days and base quantity = days of the whole period."""
    words = _WORDS[language]
    price = format_money(line.net_price, currency, language)
    if line.base_quantity == 1:
        quantity = format_number(line.quantity, language, places=0)
        return words["price"].format(quantity=quantity, price=price)
    days = Decimal((line.period_end - line.period_start).days + 1)
    pieces = line.quantity / days
    whole = format_number(line.base_quantity, language, places=0)
    shown = format_number(days, language, places=0)
    if pieces == 1 or pieces != pieces.to_integral_value():
        shown = format_number(line.quantity, language, places=0)
        return words["cut"].format(days=shown, whole=whole, price=price)
    quantity = format_number(pieces, language, places=0)
    return words["cut_many"].format(days=shown, whole=whole, price=price, quantity=quantity)
