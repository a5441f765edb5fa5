"""Why a line costs what it costs, in a sentence: period, price, days of a cut period, discount. Pure.

What the columns of a document do not say stands in the note of its line (BT-127), so paper and XML say the same.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Protocol

from kundenkontor.invoicing.issuing.lines import ServicePeriod, pieces_of
from kundenkontor.kernel.formats import format_money, format_number, format_period, format_rate
from kundenkontor.printing.invoice.frozen import Language

_WORDS: dict[Language, dict[str, str]] = {
    "de": {
        "price": "{quantity} × {price}",
        "cut": "anteilig {days} von {whole} Tagen zu {price} für den ganzen Zeitraum",
        "cut_many": "anteilig {days} von {whole} Tagen × {quantity} zu {price} für den ganzen Zeitraum",
        "discount": "abzüglich {rate} Rabatt ({amount})",
        "per": "{quantity} × {price} je {base}",
        "gross": "vereinbart {amount} inkl. USt",
        "gross_back": "das sind {amount} inkl. USt",
        "order_number": "Ihre Bestellnummer {text}",
        "buyer_reference": "Ihre Referenz {text}",
        "set_up": "einmalige Einrichtung",
        "one_off": "einmalige Leistung",
    },
    "en": {
        "price": "{quantity} × {price}",
        "cut": "{days} of {whole} days at {price} for the whole period",
        "cut_many": "{days} of {whole} days × {quantity} at {price} for the whole period",
        "discount": "less {rate} discount ({amount})",
        "per": "{quantity} × {price} per {base}",
        "gross": "agreed {amount} including VAT",
        "gross_back": "which is {amount} including VAT",
        "order_number": "your order number {text}",
        "buyer_reference": "your reference {text}",
        "set_up": "one-time set-up",
        "one_off": "one-time service",
    },
}


class ExplainedLine(Protocol):
    """What is asked of an invoice line."""

    kind: str
    item_name: str
    corrected_position: int | None
    order_number: str
    buyer_reference: str
    unit: str
    quantity: Decimal
    base_quantity: Decimal
    net_price: Decimal
    agreed_gross: Decimal | None
    discount_percent: Decimal
    allowance_amount: Decimal
    net_amount: Decimal
    vat_rate: Decimal
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
    parts += _agreed(line, language, currency)
    period = format_period(line.period_start, line.period_end, language)
    return f"{period}: {', '.join(parts)} = {format_money(line.net_amount, currency, language)}"


def explain_on_paper(line: ExplainedLine, language: Language, currency: str = "EUR") -> str:
    """What the columns of the document do not say already: cut days, a sum agreed with VAT, the contract's references.

    That a line is a set-up fee stands in its name.
    """
    words = _WORDS[language]
    parts = [words["one_off"]] if line.kind == "one_off" else []
    if line.base_quantity != 1:
        parts.append(_price(line, language, currency))
    parts += _agreed(line, language, currency)
    parts += [
        words[name].format(text=text) for name in ("order_number", "buyer_reference") if (text := getattr(line, name))
    ]
    return ", ".join(parts)


def name_on_paper(line: ExplainedLine, language: Language) -> str:
    """BT-153: a product, or that it was set up."""
    return f"{line.item_name}, {_WORDS[language]['set_up']}" if line.kind == "set_up" else line.item_name


def words_of_kind(kind: str) -> list[str]:
    """What a document says of a line's kind, in all its languages; of most nothing."""
    return [words[kind] for words in _WORDS.values()] if kind in ("set_up", "one_off") else []


def _agreed(line: ExplainedLine, language: Language, currency: str) -> list[str]:
    """What was agreed with VAT, or is taken back of it; without VAT it is the net amount."""
    if line.agreed_gross is None or not line.vat_rate:
        return []
    amount = format_money(line.agreed_gross, currency, language)
    return [_WORDS[language]["gross_back" if line.corrected_position else "gross"].format(amount=amount)]


def _price(line: ExplainedLine, language: Language, currency: str) -> str:
    """A cut period has quantity = pieces x days and base quantity = days of the whole period."""
    words = _WORDS[language]
    price = format_money(line.net_price, currency, language)
    quantity, base = (format_number(value, language, places=0) for value in (line.quantity, line.base_quantity))
    if line.base_quantity == 1:
        return words["price"].format(quantity=quantity, price=price)
    days = ServicePeriod(line.period_start, line.period_end).days
    pieces = pieces_of(line.quantity, line.unit, days)
    if pieces is None:
        return words["per"].format(quantity=quantity, price=price, base=base)
    shown = format_number(Decimal(days), language, places=0)
    if pieces == 1:
        return words["cut"].format(days=shown, whole=base, price=price)
    quantity = format_number(pieces, language, places=0)
    return words["cut_many"].format(days=shown, whole=base, price=price, quantity=quantity)
