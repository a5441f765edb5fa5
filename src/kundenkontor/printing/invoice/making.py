"""The files of an invoice: the XML of EN 16931, and the PDF that carries it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kundenkontor.einvoicing.cii import write_cii
from kundenkontor.einvoicing.validation import xsd_errors
from kundenkontor.printing import codec
from kundenkontor.printing.errors import InvalidXml, RenderingError
from kundenkontor.printing.invoice.compile import render_pdf
from kundenkontor.printing.invoice.frozen import FrozenDocument


def make(values: Any, *, only_xml: bool = False) -> tuple[bytes, bytes]:
    """XML, checked against its schema, and PDF/A-3. Raise RenderingError or ValueError.

    ``only_xml``: without typesetting; then there is no PDF. A draft has no XML.
    """
    document = codec.build(FrozenDocument, values)
    if document.is_draft:
        return b"", _typeset(document, b"")
    xml = write_cii(document.invoice)
    if errors := xsd_errors(xml):
        raise InvalidXml("; ".join(errors[:3]))
    return xml, b"" if only_xml else _typeset(document, xml)


def _typeset(document: FrozenDocument, xml: bytes) -> bytes:
    """A picture is no reason for an issued document to stay without its PDF: then it is set without the picture."""
    try:
        return render_pdf(document, xml)
    except RenderingError:
        if not document.letterhead.logo:
            raise
        return render_pdf(replace(document, letterhead=replace(document.letterhead, logo=b"")), xml)
