"""One way of writing a VAT id, whoever brings it: a form, a file, VIES. Pure."""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"[\s.\-/_]")


def normal_vat_id(text: str) -> str:
    """Capitals without blanks and punctuation. Greece is EL there, as in VIES and EN 16931 (BR-CO-09)."""
    compact = _SEPARATORS.sub("", text).upper()
    return f"EL{compact[2:]}" if compact.startswith("GR") else compact
