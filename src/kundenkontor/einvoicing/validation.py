"""The XML schema of the Factur-X profile EN 16931, compiled once per process."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, cast

from lxml import etree

from kundenkontor.einvoicing.parsing import parse_xml

_MAX_ERRORS = 50
_validating = Lock()  # the compiled schema keeps the errors of its last run


def xsd_errors(xml: bytes) -> list[str]:
    """Return "line: message" for each violation of the schema, at most 50; empty means valid.

    Raises XmlRefused where the bytes are not XML that we read.
    """
    root = parse_xml(xml)
    schema = _schema()
    with _validating:
        if schema.validate(root):
            return []
        log = cast(Iterable[Any], schema.error_log)
        return [f"{error.line}: {error.message}" for error in islice(log, _MAX_ERRORS)]


@cache
def _schema() -> etree.XMLSchema:
    folder = package_folder("facturx") / "xsd_and_schematron" / "facturx-en16931"
    return etree.XMLSchema(etree.parse(str(folder / "Factur-X_EN16931.xsd")))


def package_folder(name: str) -> Path:
    """Find an installed package's folder without importing it: we want its files, not its code."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name)
    return Path(spec.origin).parent
