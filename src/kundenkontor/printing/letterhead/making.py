"""The logo of a seller on an empty page, by the same template as on documents. It is set when a picture comes in."""

from __future__ import annotations

import base64
import io
from datetime import UTC, datetime
from typing import Any

from PIL import Image

from kundenkontor.printing.errors import InvalidLogo
from kundenkontor.printing.invoice.compile import draw, typeset
from kundenkontor.printing.logo import logo_svg

NOON = datetime(2000, 1, 1, 12, tzinfo=UTC)
PAGE = "sample.typ"


def make(values: Any, *, only_xml: bool = False) -> tuple[bytes, bytes]:
    """A page with nothing else on it; such a paper has no XML. Raise RenderingError where it cannot be set, or where
    nothing of it is seen: shapes that are hidden, without size, outside the picture or white."""
    if only_xml:
        return b"", b""
    inputs = {"logo": logo_svg(base64.b64decode(values["logo"]))}
    pdf = typeset(inputs, NOON, main=PAGE)
    with Image.open(io.BytesIO(draw(inputs, main=PAGE))) as seen:
        darkest, lightest = seen.convert("L").getextrema()
    if darkest == lightest:
        raise InvalidLogo("empty")
    return b"", pdf
