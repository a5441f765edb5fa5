"""The logo of a seller on an empty page, by the same template as on documents. It is set when a picture comes in."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

from kundenkontor.printing.invoice.compile import typeset
from kundenkontor.printing.logo import logo_svg

NOON = datetime(2000, 1, 1, 12, tzinfo=UTC)


def make(values: Any, *, only_xml: bool = False) -> tuple[bytes, bytes]:
    """A page with nothing else on it; such a paper has no XML. Raise RenderingError where it cannot be set."""
    logo = logo_svg(base64.b64decode(values["logo"]))
    return b"", b"" if only_xml else typeset({"logo": logo}, NOON, main="sample.typ")
