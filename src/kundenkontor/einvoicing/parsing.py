"""The only door through which foreign XML enters."""

from __future__ import annotations

from lxml import etree

from kundenkontor.einvoicing.errors import XmlHasDoctype, XmlMalformed, XmlTooDeep, XmlTooLarge

MAX_BYTES = 10 * 1024 * 1024
MAX_ELEMENTS = 250_000  # a collective invoice of 9,000 lines; bounds the memory of the tree
MAX_DEPTH = 100

_deeper_than_allowed = etree.XPath("boolean(" + "/*" * (MAX_DEPTH + 1) + ")")


def parse_xml(xml: bytes) -> etree._Element:
    """Parse foreign bytes: no DOCTYPE, no entities, no network, bounded size and depth.

    Comments and processing instructions are dropped, so that no text is split by them.
    Raises XmlTooLarge, XmlHasDoctype, XmlTooDeep or XmlMalformed (all XmlRefused).
    """
    _refuse_before_parsing(xml)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        if "depth" in str(error).lower():
            raise XmlTooDeep(limit=MAX_DEPTH) from error
        raise XmlMalformed(reason=str(error)[:200]) from error
    except ValueError as error:
        raise XmlMalformed(reason=str(error)[:200]) from error
    # Encodings that hide "<!DOCTYPE" from a search of the bytes (EBCDIC, UTF-7) end here.
    if root.getroottree().docinfo.internalDTD is not None:
        raise XmlHasDoctype
    if _deeper_than_allowed(root):
        raise XmlTooDeep(limit=MAX_DEPTH)
    return root


def _refuse_before_parsing(xml: bytes) -> None:
    """Refuse what must not even reach the parser. Without NUL bytes UTF-16 and UTF-32 read like ASCII."""
    if len(xml) > MAX_BYTES:
        raise XmlTooLarge(limit=MAX_BYTES)
    plain = xml.replace(b"\x00", b"")
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise XmlHasDoctype
    if plain.count(b"<") - plain.count(b"</") > MAX_ELEMENTS:
        raise XmlTooLarge(limit=MAX_ELEMENTS)
