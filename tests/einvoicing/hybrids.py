"""What a stranger finds in a hybrid: its XML, and whether its metadata say so. Written for any PDF, not only ours."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import pikepdf
from lxml import etree

from kundenkontor.einvoicing.errors import NoInvoiceInPdf, PdfRefused, XmlRefused
from kundenkontor.einvoicing.facturx import (
    ATTACHMENT_NAME,
    EXTENSION,
    FX_NAMESPACE,
    PROPERTIES,
    PROPERTY,
    RDF,
    SCHEMA,
    attachments_of,
    opened,
    read_xmp,
    specifications_of,
)
from kundenkontor.einvoicing.parsing import MAX_BYTES, parse_xml

_KNOWN_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "order-x.xml", "cii.xml", "invoice.xml")
_ROOTS = frozenset({"CrossIndustryInvoice", "CrossIndustryDocument", "Invoice", "CreditNote"})
_MAX_OTHER_FILTERS = 100_000  # bytes; LZW packs about one to a thousand
_PDFA = "http://www.aiim.org/pdfa/ns/id/"


def extract_xml(pdf: bytes) -> bytes:
    """Return the embedded invoice, by the known names first, then by any XML with an invoice's root element.

    Whether the file is PDF/A does not matter. Raises PdfRefused or NoInvoiceInPdf.
    """
    with opened(pdf) as document:
        try:
            for _, stream in sorted(attachments_of(document), key=_rank):
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
    with opened(pdf) as document:
        if "/Metadata" not in document.Root:
            return ["the catalog has no XMP"]
        root = read_xmp(document.Root.Metadata.read_bytes())
        return [*_metadata_errors(root), *_attachment_errors(document)]


def _metadata_errors(root: etree._Element) -> Iterator[str]:
    if _value(root, f"{{{_PDFA}}}part") != "3":
        yield "pdfaid:part is not 3"
    bags = root.findall(f".//{{{EXTENSION}}}schemas/{{{RDF}}}Bag")
    if len(bags) != 1:
        yield f"{len(bags)} pdfaExtension bags instead of one"
    schemas = [item for bag in bags for item in bag if _value(item, f"{{{SCHEMA}}}namespaceURI") == FX_NAMESPACE]
    if len(schemas) != 1:
        yield f"{len(schemas)} Factur-X extension schemas instead of one"
    declared = {name.text for schema in schemas for name in schema.iter(f"{{{PROPERTY}}}name")}
    if schemas and declared != set(PROPERTIES):
        yield f"the extension schema declares {sorted(map(str, declared))}"
    for name, (_, expected) in PROPERTIES.items():
        values = [node.text for node in root.iter(f"{{{FX_NAMESPACE}}}{name}")]
        if values != [expected]:
            yield f"fx:{name} is {values}, not {expected!r} once"


def _attachment_errors(document: pikepdf.Pdf) -> Iterator[str]:
    specifications = [row for row in specifications_of(document) if str(row.get("/UF", "")) == ATTACHMENT_NAME]
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
