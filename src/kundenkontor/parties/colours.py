"""Contrast of a seller's accent colour. Pure."""

from __future__ import annotations

import re

SMALLEST_CONTRAST = 4.5
_COLOUR = re.compile("#[0-9a-f]{6}")


def is_colour(text: str) -> bool:
    return _COLOUR.fullmatch(text) is not None


def contrast_on_white(colour: str) -> float:
    """The contrast of ``#rrggbb`` text on white paper, 1 to 21 (WCAG 2.2, relative luminance)."""
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)
