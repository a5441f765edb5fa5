"""Factur-X (ZUGFeRD): what ties the CII to its PDF/A-3.

The renderer writes the PDF with the attachment; ``embed_metadata`` adds the XMP that says so. XMP
is edited as XML in place: pikepdf's own metadata editor would sign itself as producer.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

import pikepdf
from lxml import etree

from kundenkontor.einvoicing.errors import NoInvoiceInPdf, PdfRefused, XmlRefused
from kundenkontor.einvoicing.parsing import parse_xml

ATTACHMENT_NAME: Final = "factur-x.xml"
ATTACHMENT_MIME_TYPE: Final = "text/xml"
RELATIONSHIP: Final = "alternative"  # PDF and XML say the same: right for Germany and Austria
VERSION: Final = "1.0"
CONFORMANCE_LEVEL: Final = "EN 16931"

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
EXTENSION = "http://www.aiim.org/pdfa/ns/extension/"
SCHEMA = "http://www.aiim.org/pdfa/ns/schema#"
PROPERTY = "http://www.aiim.org/pdfa/ns/property#"
FX_NAMESPACE: Final = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
PROPERTIES = {
    "DocumentFileName": ("The name of the embedded XML document", ATTACHMENT_NAME),
    "DocumentType": ("The type of the hybrid document in capital letters", "INVOICE"),
    "Version": ("The actual version of the standard applying to the embedded XML document", VERSION),
    "ConformanceLevel": ("The conformance level of the embedded XML document", CONFORMANCE_LEVEL),
}
_PACKET_HEAD = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'.encode()
_PACKET_TAIL = b'<?xpacket end="r"?>'


def embed_metadata(pdf: bytes) -> bytes:
    """Say in the XMP of a PDF/A-3 that its attachment ``factur-x.xml`` is a Factur-X invoice.

    Adds the four properties and their extension schema to the one bag that PDF/A allows, and
    leaves everything else as it is. The same bytes in give the same bytes out.
    Raises PdfRefused for bytes that are no PDF, NoInvoiceInPdf where the attachment is missing.
    """
    with opened(pdf) as document:
        if not any(name == ATTACHMENT_NAME for name, _ in attachments_of(document)):
            raise NoInvoiceInPdf
        stream = document.Root.Metadata
        stream.write(_with_factur_x(stream.read_bytes()))
        target = io.BytesIO()
        packed = pikepdf.ObjectStreamMode.generate  # halves a tagged PDF, whose many small objects compress well
        document.save(target, deterministic_id=True, fix_metadata_version=False, object_stream_mode=packed)
    return target.getvalue()


def _with_factur_x(xmp: bytes) -> bytes:
    root = read_xmp(xmp)
    rdf = root if root.tag == f"{{{RDF}}}RDF" else root.find(f"{{{RDF}}}RDF")
    if rdf is None:
        raise PdfRefused
    bag = rdf.find(f".//{{{EXTENSION}}}schemas/{{{RDF}}}Bag")
    if bag is None:
        holder = etree.SubElement(rdf, f"{{{RDF}}}Description", {f"{{{RDF}}}about": ""}, {"pdfaExtension": EXTENSION})
        bag = etree.SubElement(etree.SubElement(holder, f"{{{EXTENSION}}}schemas"), f"{{{RDF}}}Bag")
    bag.append(_extension_schema())
    values = etree.SubElement(rdf, f"{{{RDF}}}Description", {f"{{{RDF}}}about": ""}, {"fx": FX_NAMESPACE})
    for name, (_, value) in PROPERTIES.items():
        etree.SubElement(values, f"{{{FX_NAMESPACE}}}{name}").text = value
    return _PACKET_HEAD + etree.tostring(root, encoding="utf-8") + _PACKET_TAIL


def _extension_schema() -> etree._Element:
    """PDF/A wants each property of a namespace that it does not know described (ISO 19005-3, 6.6.2.3)."""
    item = _resource({"pdfaSchema": SCHEMA})
    for tag, text in (("schema", "Factur-X PDFA Extension Schema"), ("namespaceURI", FX_NAMESPACE), ("prefix", "fx")):
        etree.SubElement(item, f"{{{SCHEMA}}}{tag}").text = text
    sequence = etree.SubElement(etree.SubElement(item, f"{{{SCHEMA}}}property"), f"{{{RDF}}}Seq")
    for name, (description, _) in PROPERTIES.items():
        entry = _resource({"pdfaProperty": PROPERTY})
        for tag, text in (
            ("name", name),
            ("valueType", "Text"),
            ("category", "external"),
            ("description", description),
        ):
            etree.SubElement(entry, f"{{{PROPERTY}}}{tag}").text = text
        sequence.append(entry)
    return item


def _resource(namespaces: dict[str, str]) -> etree._Element:
    return etree.Element(f"{{{RDF}}}li", {f"{{{RDF}}}parseType": "Resource"}, {"rdf": RDF, **namespaces})


def read_xmp(xmp: bytes) -> etree._Element:
    try:
        return parse_xml(xmp.strip(b"\x00 \r\n\t"))
    except XmlRefused as error:
        raise PdfRefused from error


def opened(pdf: bytes) -> pikepdf.Pdf:
    """Open the bytes; always used with ``with``, for a document left to the collector can crash the process."""
    try:
        return pikepdf.open(io.BytesIO(pdf))
    except Exception as error:  # PdfError, but broken files also raise what the library does not name
        raise PdfRefused from error


def attachments_of(document: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Stream]]:
    for specification in specifications_of(document):
        name = str(specification.get("/UF", specification.get("/F", "")))
        files = specification.get("/EF", pikepdf.Dictionary())
        stream = files.get("/UF", files.get("/F"))
        if isinstance(stream, pikepdf.Stream):
            yield name, stream


def specifications_of(document: pikepdf.Pdf) -> list[pikepdf.Object]:
    """The file specifications of the name tree, then those that only /AF lists; a broken tree gives what it holds."""
    try:
        names = document.Root.get("/Names", pikepdf.Dictionary())
        tree = names.get("/EmbeddedFiles")
        found = [] if tree is None else list(pikepdf.NameTree(tree).values())
        found += [row for row in document.Root.get("/AF", pikepdf.Array()) if row.objgen not in _numbers(found)]
    except (pikepdf.PdfError, TypeError, ValueError, AttributeError) as error:
        raise PdfRefused from error
    return [row for row in found if isinstance(row, pikepdf.Dictionary)]


def _numbers(objects: list[pikepdf.Object]) -> set[tuple[int, int]]:
    return {row.objgen for row in objects}
