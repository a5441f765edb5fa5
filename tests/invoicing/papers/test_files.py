"""PDF and XML of issued documents: made once, and saying what the books say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from kundenkontor.documents.commands import store_file
from kundenkontor.documents.queries import read_file
from kundenkontor.einvoicing.checks import find_violations
from kundenkontor.einvoicing.cii import read_cii
from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.models import Event
from kundenkontor.invoicing.papers.freezing import _read, freeze, freeze_invoices
from kundenkontor.invoicing.papers.kind import INVOICE
from kundenkontor.kernel.clock import utc_now
from kundenkontor.ledger.models import Posting
from kundenkontor.papers.checks import CHECKS
from kundenkontor.papers.commands import render_papers
from kundenkontor.papers.kinds import _KINDS, kind_of
from kundenkontor.papers.models import PaperFile, RenderFailure
from kundenkontor.parties.models import Customer, Seller
from kundenkontor.printing.invoice.epc import payload_of
from kundenkontor.printing.invoice.frozen import FrozenDocument
from kundenkontor.printing.invoice.lines import line_table
from kundenkontor.printing.invoice.sums import totals_of
from tests.einvoicing.hybrids import extract_xml
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, cancel, contract, issue, line
from tests.support.papers import ask_for_files, find_file, get_or_render, render_invoices, render_pool

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.STORED_FILES_DIR = tmp_path


@pytest.fixture(autouse=True, scope="module")
def pool() -> Iterator[None]:
    yield
    render_pool().close()
    render_pool.cache_clear()


@pytest.fixture
def seller() -> Seller:
    return alpenhost()


def text_of(pdf: bytes) -> str:
    import io

    from pypdf import PdfReader

    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.invariant("I-D2")
def test_pdf_xml_and_ledger_say_the_same_totals_parties_and_dates(seller: Seller) -> None:
    customer = ada(seller)
    service = contract(customer)
    invoice = issue(
        customer,
        line("19.90", discount="10", contract=service),
        line("29.00", quantity="15", base="30", unit="DAY", contract=service, start=TODAY.replace(day=16)),
        line("100.00", rate=Decimal(10)),
    )
    assert render_invoices([invoice.pk], on=TODAY, actor=SYSTEM) == [invoice.pk]

    pdf, xml = find_file(invoice, "pdf"), find_file(invoice, "xml")
    assert pdf is not None and xml is not None
    assert extract_xml(read_file(pdf)) == read_file(xml)
    semantic = read_cii(read_file(xml))
    assert (semantic.number, semantic.issue_date, semantic.due_date) == (
        invoice.number,
        invoice.issue_date,
        invoice.due_date,
    )
    assert (semantic.buyer.name, semantic.seller.name) == (customer.name, seller.name)
    sums = (invoice.total_without_vat, invoice.total_vat, invoice.total_with_vat, invoice.amount_due)
    assert (
        semantic.total_without_vat,
        semantic.total_vat,
        semantic.total_with_vat,
        semantic.amount_due,
    ) == sums
    booked = sum(
        posting.amount
        for posting in Posting.objects.filter(debit_item_id=invoice.open_item.pk, customer_id=customer.pk)
    )
    assert booked == invoice.amount_due
    printed = text_of(read_file(pdf))
    for value in sums:
        assert f"{value:,.2f}".translate(str.maketrans(",.", ".,")) in printed
    assert "15 von 30 Tagen" in printed
    assert f"Kunde {customer.number} / Rechnung {invoice.number}" in printed


@pytest.mark.feature("M29")
def test_a_domain_stands_behind_its_product_and_a_description_on_its_own_line(seller: Seller) -> None:
    domain = line("19.90", name="Domain .at", identifier="huber.at", description="mit Weiterleitung")
    document = freeze_invoices([(invoice := issue(ada(seller), domain)).pk])[invoice.pk]
    assert document.invoice.lines[0].description == "huber.at, mit Weiterleitung"  # BT-154
    row = line_table(document)["sections"][0]["rows"][0]
    assert row["identifier"] == "huber.at" and "mit Weiterleitung" in row["details"]


@pytest.mark.feature("M39")
@pytest.mark.invariant("I-D2")
def test_a_deviating_address_stands_beside_name_and_own_address_which_decide_the_tax(seller: Seller) -> None:
    """The window goes to the tax adviser in Germany; the buyer stays Austrian, with Austrian VAT."""
    customer = ada(
        seller, has_invoice_address=True, invoice_name="Kanzlei Bauer", invoice_care_of="Frau Bauer",
        invoice_department="Buchhaltung", invoice_street="Ring 5", invoice_postal_code="80331", invoice_city="München",
        invoice_country="DE",
    )  # fmt: skip
    invoice = issue(customer, line("100.00"))
    render_invoices([invoice.pk], on=TODAY, actor=SYSTEM)
    pdf, xml = find_file(invoice, "pdf"), find_file(invoice, "xml")
    assert pdf is not None and xml is not None

    buyer = read_cii(read_file(xml)).buyer
    assert (buyer.name, buyer.address.line_one) == ("Agentur Huber & Söhne GmbH", "Landstraßer Hauptstraße 1")
    assert (buyer.address.postal_code, buyer.address.city, buyer.address.country) == ("1030", "Wien", "AT")
    (vat,) = read_cii(read_file(xml)).vat_breakdown
    assert (vat.category, vat.rate, invoice.total_vat) == ("S", Decimal(20), Decimal("20.00"))
    printed = text_of(read_file(pdf))
    for part in ("Kanzlei Bauer c/o Frau Bauer Buchhaltung Ring 5 80331 München Deutschland", "Leistungsempfänger",
                 "Agentur Huber & Söhne GmbH", "Landstraßer Hauptstraße 1", "1030 Wien"):  # fmt: skip
        assert part in printed, part


@pytest.mark.feature("M21")
@pytest.mark.feature("M33")
@pytest.mark.invariant("I-D1")
def test_a_document_is_rendered_once_and_keeps_its_bytes_when_everything_changes(seller: Seller) -> None:
    customer = ada(seller)
    invoice = issue(customer)
    first = read_file(get_or_render(invoice, on=TODAY, actor=SYSTEM))
    customer.company, customer.street = "Neu GmbH", "Neue Straße 1"
    customer.save()
    seller.intro_text_de, seller.accent_colour = "Ganz neu", "#ff0000"
    seller.save()

    assert render_invoices([invoice.pk], on=TODAY, actor=SYSTEM) == []
    assert read_file(get_or_render(invoice, on=TODAY, actor=SYSTEM)) == first
    assert PaperFile.objects.filter(paper_id=invoice.pk).count() == 2
    assert Event.objects.filter(name="paper.rendered", subject_id=invoice.pk).count() == 1
    assert "Neu GmbH" not in text_of(first)
    later = issue(customer)
    assert "Neu GmbH" in text_of(read_file(get_or_render(later, on=TODAY, actor=SYSTEM)))


@pytest.mark.invariant("I-D1")
def test_the_frozen_document_reads_snapshots_and_not_the_parties(seller: Seller) -> None:
    customer = ada(seller)
    invoice = issue(customer)
    before = freeze_invoices([invoice.pk])[invoice.pk].to_json()
    customer.company = "Neu GmbH"
    customer.save()
    seller.name, seller.qr_mode = "Anders GmbH", "none"
    seller.save()
    seller.bank_accounts.update(iban="DE02120300000000202051")
    assert freeze_invoices([invoice.pk])[invoice.pk].to_json() == before


def test_a_vat_id_found_invalid_is_not_printed_and_one_found_valid_again_is(seller: Seller) -> None:
    customer = ada(seller, vat_id="ATU12345675", vat_id_state="invalid")
    printed = []
    for state in ("invalid", "checked", "invalid"):
        Customer.objects.filter(pk=customer.pk).update(vat_id_state=state)
        invoice = issue(customer)
        printed.append(freeze_invoices([invoice.pk])[invoice.pk].invoice.buyer.vat_id)

    assert printed == ["", "ATU12345675", ""]


def test_freezing_many_documents_asks_as_often_as_for_one(seller: Seller, django_assert_num_queries: Any) -> None:
    customers = [ada(seller), bob(seller)]
    ids = [issue(customer).pk for customer in customers for _ in range(3)]
    with django_assert_num_queries(5):
        assert set(freeze_invoices(ids)) == set(ids)


def test_the_deviating_address_is_in_the_window_only(seller: Seller) -> None:
    customer = ada(
        seller,
        has_invoice_address=True,
        invoice_name="Steuerberatung Wögerbauer",
        invoice_care_of="Agentur Huber",
        invoice_department="Kreditoren",
        invoice_street="Weg 7",
        invoice_postal_code="10115",
        invoice_city="Berlin",
        invoice_country="DE",
    )
    document = freeze_invoices([(invoice := issue(customer)).pk])[invoice.pk]
    assert document.recipient == (
        "Steuerberatung Wögerbauer",
        "c/o Agentur Huber",
        "Kreditoren",
        "Weg 7",
        "10115 Berlin",
        "Deutschland",
    )
    assert (document.invoice.buyer.name, document.invoice.buyer.address.city) == (customer.name, "Wien")


def test_what_was_paid_before_is_taken_off_what_is_due(seller: Seller) -> None:
    """BT-113: on the paper, and in the XML by its own rule (BR-CO-16)."""
    rows = _read([issue(ada(seller), line("100.00")).pk])
    (invoice,) = rows.invoices
    invoice.prepaid_amount, invoice.amount_due = Decimal("50.00"), Decimal("70.00")

    document = freeze(invoice, rows)

    assert document.invoice.paid_amount == Decimal("50.00") and find_violations(document.invoice) == []
    assert [row["amount"] for row in totals_of(document)][-2:] == ["−50,00\u00a0EUR", "70,00\u00a0EUR"]


def test_a_document_outside_the_scope_names_no_vat_ids_in_its_xml(seller: Seller) -> None:
    customer = ada(seller, country="CH", vat_id="", vat_id_state="none", postal_code="8001", city="Zürich")
    outside = line("50.00", category="O", rate=Decimal(0), country="", exemption_reason="Nicht steuerbar")
    invoice = issue(customer, outside)
    get_or_render(invoice, on=TODAY, actor=SYSTEM)
    xml = find_file(invoice, "xml")
    assert xml is not None
    assert b"ATU12345675" not in read_file(xml)


@pytest.mark.parametrize(("is_full", "title"), [(True, "Stornorechnung"), (False, "Rechnungskorrektur")])
def test_corrections_name_the_original_ask_for_no_money_and_are_no_gutschrift(
    seller: Seller, is_full: bool, title: str
) -> None:
    invoice = issue(ada(seller), line("40.00"))
    amount = "40.00" if is_full else "15.00"
    correction = cancel(invoice, line(amount, corrected_position=1), is_full=is_full)
    document = freeze_invoices([correction.pk])[correction.pk]
    assert payload_of(document) == ""
    assert document.invoice.preceding_invoices[0].number == invoice.number
    printed = text_of(read_file(get_or_render(correction, on=TODAY, actor=SYSTEM)))
    assert title in printed and invoice.number in printed
    assert "gutschrift" not in printed.lower()
    assert "IBAN" in printed  # the footer's; no payment box
    assert "Verwendungszweck" not in printed


@pytest.mark.feature("M47")
@pytest.mark.feature("M48")
@pytest.mark.feature("M49")
def test_the_document_says_how_and_until_when_to_pay(seller: Seller) -> None:
    invoice = issue(ada(seller))
    document = freeze_invoices([invoice.pk])[invoice.pk]
    assert document.payment_purpose == f"Kunde 11001 / Rechnung {invoice.number}"
    assert document.rf_reference == invoice.payment_reference != ""
    assert (invoice.due_date - invoice.issue_date).days == 7
    assert "30.11.2026" in document.invoice.payment_terms
    assert invoice.payment_reference in payload_of(document)


@pytest.mark.feature("M32")
def test_a_collective_invoice_is_grouped_by_contract(seller: Seller) -> None:
    customer = ada(seller)
    one, two = contract(customer, "V1", "a.at"), contract(customer, "V2", "b.at")
    lines = [line(contract=one), line(contract=two), line(contract=one), line("5.00", kind="one_off")]
    invoice = issue(customer, *lines, is_collective=True)
    groups = freeze_invoices([invoice.pk])[invoice.pk].groups
    assert [(group.heading, group.line_ids) for group in groups] == [
        ("Vertrag V1", ("1", "3")),
        ("Vertrag V2", ("2",)),
        ("Einmalige Leistungen", ("4",)),
    ]


def test_a_document_that_cannot_be_rendered_stops_no_other(seller: Seller) -> None:
    good, bad = issue(ada(seller)), issue(bob(seller, country="XX"))
    assert render_invoices([bad.pk, good.pk], on=TODAY, actor=SYSTEM) == [good.pk]
    failure = RenderFailure.objects.get(paper_id=bad.pk)
    assert "BR-CL-14" in failure.last_error and failure.attempts == 1
    render_invoices([bad.pk], on=TODAY, actor=SYSTEM)
    failure.refresh_from_db()
    assert failure.attempts == 1  # its pause is not over
    for attempts in (2, 3, 4, 5):
        RenderFailure.objects.update(next_attempt_at=utc_now())
        render_invoices([bad.pk], on=TODAY, actor=SYSTEM)
        failure.refresh_from_db()
        assert failure.attempts == attempts
    assert (failure.state, failure.next_attempt_at) == ("failed", None)
    ask_for_files([bad.pk], on=TODAY, actor=CLARA)
    render_invoices([bad.pk], on=TODAY, actor=SYSTEM)
    failure.refresh_from_db()
    assert (failure.state, failure.attempts) == ("queued", 1)


@pytest.mark.invariant("I-D1")
def test_the_link_to_a_file_cannot_be_bent(seller: Seller) -> None:
    invoice = issue(ada(seller))
    render_invoices([invoice.pk], on=TODAY, actor=SYSTEM)
    for change in (
        lambda: PaperFile.objects.filter(paper_id=invoice.pk).update(template_version="9"),
        lambda: PaperFile.objects.filter(paper_id=invoice.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    second = PaperFile.objects.get(paper_id=invoice.pk, kind="pdf")
    second.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save(force_insert=True)


def wrong_files() -> list[Any]:
    """What ``verify`` says of stored files."""
    with connection.cursor() as cursor:
        cursor.execute(CHECKS[0].sql, CHECKS[0].params)
        return list(cursor.fetchall())


def without_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on no document can be typeset; its XML can be written."""
    frozen = INVOICE.freeze

    def freeze_old(ids: Any) -> Any:
        return {id_: replace(cast("FrozenDocument", one), template_version="0") for id_, one in frozen(ids).items()}

    monkeypatch.setitem(_KINDS, INVOICE.code, replace(INVOICE, freeze=freeze_old))


def test_what_cannot_be_typeset_has_its_xml_and_gets_its_pdf_later(
    seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = issue(ada(seller))
    with monkeypatch.context() as patched:
        without_pdf(patched)
        assert render_papers(kind_of(INVOICE.code), [invoice.pk], on=TODAY, actor=SYSTEM) == []
    xml = find_file(invoice, "xml")
    assert xml is not None and find_file(invoice, "pdf") is None
    assert RenderFailure.objects.filter(paper_id=invoice.pk).exists()
    RenderFailure.objects.update(next_attempt_at=utc_now())

    assert render_invoices([invoice.pk], on=TODAY, actor=SYSTEM) == [invoice.pk]

    pdf = find_file(invoice, "pdf")
    assert pdf is not None and extract_xml(read_file(pdf)) == read_file(xml)
    assert not RenderFailure.objects.exists()
    assert wrong_files() == []


def test_who_wants_the_xml_does_not_wait_for_typesetting(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    invoice = issue(ada(seller))
    without_pdf(monkeypatch)

    xml = get_or_render(invoice, "xml", on=TODAY, actor=SYSTEM)

    assert read_cii(read_file(xml)).number == invoice.number
    assert find_file(invoice, "pdf") is None and wrong_files() == []


@pytest.mark.parametrize("picture", [b"\x89PNG\r\n\x1a\n", b"<svg"])
def test_a_document_with_a_broken_picture_is_typeset_without_it(seller: Seller, picture: bytes) -> None:
    seller.logo = store_file(picture, "image/png")
    seller.save()
    invoice = issue(ada(seller))

    assert render_invoices([invoice.pk], on=TODAY, actor=SYSTEM) == [invoice.pk]

    pdf = find_file(invoice, "pdf")
    assert pdf is not None and invoice.number in text_of(read_file(pdf))
