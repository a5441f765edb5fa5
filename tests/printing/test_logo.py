"""What may stand in a letterhead."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from kundenkontor.printing.errors import InvalidLogo
from kundenkontor.printing.logo import LARGEST_BYTES, validate_logo

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">{}</svg>'


def png(width: int = 40, height: int = 20) -> bytes:
    target = io.BytesIO()
    Image.new("RGBA", (width, height), (11, 93, 102, 128)).save(target, "PNG")
    return target.getvalue()


def test_png_and_plain_svg_are_accepted() -> None:
    validate_logo(png())
    validate_logo(SVG.format('<!-- c --><g><path d="M0 0h9v9z" fill="url(#a)"/><use href="#a"/></g>').encode())


@pytest.mark.security("wkhtmltopdf CVE-2022-35583")
@pytest.mark.parametrize(
    "content",
    [
        '<image href="http://canary.example/x.png"/>',
        '<image href="file:///etc/passwd"/>',
        '<use xlink:href="http://canary.example/x.svg#a"/>',
        "<script>alert(1)</script>",
        '<rect onload="alert(1)"/>',
        "<foreignObject/>",
        "<text>Alpenhost</text>",
        '<rect style="fill:url(http://canary.example/)"/>',
        "<style>@import 'http://canary.example/';</style>",
        "<style>rect{fill:url( 'http://canary.example/' )}</style>",
    ],
)
def test_an_svg_that_reaches_out_or_runs_code_is_refused(content: str) -> None:
    with pytest.raises(InvalidLogo):
        validate_logo(SVG.format(content).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"<html/>",
        png()[:60],
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + SVG.format("").encode(),
        SVG.format("").encode("utf-16"),
        b" " * (LARGEST_BYTES + 1),
        png(5000, 1000),
    ],
    ids=["empty", "gif", "html", "cut", "doctype", "utf-16", "too large", "too many pixels"],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidLogo):
        validate_logo(data)
