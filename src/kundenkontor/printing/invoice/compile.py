"""One frozen document to the bytes of its PDF/A-3."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path

import typst

from kundenkontor.einvoicing.facturx import embed_metadata
from kundenkontor.printing.errors import RenderingError, UnknownTemplate
from kundenkontor.printing.fonts import shared_fonts
from kundenkontor.printing.invoice import epc
from kundenkontor.printing.invoice.frozen import TEMPLATE_VERSION, FrozenDocument
from kundenkontor.printing.invoice.sheet import lay_out, lay_out_lines
from kundenkontor.printing.logo import logo_svg

_TEMPLATE = Path(__file__).parent / "template"
_STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]


def render_pdf(document: FrozenDocument, xml: bytes) -> bytes:
    """PDF/A-3a and PDF/UA-1 with ``xml`` as factur-x.xml, where there is one; the same input gives the same bytes.

    Never call it before a fork: typst's threads do not survive one. Raise
    UnknownTemplate or RenderingError.
    """
    pdf = typeset(template_inputs(document, xml), timestamp_of(document))
    return embed_metadata(pdf) if xml else pdf


def template_inputs(document: FrozenDocument, xml: bytes) -> dict[str, str]:
    """All that the template sees, as strings it places but never evaluates."""
    if document.template_version != TEMPLATE_VERSION:
        raise UnknownTemplate(document.template_version)
    payload = epc.payload_of(document)
    return {
        "sheet": json.dumps(lay_out(document), ensure_ascii=False),
        "lines": json.dumps(lay_out_lines(document), ensure_ascii=False),
        "xml": xml.decode("utf-8"),
        "logo": logo_svg(document.letterhead.logo) if document.letterhead.logo else "",
        "qr": epc.draw_qr(payload) if payload else "",
    }


def timestamp_of(document: FrozenDocument) -> datetime:
    """Noon of the issue date: a document rendered again must not show when."""
    return datetime.combine(document.invoice.issue_date, time(12), UTC)


def typeset(inputs: dict[str, str], timestamp: datetime, *, main: str = "invoice.typ") -> bytes:
    """The bare typst compile of one of the template's pages."""
    try:
        pdf = _compiler(main).compile(format="pdf", sys_inputs=inputs, pdf_standards=_STANDARDS, timestamp=timestamp)
    except typst.TypstError as error:
        raise RenderingError(" ".join((error.message, *error.hints))) from error
    assert isinstance(pdf, bytes)
    return pdf


def draw(inputs: dict[str, str], *, main: str) -> bytes:
    """The one page of a template as a PNG on white, a pixel per point: what can be seen of it. Raise RenderingError."""
    try:
        png = _compiler(main).compile(format="png", sys_inputs=inputs, ppi=72)
    except typst.TypstError as error:
        raise RenderingError(" ".join((error.message, *error.hints))) from error
    assert isinstance(png, bytes)
    return png


@lru_cache(maxsize=2)
def _compiler(main: str) -> typst.Compiler:
    """One per process and page: it keeps the parsed template. Not for use by several threads."""
    return typst.Compiler(_TEMPLATE / main, root=_TEMPLATE, font_paths=shared_fonts(), ignore_system_fonts=True)
