"""The finished PDF: what it says, what it carries, that it never changes."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache

import pikepdf
import pikepdf.pdfa
import pytest
from pypdf import PdfReader

from kundenkontor.einvoicing.cii import read_cii, write_cii
from kundenkontor.einvoicing.validation import xsd_errors
from kundenkontor.printing.errors import InconsistentDocument, UnknownTemplate
from kundenkontor.printing.invoice.compile import render_pdf
from kundenkontor.printing.invoice.frozen import FrozenDocument, Letterhead
from tests.einvoicing.hybrids import extract_xml, xmp_errors
from tests.printing import builders
from tests.printing.test_logo import SVG, png

DOCUMENTS = {
    "one line": builders.document(1),
    "twenty lines": builders.document(20),
    "collective": builders.collective(60),
    "english": builders.english(),
    "cancellation": builders.cancellation(),
    "correction": builders.cancellation("correction"),
    "long names": builders.long_names(),
    "rounding": builders.gross_with_rounding(),
    "reverse charge": builders.reverse_charge(),
    "paid": builders.paid(),
    "png logo": builders.document(1, letterhead=Letterhead(logo=png(), accent="#7a1f5c")),
    "svg logo": builders.document(1, letterhead=Letterhead(logo=SVG.format('<path d="M0 0h9v9z"/>').encode())),
}
every_document = pytest.mark.parametrize("name", DOCUMENTS)


@cache
def pdf_of(name: str) -> bytes:
    return render(DOCUMENTS[name])


def render(document: FrozenDocument) -> bytes:
    return render_pdf(document, write_cii(document.invoice))


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page with plain blanks."""
    return [page.extract_text().replace("\u00a0", " ") for page in PdfReader(io.BytesIO(pdf)).pages]


def text_of(name: str) -> str:
    return "\n".join(pages_of(pdf_of(name)))


@every_document
def test_every_document_is_pdf_a_3(name: str) -> None:
    """By pikepdf's allowlist, but for XMP: it knows no extension schemas, so ``xmp_errors`` reads those."""
    with pikepdf.open(io.BytesIO(pdf_of(name))) as pdf:
        report = pikepdf.pdfa.check(pdf, "3b")

    assert [str(found) for found in report.violations if "MetadataStream" not in found.where] == []
    assert xmp_errors(pdf_of(name)) == []


@every_document
def test_every_document_is_tagged_and_named(name: str) -> None:
    document = DOCUMENTS[name]
    with pikepdf.open(io.BytesIO(pdf_of(name))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == document.language
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert document.invoice.number in str(pdf.docinfo["/Title"])


@pytest.mark.invariant("I-D2")
@every_document
def test_paper_and_xml_say_the_same(name: str) -> None:
    document = DOCUMENTS[name]
    xml = extract_xml(pdf_of(name))
    invoice = read_cii(xml)
    text = text_of(name)

    assert xml == write_cii(document.invoice)
    assert xsd_errors(xml) == []
    assert invoice.number in text
    shown = f"{invoice.total_with_vat:,.2f}"
    german = f"{shown.translate(str.maketrans(',.', '.,'))} EUR"
    assert (f"EUR {shown}" if document.language == "en" else german) in text


@pytest.mark.invariant("I-D1")
@pytest.mark.parametrize("name", ["twenty lines", "collective", "png logo"])
def test_the_same_document_gives_the_same_bytes(name: str) -> None:
    again = render(FrozenDocument.from_json(DOCUMENTS[name].to_json()))

    assert again == pdf_of(name)


@pytest.mark.feature("M36")
def test_an_invoice_says_what_the_law_asks_and_where_to_pay() -> None:
    """§ 11 UStG: parties, number, dates, period, net, rate, tax; payment details."""
    text = text_of("one line")

    for particular in (
        "Rechnung RE2026000123",
        "Alpenhost GmbH · Mariahilfer Straße 88a/12 · 1070 Wien",
        "Agentur Huber & Söhne GmbH",
        "Landstraßer Hauptstraße 1/2/33",
        "22.11.2026",
        "01.11.2026 – 30.11.2026",
        "06.12.2026",
        "K11001",
        "Webhosting L · agentur-huber-0.at",
        "1 Monat",
        "19,90",
        "20 %",
        "3,98 EUR",
        "23,88 EUR",
        "AT48 3200 0000 1234 5864",
        "RF12 RE20 2600 0123",
        "Kunde K11001 / Rechnung RE2026000123",
        "UID/USt-IdNr.: ATU12345675",
        "FN 123456a, Handelsgericht Wien",
        "Geschäftsführung: Dr. Käthe Österreicher, Jörg Müller",
        "Seite 1 von 1",
    ):
        assert particular in text, particular


def test_an_english_invoice_has_no_german_words_of_ours() -> None:
    text = text_of("english")

    assert "Invoice RE2026000123" in text
    assert "22 Nov 2026" in text
    assert "Page 1 of" in text
    for german in ("Rechnungsnummer", "Fällig", "Zahlbetrag", "Übertrag", "Seite", "Menge"):
        assert german not in text


@pytest.mark.parametrize(("name", "title"), [("cancellation", "Stornorechnung"), ("correction", "Rechnungskorrektur")])
def test_a_correction_names_its_original_and_never_gutschrift(name: str, title: str) -> None:
    text = text_of(name)

    assert f"{title} RK2026000007" in text
    assert "zu Rechnung RE2026000001 vom 31.10.2026" in text
    assert "gutschrift" not in text.lower()
    assert "IBAN" not in text.split("Seite 1")[0]
    assert "Fällig am" not in text


@pytest.mark.parametrize("part", ["title", "intro", "closing"])
def test_a_correction_that_says_gutschrift_is_no_document(part: str) -> None:
    with pytest.raises(InconsistentDocument):
        replace(builders.cancellation(), **{part: "Diese Gutschrift"})  # type: ignore[arg-type]


def test_the_sum_so_far_is_carried_from_page_to_page() -> None:
    """What the foot of a page says is what the head of the next one says and what its lines add up to."""
    first, second = pages_of(pdf_of("twenty lines"))
    carried = [line for line in first.splitlines() if "Übertrag" in line]

    assert len(carried) == 1
    assert carried == [line for line in second.splitlines() if "Übertrag" in line]
    assert "910,80" not in carried[0]


@pytest.mark.parametrize("count", [13, 14, 15])
def test_a_table_that_ends_at_the_foot_of_its_page_carries_nothing(count: int) -> None:
    """The sums then stand on the next page, which has no line of the table."""
    pages = pages_of(render(builders.document(count)))

    assert len(pages) == 2
    assert "Übertrag" not in "".join(pages)


def test_a_table_on_one_page_carries_nothing() -> None:
    assert "Übertrag" not in "".join(pages_of(render(builders.document(8)))[:1])


def test_every_page_of_a_long_table_has_its_head_and_number() -> None:
    pages = pages_of(pdf_of("collective"))

    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"Seite {number} von {len(pages)}" in page
        assert page.count("Einzelpreis") == ("Webhosting L" in page or "vServer M" in page)
    assert all("Sammelrechnung RE2026000123" in page for page in pages)


@pytest.mark.feature("M32")
def test_a_collective_invoice_shows_contracts_with_their_subtotals() -> None:
    document = DOCUMENTS["collective"]
    text = text_of("collective")

    for group in document.groups:
        assert group.heading in text
        assert text.count(f"Zwischensumme {group.heading}\n") + text.count(f"Zwischensumme {group.heading} ") == (
            1 if len(group.line_ids) > 1 else 0
        )


def test_no_page_begins_with_a_bare_subtotal() -> None:
    for page in pages_of(render(builders.collective(200)))[1:]:
        after_head = page.split("Übertrag", 1)[-1].splitlines()[1:4]
        assert not any(line.startswith("Zwischensumme") for line in after_head[:2])


def test_rounding_stands_before_the_payable_amount() -> None:
    text = text_of("rounding")

    assert "Rundung" in text
    assert "9,99 EUR" in text


def test_reverse_charge_is_noted() -> None:
    assert "Reverse charge: the recipient is liable for VAT." in text_of("reverse charge")


def test_what_is_paid_asks_for_no_payment() -> None:
    text = text_of("paid")

    assert "Keine Zahlung erforderlich" in text
    assert "Zahlungsangaben" not in text


def test_the_own_address_stays_when_the_invoice_goes_elsewhere() -> None:
    text = text_of("long names")

    assert "c/o Agentur Huber" in text
    assert "Leistungsempfänger" in text
    assert "Landstraßer Hauptstraße 1/2/33, 1030 Wien" in text.replace("\n", " ")
    assert "18 von 30 Tagen" in text
    assert "19,90 je 30 Tage" in text.replace("\n", " ")


@pytest.mark.security("V1.3.7")
@pytest.mark.parametrize(
    "payload", ["#panic()", "$x^2$", "{{7*7}}", "*bold* _it_", '#read("/etc/passwd")', "{x.__class__}", "<b>x</b>"]
)
def test_markup_in_a_name_is_printed_as_text(payload: str) -> None:
    document = builders.document(1, intro=payload, recipient=(payload, "1030 Wien"))
    named = replace(document, invoice=replace(document.invoice, buyer=replace(builders.ADA, name=payload)))

    assert "".join(pages_of(render(named))).count(payload) >= 2


def test_a_document_of_another_template_version_is_refused() -> None:
    with pytest.raises(UnknownTemplate):
        render(builders.document(1, template_version="0"))
