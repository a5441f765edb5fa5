"""Factur-X (ZUGFeRD): what ties the CII to its PDF/A-3, and how it is found in anybody's PDF.

The renderer writes the PDF with the attachment; ``embed_metadata`` adds the XMP that says so. XMP
is edited as XML in place: pikepdf's own metadata editor would sign itself as producer.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import Final

import pikepdf
from lxml import etree

from kundenkontor.einvoicing.errors import NoInvoiceInPdf, PdfRefused, XmlRefused
from kundenkontor.einvoicing.parsing import MAX_BYTES, parse_xml

ATTACHMENT_NAME: Final = "factur-x.xml"
ATTACHMENT_MIME_TYPE: Final = "text/xml"
RELATIONSHIP: Final = "alternative"  # PDF and XML say the same: right for Germany and Austria
VERSION: Final = "1.0"
CONFORMANCE_LEVEL: Final = "EN 16931"

_KNOWN_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "order-x.xml", "cii.xml", "invoice.xml")
_ROOTS = frozenset({"CrossIndustryInvoice", "CrossIndustryDocument", "Invoice", "CreditNote"})
_MAX_OTHER_FILTERS = 100_000  # bytes; LZW packs about one to a thousand
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_EXTENSION = "http://www.aiim.org/pdfa/ns/extension/"
_SCHEMA = "http://www.aiim.org/pdfa/ns/schema#"
_PROPERTY = "http://www.aiim.org/pdfa/ns/property#"
_PDFA = "http://www.aiim.org/pdfa/ns/id/"
FX_NAMESPACE: Final = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PROPERTIES = {
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
    with _opened(pdf) as document:
        if not any(name == ATTACHMENT_NAME for name, _ in _attachments(document)):
            raise NoInvoiceInPdf
        stream = document.Root.Metadata
        stream.write(_with_factur_x(stream.read_bytes()))
        target = io.BytesIO()
        packed = pikepdf.ObjectStreamMode.generate  # halves a tagged PDF, whose many small objects compress well
        document.save(target, deterministic_id=True, fix_metadata_version=False, object_stream_mode=packed)
    return target.getvalue()


def _with_factur_x(xmp: bytes) -> bytes:
    root = _parse_xmp(xmp)
    rdf = root if root.tag == f"{{{_RDF}}}RDF" else root.find(f"{{{_RDF}}}RDF")
    if rdf is None:
        raise PdfRefused
    bag = rdf.find(f".//{{{_EXTENSION}}}schemas/{{{_RDF}}}Bag")
    if bag is None:
        holder = etree.SubElement(
            rdf, f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": ""}, {"pdfaExtension": _EXTENSION}
        )
        bag = etree.SubElement(etree.SubElement(holder, f"{{{_EXTENSION}}}schemas"), f"{{{_RDF}}}Bag")
    bag.append(_extension_schema())
    values = etree.SubElement(rdf, f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": ""}, {"fx": FX_NAMESPACE})
    for name, (_, value) in _PROPERTIES.items():
        etree.SubElement(values, f"{{{FX_NAMESPACE}}}{name}").text = value
    return _PACKET_HEAD + etree.tostring(root, encoding="utf-8") + _PACKET_TAIL


def _extension_schema() -> etree._Element:
    """PDF/A wants each property of a namespace that it does not know described (ISO 19005-3, 6.6.2.3)."""
    item = _resource({"pdfaSchema": _SCHEMA})
    for tag, text in (("schema", "Factur-X PDFA Extension Schema"), ("namespaceURI", FX_NAMESPACE), ("prefix", "fx")):
        etree.SubElement(item, f"{{{_SCHEMA}}}{tag}").text = text
    sequence = etree.SubElement(etree.SubElement(item, f"{{{_SCHEMA}}}property"), f"{{{_RDF}}}Seq")
    for name, (description, _) in _PROPERTIES.items():
        entry = _resource({"pdfaProperty": _PROPERTY})
        for tag, text in (
            ("name", name),
            ("valueType", "Text"),
            ("category", "external"),
            ("description", description),
        ):
            etree.SubElement(entry, f"{{{_PROPERTY}}}{tag}").text = text
        sequence.append(entry)
    return item


def _resource(namespaces: dict[str, str]) -> etree._Element:
    return etree.Element(f"{{{_RDF}}}li", {f"{{{_RDF}}}parseType": "Resource"}, {"rdf": _RDF, **namespaces})


def extract_xml(pdf: bytes) -> bytes:
    """Return the embedded invoice, by the known names first, then by any XML with an invoice's root element.

    Whether the file is PDF/A does not matter. Raises PdfRefused or NoInvoiceInPdf.
    """
    with _opened(pdf) as document:
        try:
            for _, stream in sorted(_attachments(document), key=_rank):
                content = _bounded_content(stream)
                if _is_invoice(content):
                    return content
        except Exception as error:  # foreign PDFs break libraries in ways that these do not name
            raise PdfRefused from error
    raise NoInvoiceInPdf


def _bounded_content(stream: pikepdf.Stream) -> bytes:
    """Unpack an attachment, never to more than an invoice may have: a small stream can hold a gigabyte."""
    filters = stream.get("/Filter", pikepdf.Array())
    names = [str(row) for row in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    content = stream.read_raw_bytes()
    for name in names:
        if name not in ("/FlateDecode", "/Fl"):
            return stream.read_bytes() if len(content) <= _MAX_OTHER_FILTERS and len(names) == 1 else b""
        content = zlib.decompressobj().decompress(content, MAX_BYTES + 1)
    return content


def _rank(attachment: tuple[str, pikepdf.Stream]) -> tuple[int, str]:
    name = attachment[0].lower()
    return (_KNOWN_NAMES.index(name) if name in _KNOWN_NAMES else len(_KNOWN_NAMES), name)


def _is_invoice(content: bytes) -> bool:
    try:
        root = parse_xml(content)
    except XmlRefused:
        return False
    return etree.QName(root).localname in _ROOTS


def xmp_errors(pdf: bytes) -> list[str]:
    """Check what PDF/A validators leave to Factur-X: the XMP, the attachment and how the catalog names it."""
    with _opened(pdf) as document:
        if "/Metadata" not in document.Root:
            return ["the catalog has no XMP"]
        root = _parse_xmp(document.Root.Metadata.read_bytes())
        return [*_metadata_errors(root), *_attachment_errors(document)]


def _metadata_errors(root: etree._Element) -> Iterator[str]:
    if _value(root, f"{{{_PDFA}}}part") != "3":
        yield "pdfaid:part is not 3"
    bags = root.findall(f".//{{{_EXTENSION}}}schemas/{{{_RDF}}}Bag")
    if len(bags) != 1:
        yield f"{len(bags)} pdfaExtension bags instead of one"
    schemas = [item for bag in bags for item in bag if _value(item, f"{{{_SCHEMA}}}namespaceURI") == FX_NAMESPACE]
    if len(schemas) != 1:
        yield f"{len(schemas)} Factur-X extension schemas instead of one"
    declared = {name.text for schema in schemas for name in schema.iter(f"{{{_PROPERTY}}}name")}
    if schemas and declared != set(_PROPERTIES):
        yield f"the extension schema declares {sorted(map(str, declared))}"
    for name, (_, expected) in _PROPERTIES.items():
        values = [node.text for node in root.iter(f"{{{FX_NAMESPACE}}}{name}")]
        if values != [expected]:
            yield f"fx:{name} is {values}, not {expected!r} once"


def _attachment_errors(document: pikepdf.Pdf) -> Iterator[str]:
    specifications = [row for row in _specifications(document) if str(row.get("/UF", "")) == ATTACHMENT_NAME]
    if len(specifications) != 1:
        yield f"{len(specifications)} attachments named {ATTACHMENT_NAME} instead of one"
        return
    specification = specifications[0]
    if str(specification.get("/F", "")) != ATTACHMENT_NAME:
        yield "/F of the attachment is not its name"
    if specification.get("/AFRelationship") != pikepdf.Name.Alternative:
        yield "/AFRelationship is not Alternative"
    stream = specification.EF.F
    if stream.get("/Subtype") != pikepdf.Name("/text/xml"):
        yield "the attachment's type is not text/xml"
    if "/ModDate" not in stream.get("/Params", pikepdf.Dictionary()):
        yield "the attachment has no modification date"
    associated = document.Root.get("/AF", pikepdf.Array())
    if not any(row.objgen == specification.objgen for row in associated):
        yield "the catalog's /AF does not name the attachment"


def _value(node: etree._Element, name: str) -> str:
    """The text of a property, written as an element or as an attribute."""
    element = next(node.iter(name), None)
    if element is not None:
        return (element.text or "").strip()
    return next((str(holder.get(name)) for holder in node.iter() if holder.get(name) is not None), "")


def _parse_xmp(xmp: bytes) -> etree._Element:
    try:
        return parse_xml(xmp.strip(b"\x00 \r\n\t"))
    except XmlRefused as error:
        raise PdfRefused from error


def _opened(pdf: bytes) -> pikepdf.Pdf:
    """Open the bytes; always used with ``with``, for a document left to the collector can crash the process."""
    try:
        return pikepdf.open(io.BytesIO(pdf))
    except Exception as error:  # PdfError, but broken files also raise what the library does not name
        raise PdfRefused from error


def _attachments(document: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Stream]]:
    for specification in _specifications(document):
        name = str(specification.get("/UF", specification.get("/F", "")))
        files = specification.get("/EF", pikepdf.Dictionary())
        stream = files.get("/UF", files.get("/F"))
        if isinstance(stream, pikepdf.Stream):
            yield name, stream


def _specifications(document: pikepdf.Pdf) -> list[pikepdf.Object]:
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
