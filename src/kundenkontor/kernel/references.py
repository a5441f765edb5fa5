"""Payment references: the ISO 11649 creditor reference (RF) and the purpose line printed beside it. Pure."""

from __future__ import annotations

from functools import lru_cache

_LETTERS = {letter: str(letter - 55) for letter in range(ord("A"), ord("Z") + 1)}


def creditor_reference(number: str) -> str:
    """The RF reference over the letters and digits of a document number (ISO 11649, check digits by ISO 7064).

    At most 21 characters, letters are capitals: RE2026000123 -> RF18RE2026000123-like, "RF" + 2 digits + number.
    Raises ValueError where nothing or too much is left.
    """
    body = number
    if not (number.isascii() and number.isalnum() and number.isupper()):
        body = "".join([char for char in number.upper() if char.isascii() and char.isalnum()])
    if not 1 <= len(body) <= 21:
        raise ValueError(f"no creditor reference can be made of {number!r}")
    head = body.rstrip("0123456789")  # recurs within a series
    return f"RF{98 - int(f'{_as_digits(head)}{body[len(head) :]}271500') % 97:02d}{body}"


@lru_cache(maxsize=1000)
def _as_digits(text: str) -> str:
    return text.translate(_LETTERS)


def payment_purpose(customer_number: str, document_number: str) -> str:
    """What the payer writes so that the payment is matched: ``Kunde 1234 / Rechnung 12345`` (M48)."""
    return f"Kunde {customer_number} / Rechnung {document_number}"
