"""Somebody who reads pages and does what is written: presses what has that name, fills the field of that label."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin

from lxml import html
from lxml.html import HtmlElement

from tests.proof.docs.newcomer.steps import pattern_of
from tests.support.patience import CEILING

BOUNDARY = "one-part-of-the-form"
OPTIONAL = re.compile(" (optional|freiwillig)$")


class Reader:
    """A browser without a screen. ``folder``: what paths of files that are handed in are relative to."""

    def __init__(self, url: str, language: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.opener.addheaders = [("Accept-Language", language)]
        self.go("/")

    def go(self, path: str, data: bytes | None = None, media_type: str = "") -> None:
        """Open a page; another kind of file leaves the page as it is. Raises AssertionError for an error's page."""
        where = urljoin(self.url, path)
        headers = {"Referer": self.url} | ({"Content-Type": media_type} if media_type else {})
        try:
            with self.opener.open(urllib.request.Request(where, data, headers), timeout=CEILING) as answer:
                content = answer.read()
                if answer.headers.get_content_type() == "text/html":
                    self.url, self.page = answer.url, html.fromstring(content)
                    self.files: dict[str, Path] = {}
        except HTTPError as error:
            raise AssertionError(f"{where}: {error.code}\n{_text(html.fromstring(error.read()))}") from error

    def reload(self) -> None:
        self.go(self.url)

    def sees(self, words: str) -> bool:
        return pattern_of(words).search(_text(self.page)) is not None

    def may_press(self, name: str) -> bool:
        return next(self._named(name), None) is not None

    def press(self, name: str) -> None:
        """A button or link of that name: in the page's own part, else in the frame around it."""
        element = next(self._named(name))
        if element.tag == "a":
            self.go(str(element.get("href")))
        else:
            self._submit(element)

    def _named(self, name: str) -> Iterator[HtmlElement]:
        for place in ("//main", "/"):
            for element in _find(self.page, f"{place}//a[@href] | {place}//button"):
                if pattern_of(name).fullmatch(_text(element)):
                    yield element

    def fill(self, label: str, value: str) -> None:
        """Type into a field, choose an option by its words, tick a box, hand in a file."""
        control = self._labelled(label)
        if control.tag == "select":
            (control.value,) = (option.get("value") for option in control.iter("option") if value in _text(option))
        elif control.get("type") == "file":
            assert (self.folder / value).exists(), value
            self.files[control.name] = self.folder / value
        elif control.get("type") in ("checkbox", "radio"):
            control.checked = True
        else:
            control.value = value

    def _labelled(self, name: str) -> HtmlElement:
        for label in _find(self.page, "//main//label"):
            if OPTIONAL.sub("", _text(label)) == name:
                return label.for_element
        raise AssertionError(f"no field is called {name!r}\n{self}")

    def _submit(self, button: HtmlElement) -> None:
        form = next(button.iterancestors("form"))
        pairs = [(name, value) for name, value in form.form_values() if name not in self.files]
        if button.get("name"):
            pairs.append((button.get("name"), button.get("value") or ""))
        target = button.get("formaction") or form.get("action") or self.url
        if form.method == "GET":
            self.go(f"{target}?{urlencode(pairs)}")
        elif form.get("enctype") == "multipart/form-data":
            self.go(target, self._parts(pairs), f"multipart/form-data; boundary={BOUNDARY}")
        else:
            self.go(target, urlencode(pairs).encode(), "application/x-www-form-urlencoded")

    def _parts(self, pairs: list[tuple[str, str]]) -> bytes:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{{}}"'
        parts = [f"{head.format(name)}\r\n\r\n{value}\r\n".encode() for name, value in pairs]
        for name, path in self.files.items():
            about = f'{head.format(name)}; filename="{path.name}"\r\nContent-Type: text/csv\r\n\r\n'
            parts.append(about.encode() + path.read_bytes() + b"\r\n")
        return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()

    def __str__(self) -> str:
        return f"{self.url}: {_text(self.page)}"


def _text(element: HtmlElement) -> str:
    """What is read of it."""
    hidden = "self::script or self::style or self::template"
    return " ".join("".join(_find(element, f".//text()[not(ancestor::*[{hidden}])]")).split())


def _find(element: HtmlElement, path: str) -> list[Any]:
    found = element.xpath(path)
    assert isinstance(found, list)
    return found
