"""Where things stand on the page when the data are longer than usual: nothing covers anything else."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from pypdf import PdfReader, mult

from kundenkontor.printing.invoice.compile import _STANDARDS, _TEMPLATE, _compiler, template_inputs, timestamp_of
from kundenkontor.printing.invoice.frozen import FrozenDocument
from kundenkontor.printing.invoice.sheet import lay_out
from tests.printing import builders
from tests.printing.test_pdf import pages_of, render

MILLIMETRE = 72 / 25.4
INFORMATION = 120 * MILLIMETRE  # from the left edge: right of it is the information block
TEXT_START = (297 - 98.5) * MILLIMETRE  # from the lower edge, as DIN 5008 has it
LONG = "Österreichische Gesellschaft für Straßenbau-Fördermittelüberprüfung und Großprojektentwicklung m.b.H. " * 2
LINES_TEMPLATE = _TEMPLATE / "lines.typ"
DIRECTORS = (
    "Dr. Käthe Österreicher",
    "Jörg Müller",
    "Mag. Franz-Xaver Huber-Mayerhofer",
    "DI Anna-Maria Schwarzenegger",
    "Prof. Dr. Maximilian Unterberger",
)


def places(document: FrozenDocument) -> list[tuple[str, float, float]]:
    """The texts of the first page with their distance from the left and the lower edge, in points."""
    found: list[tuple[str, float, float]] = []

    def look(text: str, outer: list[float], inner: list[float], *_: object) -> None:
        if text.strip():
            matrix = mult(inner, outer)
            found.append((text.strip(), matrix[4], matrix[5]))

    PdfReader(io.BytesIO(render(document))).pages[0].extract_text(visitor_text=look)
    return found


def heading_of(found: list[tuple[str, float, float]]) -> float:
    return next(height for text, _, height in found if text.startswith("Rechnung RE2026000123"))


def recipients(*lines: str) -> FrozenDocument:
    """A customer whose own name and address are as long as the fields allow."""
    plain = builders.document(3)
    address = replace(builders.ADA.address, line_one=lines[-2])
    buyer = replace(builders.ADA, name=lines[0], address=address)
    return replace(plain, invoice=replace(plain.invoice, buyer=buyer), recipient=lines)


def test_the_text_begins_where_din_5008_says() -> None:
    assert TEXT_START - 20 < heading_of(places(builders.document(3))) < TEXT_START


def test_long_references_push_the_heading_down() -> None:
    lines = tuple(builders.line(number) for number in range(3))
    references = {
        "order_number": "Bestellung 2026/4711 Rahmenvertrag Hosting und Domains, Abruf viertes Quartal",
        "buyer_reference": "04011000-1234512345-06 Betrieb und Rechenzentrum West",
        "cost_centre": "Kostenstelle 4711 Informationstechnik, Abteilung West, Betrieb und Rechenzentrum",
        "contract_number": "V150001",
    }

    found = places(builders.document(3, invoice=builders.invoice(lines, **references)))

    heading = heading_of(found)
    beside = [text for text, left, height in found if left > INFORMATION and height > heading]
    assert "V150001" in beside
    assert heading < TEXT_START - 40


@pytest.mark.parametrize("long", [2, 4])
def test_a_long_address_stays_in_its_window_and_stands_below_in_full(long: int) -> None:
    document = recipients(*[LONG[:200].strip()] * long, "1030 Wien", "Österreich")

    found = places(document)

    heading = heading_of(found)
    window = [height for text, left, height in found if left < INFORMATION and height > heading and "Wien" in text]
    assert len(window) == 2  # the sender's line and the recipient's town
    assert min(window) > TEXT_START
    text = " ".join(pages_of(render(document))[0].split())
    assert ("Leistungsempfänger" in text) == ("…" in text) == (long == 4)


def test_what_the_window_shortens_is_named_as_what_it_is() -> None:
    """The recipient of the service, unless the document goes elsewhere; his own address then stands there anyway."""
    own = recipients(*[LONG[:200].strip()] * 4, "1030 Wien")
    assert lay_out(own)["address_in_full"][0] == "Leistungsempfänger"

    text = pages_of(render(builders.document(3, recipient=(*[LONG[:200].strip()] * 4, "1220 Wien"))))[0]
    assert "Leistungsempfänger: Agentur Huber" in " ".join(text.split())
    assert "Anschrift: Österreichische" in " ".join(text.split())


def test_the_recipient_of_the_service_is_named_also_where_the_window_shows_a_similar_address() -> None:
    """§ 11 Abs. 1 Z 3 UStG: "Hauptplatz 2" is not named by "Hauptplatz 25"."""
    own = ("Agentur Huber & Söhne GmbH", "Landstraßer Hauptstraße 1", "1030 Wien")
    other = ("Agentur Huber & Söhne GmbH Nfg.", "Landstraßer Hauptstraße 12", "1030 Wien")
    document = recipients(*own)

    assert lay_out(document)["service_recipient"] == ""
    assert lay_out(replace(document, recipient=other))["service_recipient"] == ", ".join(own)


def test_the_columns_of_the_foot_keep_a_distance() -> None:
    website = "https://www.alpenhost-hosting-und-domains.example/kontakt"
    legal = replace(
        builders.LEGAL,
        managing_directors=DIRECTORS,
        website=website,
        legal_form="Gesellschaft mit beschränkter Haftung",
    )
    page = PdfReader(io.BytesIO(render(builders.document(3, legal=legal)))).pages[0]

    foot = page.extract_text(extraction_mode="layout")

    assert "Mariahilfer Straße 88a/12  " in foot


def test_a_foot_with_much_to_say_stays_on_the_page() -> None:
    legal = replace(
        builders.LEGAL,
        managing_directors=DIRECTORS * 2,
        seat="Sankt Margarethen an der Raab " * 3,
        register_court="Landesgericht für Zivilrechtssachen " * 3,
        website="https://www.alpenhost.example/" + "kontakt-und-impressum/" * 8,
    )

    assert min(height for _, _, height in places(builders.document(3, legal=legal))) > 8 * MILLIMETRE


@pytest.mark.feature("M36")
def test_a_corrections_box_and_its_sums_name_the_same_amount() -> None:
    """BT-115: with gross prices the cent of BT-114 is in both."""
    gross, cancellation = builders.gross_with_rounding().invoice, builders.cancellation()
    invoice = replace(
        gross,
        type_code="381",
        due_date=None,
        payment_reference="",
        preceding_invoices=cancellation.invoice.preceding_invoices,
    )

    sheet = lay_out(replace(cancellation, invoice=invoice, line_texts=()))

    assert sheet["glance"][0] == ["Stornobetrag", "9,99\u00a0EUR"]
    assert sheet["totals"][-1]["amount"] == sheet["glance"][0][1]


def test_what_the_template_hands_around_does_not_grow_with_the_lines() -> None:
    """Typst hashes the arguments of a call: given all lines for each section, its work grows with their square."""
    short, long = (template_inputs(builders.collective(count), b"") for count in (100, 1_000))

    assert len(long["sheet"]) < len(short["sheet"]) + 50
    takers = re.findall(r"^#let ([\w-]+)\([^)]*\blines\b", LINES_TEMPLATE.read_text("utf-8"), re.MULTILINE)
    assert takers == ["line-table"]


def test_the_pages_of_a_long_document_settle() -> None:
    """Carried sums move lines to other pages and change by that; typst gives up after five rounds, with a warning."""
    document = builders.collective(1_000)
    inputs = template_inputs(document, b"<none/>")

    _, warnings = _compiler("invoice.typ").compile_with_warnings(
        format="pdf", sys_inputs=inputs, pdf_standards=_STANDARDS, timestamp=timestamp_of(document)
    )

    assert [warning.message for warning in warnings] == []
