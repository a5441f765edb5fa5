"""Which pictures may stand in a letterhead."""

from __future__ import annotations

import base64
import io

from lxml import etree
from PIL import Image

from kundenkontor.printing.errors import InvalidLogo

LARGEST_BYTES = 500_000
LARGEST_PIXELS = 4_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = "{http://www.w3.org/2000/svg}"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
_DRAWING = frozenset(
    (
        *("svg", "g", "defs", "title", "desc", "metadata", "symbol", "use", "style", "clipPath", "mask"),
        *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
        *("linearGradient", "radialGradient", "stop"),
    )
)


def validate_logo(data: bytes) -> None:
    """Raise InvalidLogo unless it is a PNG or an SVG of shapes only.

    No text (it would need fonts we do not have), no pictures, scripts or references
    out of the file: the renderer must never read or fetch anything.
    """
    if len(data) > LARGEST_BYTES:
        raise InvalidLogo("too_large")
    if data.startswith(_PNG):
        _validate_png(data)
    else:
        _validate_svg(data)


def logo_svg(data: bytes) -> str:
    """The logo as SVG text, the only form that reaches the template without a file."""
    if not data.startswith(_PNG):
        return data.decode("utf-8")
    with Image.open(io.BytesIO(data)) as image:
        width, height = image.size
    encoded = base64.b64encode(data).decode("ascii")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{encoded}"/></svg>'
    )


def _validate_png(data: bytes) -> None:
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.width * image.height > LARGEST_PIXELS:
                raise InvalidLogo("too_many_pixels")
            image.verify()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidLogo("unreadable") from error


def _validate_svg(data: bytes) -> None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        data.decode("utf-8")
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidLogo("unreadable") from error
    if b"<!DOCTYPE" in data or root.tag != f"{_SVG}svg":
        raise InvalidLogo("not_an_svg")
    for element in root.iter():
        _validate_element(element)


def _validate_element(element: etree._Element) -> None:
    if isinstance(element, etree._Comment):
        return
    if isinstance(element, (etree._ProcessingInstruction, etree._Entity)):
        raise InvalidLogo("processing_instruction")
    name = etree.QName(element)
    if name.namespace == _SVG[1:-1] and name.localname not in _DRAWING:
        raise InvalidLogo(f"element_{name.localname}")
    for key, value in element.attrib.items():
        if str(key).lower().startswith("on"):
            raise InvalidLogo("script")
        if key in ("href", _XLINK_HREF) and not str(value).startswith("#"):
            raise InvalidLogo("reference")
    if "url(" in _styles(element).replace("url(#", "") or "@import" in _styles(element):
        raise InvalidLogo("reference")


def _styles(element: etree._Element) -> str:
    values = (str(value) for value in element.attrib.values())
    return " ".join([*values, element.text or ""]).lower().replace(" ", "").replace('url("#', "url(#")
