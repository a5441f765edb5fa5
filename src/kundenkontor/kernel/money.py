"""Money: one strict parser, one rounding function. Never float.

Amounts have two places, unit prices up to six. The business rounds half away from
zero ("kaufmännisch"), which for amounts is what EN 16931 calls half up.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from kundenkontor.kernel.errors import DomainError, message

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MAX_AMOUNT = Decimal("999999999999.99")
DIGITS = 14  # of every column for amounts, prices and quantities, places included

_PLAIN = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
# nobody writes half a euro as 0.500 and means a thousands separator: a first group begins with no 0
_GROUPED_DE = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?")
_GROUPED_EN = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")

Style = Literal["de", "en"]


class AmountError(DomainError, ValueError):
    """The text is not an amount; nothing is guessed."""

    code = "amount_invalid"
    template = message("“{text}” is not an amount. Please write it like 1.234,56 or 1234.56.")


class TooManyPlaces(AmountError):
    code = "amount_too_precise"
    template = message("“{text}” has more than {places} decimal places.")


class AmountTooLarge(AmountError):
    code = "amount_too_large"
    template = message("“{text}” is larger than the books can hold.")


def round_cents(value: Decimal) -> Decimal:
    """Round to two places, half away from zero, never to minus nought. The only place where money is rounded."""
    return value.quantize(CENT, ROUND_HALF_UP) + ZERO


def parse_amount(text: str, *, places: int = 2, style: Style | None = None) -> Decimal:
    """Read ``1.234,56``, ``1,234.56``, ``1234.56`` or ``1234,56``; blanks around it are fine.

    ``style`` says what a lone separator before exactly three digits means ("1.234", not "0.500"): a
    thousands separator in "de" for the point, in "en" for the comma; without a style such a text
    is read as a decimal only if ``places`` allows three, else refused. ASCII digits only, no exponent.

    Raises AmountError (also a ValueError), TooManyPlaces or AmountTooLarge.
    """
    stripped = text.strip().replace("\u00a0", "").replace("\u2212", "-")
    normal = _normalise(stripped, places, style)
    if normal is None:
        raise AmountError(text=text[:40])
    value = Decimal(normal)
    if value.as_tuple().exponent < -places:  # type: ignore[operator]  # finite by the patterns above
        trimmed = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        if trimmed != value:
            raise TooManyPlaces(text=text[:40], places=places)
        value = trimmed
    if abs(value) >= Decimal(10) ** (DIGITS - places):
        raise AmountTooLarge(text=text[:40])
    return value


def _normalise(text: str, places: int, style: Style | None) -> str | None:
    """Return the text with a decimal point and without groups, or None where it is no amount."""
    if len(text) > 30 or not text.isascii():
        return None
    if _PLAIN.fullmatch(text) and not _AMBIGUOUS.fullmatch(text):
        return text.replace(",", ".")
    german, english = _GROUPED_DE.fullmatch(text), _GROUPED_EN.fullmatch(text)
    if german and (style == "de" or "," in text or text.count(".") > 1):
        return text.replace(".", "").replace(",", ".")
    if english and (style == "en" or "." in text or text.count(",") > 1):
        return text.replace(",", "")
    if _PLAIN.fullmatch(text) and (style is not None or places >= 3):
        return text.replace(",", ".")
    return None


def is_ambiguous(text: str) -> bool:
    """Whether a text may be read in two ways, a thousand times apart: "12.500", "1,234"."""
    return _AMBIGUOUS.fullmatch(text.strip()) is not None
