"""The hybrid: what typst writes, what we add, and what a stranger finds in it."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pikepdf.pdfa
import pytest
import typst
from pikepdf import Array, Dictionary, Name, String

from kundenkontor.einvoicing.errors import NoInvoiceInPdf, PdfRefused
from kundenkontor.einvoicing.facturx import (
    ATTACHMENT_MIME_TYPE,
    ATTACHMENT_NAME,
    RELATIONSHIP,
    embed_metadata,
)
from tests.einvoicing.builders import cii_of
from tests.einvoicing.hybrids import extract_xml, xmp_errors

_SOURCE = f"""
#set document(title: "Rechnung", author: "Beispiel", date: datetime(year: 2026, month: 11, day: 23))
#set text(lang: "de")
#pdf.attach(
  "{ATTACHMENT_NAME}", bytes(sys.inputs.xml), relationship: "{RELATIONSHIP}",
  mime-type: "{ATTACHMENT_MIME_TYPE}", description: "Rechnung als XML",
)
= Rechnung
"""


@pytest.fixture(scope="module")
def typeset() -> bytes:
    """A PDF/A-3a + UA-1 as the renderer makes it, before its metadata."""
    xml = cii_of("at-domestic").decode()
    return typst.compile(_SOURCE.encode(), sys_inputs={"xml": xml}, pdf_standards=["a-3a", "ua-1"])


@pytest.fixture(scope="module")
def hybrid(typeset: bytes) -> bytes:
    return embed_metadata(typeset)


def changed(pdf: bytes, change: Callable[[pikepdf.Pdf], object]) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        change(document)
        target = io.BytesIO()
        document.save(target, fix_metadata_version=False)
        return target.getvalue()


@pytest.mark.invariant("I-D2")
def test_the_hybrid_holds_the_xml_unchanged(hybrid: bytes) -> None:
    assert extract_xml(hybrid) == cii_of("at-domestic")


def test_the_metadata_of_the_hybrid_is_complete(typeset: bytes, hybrid: bytes) -> None:
    assert xmp_errors(hybrid) == []
    assert xmp_errors(typeset) != []


@pytest.mark.invariant("I-D1")
def test_the_same_pdf_gives_the_same_bytes(typeset: bytes, hybrid: bytes) -> None:
    assert embed_metadata(typeset) == hybrid


def test_what_typst_said_stays_in_the_metadata(typeset: bytes, hybrid: bytes) -> None:
    with pikepdf.open(io.BytesIO(hybrid)) as document:
        xmp = document.Root.Metadata.read_bytes().decode()
        assert "/Filter" not in document.Root.Metadata

    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert xmp.count("<pdfaExtension:schemas") == 1
    assert "Typst" in xmp
    assert "pikepdf" not in xmp


def test_our_metadata_adds_no_finding_but_its_own_namespace(typeset: bytes, hybrid: bytes) -> None:
    """pikepdf's PDF/A check knows no extension schemas: what it says of ``fx`` is no error, all else would be."""
    new = pdfa_findings(hybrid) - pdfa_findings(typeset)

    assert {finding for finding in new if "fx" not in finding} == set()


def pdfa_findings(pdf: bytes) -> set[str]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        findings = pikepdf.pdfa.check(document, "3b").findings
        return {re.sub(r"\d+ \d+ R", "ref", f"{finding.rule} {finding.message}") for finding in findings}


def test_metadata_needs_the_attachment() -> None:
    empty = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(empty)

    with pytest.raises(NoInvoiceInPdf):
        embed_metadata(empty.getvalue())
    with pytest.raises(NoInvoiceInPdf):
        extract_xml(empty.getvalue())


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda pdf: pdf.Root.__delitem__("/AF"), "/AF"),
        (lambda pdf: setattr(pdf.Root.AF[0], "AFRelationship", Name.Data), "/AFRelationship"),
        (lambda pdf: setattr(pdf.Root.AF[0].EF.F, "Subtype", Name("/application/pdf")), "text/xml"),
        (lambda pdf: setattr(pdf.Root.AF[0], "F", String("other.xml")), "/F"),
        (lambda pdf: setattr(pdf.Root.AF[0], "UF", String("other.xml")), "0 attachments"),
        (lambda pdf: pdf.Root.AF[0].EF.F.__delitem__("/Params"), "modification date"),
        (lambda pdf: pdf.Root.__delitem__("/Metadata"), "no XMP"),
    ],
)
def test_each_missing_piece_is_named(hybrid: bytes, change: Callable[[pikepdf.Pdf], object], error: str) -> None:
    assert any(error in found for found in xmp_errors(changed(hybrid, change)))


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        (b"<fx:Version>1.0<", b"<fx:Version>2.0<", "fx:Version"),
        (b"<fx:DocumentType>INVOICE<", b"<fx:DocumentType>ORDER<", "fx:DocumentType"),
        (b"<pdfaid:part>3<", b"<pdfaid:part>2<", "pdfaid:part"),
        (b">ConformanceLevel<", b">Conformance<", "declares"),
    ],
)
def test_wrong_metadata_is_named(hybrid: bytes, before: bytes, after: bytes, error: str) -> None:
    def edit(document: pikepdf.Pdf) -> None:
        stream = document.Root.Metadata
        stream.write(stream.read_bytes().replace(before, after))

    assert any(error in found for found in xmp_errors(changed(hybrid, edit)))


def test_a_second_metadata_run_is_seen_as_an_error(hybrid: bytes) -> None:
    assert "2 Factur-X extension schemas instead of one" in xmp_errors(embed_metadata(hybrid))


@pytest.mark.security("V1.5.1")
def test_entities_in_the_xmp_are_refused(hybrid: bytes) -> None:
    def poison(document: pikepdf.Pdf) -> None:
        document.Root.Metadata.write(b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>')

    with pytest.raises(PdfRefused):
        xmp_errors(changed(hybrid, poison))
    assert extract_xml(changed(hybrid, poison)) == cii_of("at-domestic")


def attach(document: pikepdf.Pdf, name: str, content: bytes, **stream: Any) -> None:
    file = document.make_stream(content, Dictionary(Type=Name.EmbeddedFile, **stream))
    row = Dictionary(Type=Name.Filespec, F=String(name), UF=String(name), EF=Dictionary(F=file))
    names = Array([String(name), document.make_indirect(row)])
    document.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=names))
    document.Root.AF = Array([])


@pytest.mark.parametrize("name", ["ZUGFeRD-invoice.xml", "xrechnung.xml", "Beilage 7.XML"])
def test_any_name_is_found_by_its_root_element(hybrid: bytes, name: str) -> None:
    renamed = changed(hybrid, lambda pdf: attach(pdf, name, cii_of("oss-consumer")))

    assert extract_xml(renamed) == cii_of("oss-consumer")


def test_an_attachment_that_is_no_invoice_is_passed_over(hybrid: bytes) -> None:
    with pytest.raises(NoInvoiceInPdf):
        extract_xml(changed(hybrid, lambda pdf: attach(pdf, "factur-x.xml", b"<Order/>")))


def test_a_bomb_is_not_unpacked(hybrid: bytes) -> None:
    bomb = zlib.compress(b"<a>" + b" " * 300_000_000 + b"</a>", 9)

    with pytest.raises(NoInvoiceInPdf):
        extract_xml(changed(hybrid, lambda pdf: attach(pdf, "factur-x.xml", bomb, Filter=Name.FlateDecode)))
