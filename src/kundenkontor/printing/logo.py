"""Which pictures may stand in a letterhead, and how they are kept."""

from __future__ import annotations

import base64
import io
import json

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
_SHAPES = frozenset(("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "use"))
_DEFINITIONS = frozenset(("defs", "symbol", "clipPath", "mask"))


def prepare_logo(data: bytes) -> bytes:
    """The picture as it is stored: a PNG encoded anew, or an SVG of shapes only. Raise InvalidLogo for anything else.

    No text (it would need fonts we do not have), no pictures, scripts or references
    out of the file: the renderer must never read or fetch anything.
    """
    if len(data) > LARGEST_BYTES:
        raise InvalidLogo("too_large")
    return _prepare_png(data) if data.startswith(_PNG) else _prepare_svg(data)


def sample_of(logo: bytes) -> str:
    """The frozen paper that ``letterhead.making`` sets: a page with nothing but this picture."""
    return json.dumps({"template": "letterhead", "logo": base64.b64encode(logo).decode("ascii")})


def logo_svg(data: bytes) -> str:
    """The logo as SVG text, the only form that reaches the template without a file. Raise InvalidLogo."""
    try:
        if not data.startswith(_PNG):
            return data.decode("utf-8")
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
    except (OSError, SyntaxError, ValueError) as error:
        raise InvalidLogo("unreadable") from error
    encoded = base64.b64encode(data).decode("ascii")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{encoded}"/></svg>'
    )


def _prepare_png(data: bytes) -> bytes:
    """Decoded to its last pixel, so that a cut file is found, and written without what else was in it."""
    target = io.BytesIO()
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.width * image.height > LARGEST_PIXELS:
                raise InvalidLogo("too_many_pixels")
            image.convert("RGBA").save(target, "PNG", optimize=True)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidLogo("unreadable") from error
    return target.getvalue()


def _prepare_svg(data: bytes) -> bytes:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        data.decode("utf-8")
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidLogo("unreadable") from error
    if b"<!DOCTYPE" in data or root.tag != f"{_SVG}svg":
        raise InvalidLogo("not_an_svg")
    _drop_foreign(root)
    for element in root.iter():
        _validate_element(element)
    _refuse_nested_uses(root)
    if not any(_is_drawn(element) for element in root.iter()):
        raise InvalidLogo("empty")
    drawn: bytes = etree.tostring(root)
    return drawn


def _drop_foreign(root: etree._Element) -> None:
    """What programs leave in a file for themselves draws nothing: their elements and attributes, and comments."""
    for element in list(root.iter()):
        if isinstance(element, (etree._ProcessingInstruction, etree._Entity)):
            continue
        if isinstance(element, etree._Comment) or etree.QName(element).namespace != _SVG[1:-1]:
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
            continue
        for key in [key for key in element.attrib if str(key).startswith("{") and key != _XLINK_HREF]:
            del element.attrib[key]


def _is_drawn(element: etree._Element) -> bool:
    """A shape, or a use of one, that is not only a definition."""
    above = {etree.QName(one).localname for one in element.iterancestors()}
    return etree.QName(element).localname in _SHAPES and not above & _DEFINITIONS


def _refuse_nested_uses(root: etree._Element) -> None:
    """Uses of what has uses multiply: a file of a few lines would draw for hours."""
    by_id = {element.get("id"): element for element in root.iter() if element.get("id")}
    for use in root.iter(f"{_SVG}use"):
        target = by_id.get((use.get("href") or use.get(_XLINK_HREF) or "#")[1:])
        if target is not None and next(target.iter(f"{_SVG}use"), None) is not None:
            raise InvalidLogo("nested_use")


def _validate_element(element: etree._Element) -> None:
    if isinstance(element, (etree._ProcessingInstruction, etree._Entity)):
        raise InvalidLogo("processing_instruction")
    name = etree.QName(element)
    if name.localname not in _DRAWING:
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
