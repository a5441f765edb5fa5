"""Foreign XML is refused before it can hurt: entities, files, size, depth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenkontor.einvoicing.cii import read_cii
from kundenkontor.einvoicing.errors import (
    NotAnInvoice,
    PdfRefused,
    TermInvalid,
    XmlHasDoctype,
    XmlMalformed,
    XmlRefused,
    XmlTooDeep,
    XmlTooLarge,
)
from kundenkontor.einvoicing.parsing import MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS, parse_xml
from kundenkontor.einvoicing.rules import OfficialRules
from kundenkontor.einvoicing.validation import xsd_errors
from tests.einvoicing.builders import EXAMPLES, cii_of
from tests.einvoicing.hybrids import extract_xml

_LAUGHS = '<!DOCTYPE a [<!ENTITY l0 "ha">' + "".join(
    f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 12)
)

ATTACKS = {
    "billion laughs": f"{_LAUGHS}]><a>&l11;</a>",
    "local file": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "remote file": '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]><a>&x;</a>',
    "remote DTD": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
    "parameter entity": '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><a/>',
    "bare doctype": "<!DOCTYPE a><a/>",
}


@pytest.mark.security("V1.5.1")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_doctype_is_refused_in_every_encoding(attack: str, encoding: str) -> None:
    with pytest.raises(XmlRefused):
        parse_xml(ATTACKS[attack].encode(encoding))


@pytest.mark.security("V1.5.1")
def test_a_doctype_in_an_encoding_that_hides_it_is_refused() -> None:
    xml = '<?xml version="1.0" encoding="IBM037"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("cp037")

    with pytest.raises(XmlRefused):
        parse_xml(xml)


@pytest.mark.security("V1.5.1")
@pytest.mark.parametrize("attack", ATTACKS)
def test_every_entry_refuses_entities(attack: str, official_rules: OfficialRules) -> None:
    xml = ATTACKS[attack].encode()

    for entry in (read_cii, xsd_errors, official_rules.check):
        with pytest.raises(XmlHasDoctype):
            entry(xml)


def test_size_is_allowed_up_to_the_limit() -> None:
    half = b"x" * (MAX_BYTES // 2 - 16)
    xml = b"<a>" + half + b"<b/>" + half
    xml += b"x" * (MAX_BYTES - len(xml) - len(b"</a>")) + b"</a>"

    parse_xml(xml)
    with pytest.raises(XmlTooLarge):
        parse_xml(xml + b"\n")


def test_depth_is_allowed_up_to_the_limit() -> None:
    parse_xml(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH)
    for depth in (MAX_DEPTH + 1, 300, 100_000):
        with pytest.raises(XmlTooDeep):
            parse_xml(b"<a>" * depth + b"</a>" * depth)


def test_elements_are_allowed_up_to_the_limit() -> None:
    parse_xml(b"<a>" + b"<b/>" * (MAX_ELEMENTS - 1) + b"</a>")
    with pytest.raises(XmlTooLarge):
        parse_xml(b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>")


@pytest.mark.parametrize(
    "xml", [b"", b"   ", b"no xml", b"<a>", b"<a></b>", b"\xff\xfe", b"<a>\x00</a>", b"<a x='1' x='2'/>"]
)
def test_what_is_not_xml_is_refused(xml: bytes) -> None:
    with pytest.raises(XmlMalformed):
        parse_xml(xml)


@given(st.binary(max_size=300))
def test_any_bytes_are_parsed_or_refused(xml: bytes) -> None:
    try:
        parse_xml(xml)
    except XmlRefused:
        pass


@given(st.data())
def test_a_damaged_invoice_is_read_or_refused(data: st.DataObject) -> None:
    xml = bytearray(cii_of("at-domestic"))
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(xml) - 1))
        xml[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=5))
    try:
        read_cii(bytes(xml))
    except XmlRefused:
        pass


def test_another_document_is_named_in_the_refusal() -> None:
    with pytest.raises(NotAnInvoice, match="Order"):
        read_cii(b"<Order/>")


@pytest.mark.parametrize("amount", ["1e3", "NaN", "Infinity", "1,00", "", "--1", "9" * 40])
def test_an_amount_that_is_none_is_refused_by_its_term(amount: str) -> None:
    due = EXAMPLES["at-domestic"].amount_due
    xml = cii_of("at-domestic").replace(
        f"<ram:DuePayableAmount>{due}".encode(), f"<ram:DuePayableAmount>{amount}".encode()
    )

    with pytest.raises(TermInvalid, match="BT-115"):
        read_cii(xml)


@pytest.mark.parametrize("day", ["20261301", "2026-1-1", "today", "20260230"])
def test_a_date_that_is_none_is_refused_by_its_term(day: str) -> None:
    xml = cii_of("at-domestic").replace(b'format="102">20261123', f'format="102">{day}'.encode())

    with pytest.raises(TermInvalid, match="BT-2"):
        read_cii(xml)


def test_a_comment_does_not_split_a_text() -> None:
    xml = cii_of("at-domestic").replace(b"<ram:ID>RE2026000001", b"<ram:ID>RE2026<!-- 999 -->000001")

    assert read_cii(xml).number == "RE2026000001"


def test_bytes_that_are_no_pdf_are_refused() -> None:
    for content in (b"", b"%PDF-1.7", b"not a pdf" * 100):
        with pytest.raises(PdfRefused):
            extract_xml(content)
