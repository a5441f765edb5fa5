"""The table of lines: one section per contract, with running totals for the carry-over."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from kundenkontor.einvoicing.model import Line
from kundenkontor.kernel.formats import format_money, format_number, format_period, format_rate
from kundenkontor.printing.invoice.frozen import FrozenDocument, Language, LineGroup, LineText
from kundenkontor.printing.invoice.wording import unit_word, words

_NO_TEXT = LineText(line_id="")


def line_table(document: FrozenDocument) -> dict[str, Any]:
    """``carry`` says whether the table is long enough to need a carry-over at all."""
    return {"sections": list(_sections(document)), "carry": len(document.invoice.lines) > 3}


def _sections(document: FrozenDocument) -> Iterator[dict[str, Any]]:
    """Rows keep the order of the groups; ``running`` is the sum down to and with the row."""
    texts = {text.line_id: text for text in document.line_texts}
    groups = document.groups or (LineGroup(heading="", line_ids=tuple(line.id for line in document.invoice.lines)),)
    running = Decimal(0)
    for group in groups:
        rows = []
        for line in document.lines_of(group):
            running += line.net_amount
            rows.append(_row(line, texts.get(line.id, _NO_TEXT), running, document))
        yield {"heading": group.heading, "rows": rows, "subtotal": _subtotal(document, group)}


def _subtotal(document: FrozenDocument, group: LineGroup) -> str:
    """A group of one line needs none: its amount is the subtotal."""
    if not group.heading or len(group.line_ids) < 2:
        return ""
    return format_number(document.subtotal_of(group), document.language)


def _row(line: Line, text: LineText, running: Decimal, document: FrozenDocument) -> dict[str, Any]:
    language = document.language
    return {
        "position": line.id,
        "name": line.name,
        "identifier": text.identifier,
        "details": _details(line, text, document),
        "quantity": format_quantity(line.quantity, line.unit, language),
        "price": _price(line, language),
        "rate": _rate(line, language),
        "amount": format_number(line.net_amount, language),
        "running": format_money(running, document.invoice.currency, language),
    }


def _details(line: Line, text: LineText, document: FrozenDocument) -> list[str]:
    labels = words(document.language)
    period = format_period(line.period_start, line.period_end, document.language)
    contract = "" if document.groups else line.object_identifier
    description = "" if line.description == text.identifier else line.description.removeprefix(f"{text.identifier}, ")
    facts = (
        period,
        f"{labels['contract']} {contract}" if contract else "",
        f"{labels['cost_centre']} {line.cost_centre}" if line.cost_centre else "",
    )
    details = (" · ".join(filter(None, facts)), description, line.note, _allowance(line, document))
    return list(dict.fromkeys(filter(None, details)))


def _allowance(line: Line, document: FrozenDocument) -> str:
    """The discount of the line (BG-27) in words and money."""
    if not line.allowance_amount:
        return ""
    language = document.language
    percent = "" if line.allowance_percent is None else format_rate(line.allowance_percent, language)
    amount = format_money(-line.allowance_amount, document.invoice.currency, language)
    words_of_it = " ".join(filter(None, (words(language)["allowance"], percent)))
    reason = f" ({line.allowance_reason})" if line.allowance_reason else ""
    return f"{words_of_it}{reason}: {amount}"


def format_quantity(quantity: Decimal, unit: str, language: Language) -> str:
    """3 Monate, 1 Jahr, 2: a piece has no word."""
    word = unit_word(unit, language, is_one=quantity == 1)
    return f"{format_number(quantity, language, places=0)}\u00a0{word}".rstrip()


def _price(line: Line, language: Language) -> str:
    """The price, and what it is for unless it is for one (BT-149): ``29,00 je 30 Tage``."""
    price = format_number(line.net_price, language)
    if line.base_quantity == 1:
        return price
    base = format_quantity(line.base_quantity, line.unit, language)
    return words(language)["per_base"].format(price=price, quantity=base)


def _rate(line: Line, language: Language) -> str:
    """Outside the scope of VAT (O) there is no rate, not even 0 %."""
    return "\u2013" if line.vat_category == "O" else format_rate(line.vat_rate, language)
