"""The files of an invoice: the XML of EN 16931, and the PDF that carries it."""

from __future__ import annotations

from typing import Any

from kundenkontor.einvoicing.cii import write_cii
from kundenkontor.einvoicing.validation import xsd_errors
from kundenkontor.printing import codec
from kundenkontor.printing.errors import InvalidXml
from kundenkontor.printing.invoice.compile import render_pdf
from kundenkontor.printing.invoice.frozen import FrozenDocument


def make(values: Any) -> tuple[bytes, bytes]:
    """XML, checked against its schema, and PDF/A-3. Raise RenderingError or ValueError."""
    document = codec.build(FrozenDocument, values)
    xml = write_cii(document.invoice)
    if errors := xsd_errors(xml):
        raise InvalidXml("; ".join(errors[:3]))
    return xml, render_pdf(document, xml)
