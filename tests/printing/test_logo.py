"""What may stand in a letterhead."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from kundenkontor.printing.errors import InvalidLogo
from kundenkontor.printing.letterhead.making import make
from kundenkontor.printing.logo import LARGEST_BYTES, prepare_logo, sample_of

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">{}</svg>'


def png(width: int = 40, height: int = 20, alpha: int = 128) -> bytes:
    target = io.BytesIO()
    Image.new("RGBA", (width, height), (11, 93, 102, alpha)).save(target, "PNG")
    return target.getvalue()


def test_png_and_plain_svg_are_accepted() -> None:
    prepare_logo(png())
    prepare_logo(SVG.format('<!-- c --><g><path d="M0 0h9v9z" fill="url(#a)"/><use href="#a"/></g>').encode())


def test_a_png_is_encoded_anew_without_what_else_was_in_it() -> None:
    target = io.BytesIO()
    notes = PngInfo()
    notes.add_text("Comment", "made by mallory")
    Image.new("P", (40, 20)).save(target, "PNG", pnginfo=notes)

    kept = prepare_logo(target.getvalue() + b"trailing bytes")

    with Image.open(io.BytesIO(kept)) as image:
        assert (image.format, image.mode, image.size, image.info) == ("PNG", "RGBA", (40, 20), {})


def test_what_programs_leave_for_themselves_is_dropped() -> None:
    own = 'xmlns:ink="http://ink.example/" ink:version="1"'
    content = f'<metadata><x:RDF xmlns:x="http://rdf.example/"/></metadata><ink:view {own}/><path {own} d="M0 0h9v9z"/>'

    kept = prepare_logo(SVG.format(content).encode())

    assert b"ink:version" not in kept and b"RDF" not in kept and b"M0 0h9v9z" in kept


NESTED = "".join(f'<g id="u{n + 1}"><use href="#u{n}"/><use href="#u{n}"/></g>' for n in range(30))
WITHOUT_PICTURE = {
    "no shape": SVG.format(""),
    "only definitions": SVG.format('<defs><path d="M0 0h9v9z"/></defs>'),
    "a foreign root inside": SVG.format('<rect xmlns="http://else.example/" width="9" height="9"/>'),
    "nested uses": SVG.format(f'<path id="u0" d="M0 0h9v9z"/>{NESTED}<use href="#u30"/>'),
    "a use of itself": SVG.format('<g id="a"><path d="M0 0h9v9z"/><use href="#a"/></g>'),
}


@pytest.mark.parametrize("name", WITHOUT_PICTURE)
def test_an_svg_without_a_picture_or_with_endless_ones_is_refused(name: str) -> None:
    with pytest.raises(InvalidLogo):
        prepare_logo(WITHOUT_PICTURE[name].encode())


UNSEEN = {
    "a use of nothing": SVG.format('<use href="#nope"/>').encode(),
    "hidden": SVG.format('<rect width="9" height="9" display="none"/>').encode(),
    "without size": SVG.format("<rect/>").encode(),
    "outside": SVG.format('<rect x="90" width="9" height="9"/>').encode(),
    "white": SVG.format('<rect width="9" height="9" fill="#fff"/>').encode(),
    "transparent": png(alpha=0),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_a_picture_of_which_nothing_is_seen_on_paper_is_refused(name: str) -> None:
    with pytest.raises(InvalidLogo, match="empty"):
        make(json.loads(sample_of(prepare_logo(UNSEEN[name]))))


@pytest.mark.parametrize("picture", [png(), SVG.format('<path d="M0 0h9" stroke="#ddd" stroke-width=".1"/>').encode()])
def test_a_picture_of_which_little_is_seen_is_set(picture: bytes) -> None:
    assert make(json.loads(sample_of(prepare_logo(picture))))[1].startswith(b"%PDF")


def test_a_png_that_was_cut_anywhere_is_refused() -> None:
    whole = io.BytesIO()
    Image.effect_noise((60, 60), 50).save(whole, "PNG")
    for share in range(1, 10):
        with pytest.raises(InvalidLogo):
            prepare_logo(whole.getvalue()[: len(whole.getvalue()) * share // 10])


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
        prepare_logo(SVG.format(content).encode())


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
        prepare_logo(data)
